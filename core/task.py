"""The contract of a task. Each file in core/tasks/ exports one as TASK."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from core.batch import Array, Batch
from core.errors import InputError
from core.fields import fields_of
from core.pads import Pad
from core.prediction import Answer, Prediction
from core.readers import recognise_file
from core.readers.recognition import Recognition
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.state_label import StateLabel
from core.topology import HAS_DECODER, Topology

Group = Literal["everyday", "classic"]
Loss = Literal["squared_error", "cross_entropy", "binary_cross_entropy"]


class Forward(Protocol):
    """The network, as a task sees it."""

    def __call__(self, x: Array, lengths: np.ndarray | None, output_len: int | None = None) -> np.ndarray:
        """The head's answers after softmax or sigmoid, at every step: x (T, B, D) -> (T, B, O).

        Where the task writes a sequence of its own (vector_to_sequence, encoder_decoder) it is what the network writes when it reads
        its own likeliest outputs: (``output_len``, B, O); None: as long as the task's longest output.
        """


HELD_OUT_SEED = 20_241


class Task(ABC):
    """A sequence task: makes data, and says what counts as good.

    Class attributes name it, ``Settings`` is its frozen dataclass of fields, ``card`` its plain-language description (what
    goes in, what must come out, what makes it hard), ``group`` the part of the gallery it stands in, ``default_length`` how many
    symbols or steps ahead it answers unasked, ``input_example`` an input that ``answer`` can read, ``pad`` what can be drawn
    instead, ``answer_files`` the endings of files that ``answer`` reads by itself (the text of a .txt is otherwise read for it).
    ``solved_metric`` is the criterion of a task whose metric decides: at least so much, or less than that where little is good.
    ``length_field`` is the setting that makes its sequences longer. ``baseline_label`` says what the predictor
    lacks, or knows, whose loss is the baseline.
    ``is_about_text``: its answers are best read, and a window shows them first.
    ``is_causal``: each answer must come before the rest of the input is read, so that no layer may read it from its end.
    ``has_stream``: its data are one long sequence that batches can be taken from in turn. An instance is made from settings; it
    raises InputError where the user's file can't be used. Instances are immutable: sampling is a function of the generator alone.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    card: ClassVar[str]
    order: ClassVar[int] = 100
    group: ClassVar[Group] = "everyday"
    topology: ClassVar[Topology]
    loss: ClassVar[Loss]
    loss_unit: ClassVar[str]
    baseline_label: ClassVar[str] = "without memory"
    solved_metric: ClassVar[float | None] = None
    default_length: ClassVar[int] = 1
    input_example: ClassVar[str]
    answer_files: ClassVar[tuple[str, ...]] = ()
    pad: ClassVar[Pad | None] = None
    length_field: ClassVar[str] = "seq_len"
    is_about_text: ClassVar[bool] = False
    is_causal: ClassVar[bool] = False
    has_stream: ClassVar[bool] = False
    Settings: ClassVar[type]

    def __init__(self, settings: Any, vocabulary: dict[str, Any] | None = None) -> None:
        """Read the data that ``settings`` name. With ``vocabulary`` (of a session) a missing file is no error until ``sample``."""
        self.settings = settings

    @classmethod
    def data_path(cls, settings: Any) -> str:
        """The file that is read with ``settings``, a person's own or the bundled one; "" where there is none."""
        return str(getattr(settings, "file", ""))

    @classmethod
    def recognise(cls, settings: Any) -> Recognition | None:
        """What was recognised in that file, to be shown before training; None where there is no file. Raises InputError."""
        path = cls.data_path(settings)
        return recognise_file(path) if path else None

    @classmethod
    def suits(cls, path: str, contents: Sequence[str]) -> int:
        """How well the file ``path`` suits: 0 not at all, 1 it can be read, 2 altogether.

        ``contents`` is all that it can be read as, what it looks like first (``readers.head``); where nothing is known, its ending counts.
        """
        info = fields_of(cls.Settings).get("file")
        if info is None or not path.lower().endswith(info.suffixes):
            return 0
        if not contents or not info.holds:
            return 1
        return (info.holds in contents) + (info.holds == contents[0])

    @property
    @abstractmethod
    def input_size(self) -> int:
        """D, the length of one input vector."""

    @property
    @abstractmethod
    def output_size(self) -> int:
        """O, the length of one output vector."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each of the O outputs stands for, where that can be named: a class, a symbol; none where they are measured values."""
        if self.topology in HAS_DECODER and self.loss == "cross_entropy":
            return self.label_outputs(np.arange(self.output_size))
        return ()

    @property
    def output_len(self) -> int:
        """Steps of the longest output, its end included, of a task that writes a sequence of its own."""
        raise NotImplementedError(f"{self.name} answers in step with its input")

    @abstractmethod
    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Draw ``count`` training sequences."""

    def stream(self, rng: np.random.Generator, position: int, count: int) -> Batch:
        """The next piece of ``count`` streams side by side, ``position`` steps after their start, of a task that has them.

        Its ``continues`` says which of them go on there; at their end they begin again.
        """
        raise NotImplementedError(f"{self.name} has no stream")

    def held_out(self, count: int) -> Batch:
        """``count`` sequences, always the same, that training never draws."""
        return self.sample(np.random.default_rng(HELD_OUT_SEED), count)

    def longer(self, factor: int) -> "Task":
        """The same task with sequences ``factor`` times as long, for the same network: does it still know what to do there?

        Its held-out set is what the network is tested on. It may be beyond the range that the setting has for training.
        """
        if not hasattr(self.settings, self.length_field):
            raise InputError(f"{self.name}: its sequences have no length that could be changed")
        length = factor * getattr(self.settings, self.length_field)
        return type(self)(replace(self.settings, **{self.length_field: length}), self.vocabulary())

    @cached_property
    def baseline_loss(self) -> float:
        """Loss of the best predictor without memory, or without what ``baseline_label`` says."""
        return self._compute_baseline_loss()

    @abstractmethod
    def _compute_baseline_loss(self) -> float: ...

    @abstractmethod
    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """The task's figure for ``answers`` ((T, B, O) or (B, O), after softmax or sigmoid) on ``batch``."""

    @property
    def solved_below(self) -> float | None:
        """The held-out loss below which it counts as solved; None where the metric decides."""
        return None

    def is_solved(self, loss: float, metric: Metric) -> bool:
        """Whether held-out ``loss`` and ``metric`` meet the task's criterion."""
        if self.solved_below is not None:
            return bool(loss < self.solved_below)
        if self.solved_metric is None:
            raise NotImplementedError(f"{self.name} says neither solved_below nor solved_metric")
        return bool(metric.value >= self.solved_metric if metric.is_higher_better else metric.value < self.solved_metric)

    @abstractmethod
    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """A short text for each step of one sequence (T, D)."""

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        """A short text for each output (T_out,) of one sequence, of a task that writes a sequence of its own."""
        raise NotImplementedError(f"{self.name} answers in step with its input")

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """Steps of one sequence (T, D) that matter, counted from 0."""
        return ()

    def state_labels(self, batch: Batch) -> tuple[StateLabel, ...]:
        """What a person may expect the states to hold at each step of ``batch``, beyond inputs, targets and position (a count)."""
        return ()

    def step_heights(self, inputs: np.ndarray) -> np.ndarray | None:
        """A height for each step of one sequence (T, D), NaN where it has none, of a task whose symbols lie high and low (notes)."""
        return None

    @abstractmethod
    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """What the network does on sequence 0 of ``probe`` (whose trace is given) and, where useful, on held-out data."""

    @abstractmethod
    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """Answer one input that a person typed; raises InputError where ``text`` can't be read."""

    def vocabulary(self) -> dict[str, Any]:
        """What a session must keep so that the trained network can be used without the user's file."""
        return {}
