"""Immutable messages from the trainer to whoever watches it. All arrays are read-only copies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.signal import Signal
from core.update_log import NO_UPDATES, UpdateSeries

if TYPE_CHECKING:
    from core.prediction import Prediction
    from core.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A figure a person understands: its name, its value, its unit ("%" values are 0…100) and which way is better."""

    name: str
    value: float
    unit: str = ""
    is_higher_better: bool = True


@dataclass(frozen=True)
class Evaluation:
    """How the network does on held-out sequences after ``step`` updates."""

    step: int
    loss: float
    metric: Metric
    is_solved: bool


@dataclass(frozen=True)
class Mark:
    """A change made while running, to be drawn on the curves: at which update, and in words ("rate 0.001 → 0.01").

    ``is_rewind``: not a change, but the place that the run was rewound to. ``short`` says it where there is little room, "" as the label.
    ``change``: which of the run's journal it belongs to, from 0; None where the run can't go back to before it.
    """

    step: int
    label: str
    is_rewind: bool = False
    short: str = ""
    change: int | None = field(default=None, compare=False)

    @property
    def short_label(self) -> str:
        """What it is called where there is little room."""
        return self.short or self.label


@dataclass(frozen=True)
class LayerTrace:
    """One layer over the probe sequence of T steps, H units.

    Attributes
    ----------
    signals : the cell's gates and states in display order
    values : signal name -> (T, H)
    gradient_h : (T,)
        ‖∂L/∂h_t‖, Euclidean over units, mean over the probe batch's sequences of T steps; the total derivative.
    gradient_c, gradient_c_alone : (T,) or None
        ‖∂L/∂C_t‖, total, and the part that comes back through the cell state alone; None for cells without C.
    is_backward : whether it reads the sequence from its end
    """

    signals: tuple[Signal, ...]
    values: Mapping[str, Floats]
    gradient_h: Floats
    gradient_c: Floats | None
    gradient_c_alone: Floats | None
    is_backward: bool = False


@dataclass(frozen=True)
class Trace:
    """What one sequence did inside the network.

    Attributes
    ----------
    inputs : (T, D); (T_in, D) where there is a decoder
    input_labels : T short texts, one a step ("0.63", "the", "c")
        With an encoder the T_in steps that it reads, then the decoder's: what was written before each.
    marked_steps : steps (from 0) that matter to the task, drawn as triangles on every time axis; also the decoder's first
    outputs : (T, O)
        The head's answer at every step, after softmax or sigmoid; for sequence_to_vector tasks "the answer if asked at t"
        (a backward direction has read all of the sequence). NaN while an encoder reads.
    layers : bottom first; where they read both ways, forward and backward of each
    decoder_start : the decoder's first step; None without one
    """

    inputs: Floats
    input_labels: tuple[str, ...]
    marked_steps: tuple[int, ...]
    outputs: Floats
    layers: tuple[LayerTrace, ...]
    decoder_start: int | None = None

    @property
    def seq_len(self) -> int:
        """T."""
        return len(self.input_labels)


@dataclass(frozen=True)
class Divergence:
    """A NaN or an infinity appeared in update ``step``; ``what`` says where it was first seen."""

    step: int
    what: str


@dataclass(frozen=True)
class Snapshot:
    """The state of a run after ``step`` updates.

    Attributes
    ----------
    run_id : identity of the run; messages of another run are dropped
    losses : (n,) loss of the updates ``step - n + 1 … step``: every one since the last snapshot
    evaluations, marks : those since the last snapshot
    gradient_norm, clipped_share : norm before clipping of the last update; share of clipped updates among ``losses``, 0…1
    learning_rate : of the next update, as schedule and warm-up have it
    updates : gradient norms before and after clipping and learning rates of the updates that ``losses`` are of
    is_replaced : True where ``losses`` starts again at update 1 and earlier curves of this run are to be dropped
    unchanged_until : where ``is_replaced``, after how many updates what was told before is no longer this run's
    trace, prediction : None where not asked for
    solved_below : the held-out loss below which the task counts as solved; None where its metric decides
    looks : name -> result of the looks that were asked for
    """

    run_id: int
    settings: "Settings"
    step: int
    losses: Floats
    evaluations: tuple[Evaluation, ...]
    marks: tuple[Mark, ...]
    parameter_count: int
    baseline_loss: float
    solved_at: int | None
    gradient_norm: float
    clipped_share: float
    learning_rate: float
    is_replaced: bool = False
    unchanged_until: int = 0
    divergence: Divergence | None = None
    trace: Trace | None = None
    prediction: "Prediction | None" = None
    updates: UpdateSeries = NO_UPDATES
    looks: Mapping[str, Any] = field(default_factory=dict)
    solved_below: float | None = None
