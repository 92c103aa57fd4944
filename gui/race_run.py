"""One run of a race, as the window knows it: what it is called, what it has shown, what was measured of it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.race import Measured, cell_title, flow_of, measure, top_layer
from core.settings import Settings, all_fields
from core.snapshot import Snapshot, Trace
from gui.controls.number_text import plain_number
from gui.growing_array import GrowingArray
from gui.race_pace import EARLY_UPDATE
from gui.race_time import RaceTime
from gui.run_history import RunHistory

Floats = NDArray[np.float64]
# What may differ between the runs of a race besides the cell and its size: their data stay the same.
VARIED = ("network.init", "training.optimizer", "training.learning_rate", "training.clip_norm")
SHORT_LABELS = {"network.init": "start", "training.optimizer": "", "training.learning_rate": "rate", "training.clip_norm": "clip"}


@dataclass(frozen=True)
class Entry:
    """What to run: ``settings``, with as many parameters as ``base`` has where ``is_matched``."""

    settings: Settings
    base: Settings
    is_matched: bool

    @cached_property
    def name(self) -> str:
        """The cell, its size where that does not follow from the parameters, and what else sets it apart: "LSTM 16, rate 0.01"."""
        own, base = self.settings.to_dict(), self.base.to_dict()
        cell = cell_title(self.settings.network.cell)
        parts = [cell if self.is_matched else f"{cell} {self.settings.network.hidden_size}"]
        for key in VARIED:
            section, _, field = key.partition(".")
            value = own[section][field]
            if value != base[section][field]:
                info = all_fields(self.settings)[key]
                shown = "off" if value == info.off_value else plain_number(value) if isinstance(value, float) else str(value)
                parts.append(f"{SHORT_LABELS[key]} {shown}".strip())
        return ", ".join(parts)


@dataclass(frozen=True)
class Flow:
    """‖∂L/∂h_t‖ (T,), and ‖∂L/∂C_t‖ (T,) where there is a cell state, of the top layer after ``step`` updates."""

    step: int
    gradient_h: Floats
    gradient_c: Floats | None


class RaceRun:
    """``letter`` is its badge, A … F; ``run_id`` changes when it begins anew.

    ``awaits_kernels``: they are being compiled. ``word`` is its state on screen, ``said`` what its worker said of it. ``flows`` are its
    gradients at first, early, and now. ``solved_below`` is the held-out loss that counts as solved, None where something else decides.
    """

    def __init__(self, letter: str, entry: Entry, run_id: int) -> None:
        self.letter = letter
        self.entry = entry
        self.begin_anew(run_id)

    def begin_anew(self, run_id: int) -> None:
        """Forget all that was shown."""
        self.run_id = run_id
        self.settings = self.entry.settings
        self.history = RunHistory()
        self.word, self.said = "Loading", ""
        self.is_running = self.is_stopped = self.has_ended = False
        self.parameters = 0
        self.solved_below: float | None = None
        self.awaits_kernels = False
        self._time = RaceTime(0, 0.0, None, True)
        self.flows: dict[str, Flow] = {}
        self.marked_steps: tuple[int, ...] = ()
        self._clock_steps, self._clock_seconds = GrowingArray(), GrowingArray()
        self._trace: Trace | None = None

    @property
    def name(self) -> str:
        """What it is called, without its letter."""
        return self.entry.name

    @property
    def title(self) -> str:
        """Letter and name: "A, RNN"."""
        return f"{self.letter}, {self.name}"

    @property
    def step(self) -> int:
        """Updates done, as last shown."""
        return self.history.step

    @property
    def seq_len(self) -> int:
        """T of the gradients."""
        return self._trace.seq_len if self._trace is not None else 0

    def take(self, snapshot: Snapshot) -> None:
        """Take in a snapshot."""
        self.history.add(snapshot)
        self.settings, self.parameters = snapshot.settings, snapshot.parameter_count
        self.solved_below = snapshot.solved_below
        if snapshot.trace is None:
            return
        self._trace = snapshot.trace
        self.marked_steps = snapshot.trace.marked_steps
        layer = top_layer(snapshot.trace)
        if layer is not None:
            flow = Flow(snapshot.step, layer.gradient_h, layer.gradient_c)
            self.flows.setdefault("first", flow)
            if snapshot.step == EARLY_UPDATE:
                self.flows["early"] = flow
            self.flows["now"] = flow

    def note_time(self, taken: RaceTime) -> None:
        """What its updates took. When the kernels have caught up, the seconds of its slow beginning count no longer."""
        if self._time.is_slow != taken.is_slow:
            self._clock_steps, self._clock_seconds = GrowingArray(), GrowingArray()
        self._time = taken
        known = self._clock_steps.values
        if not len(known) or known[-1] < taken.updates:
            self._clock_steps.extend(np.array([float(taken.updates)]))
            self._clock_seconds.extend(np.array([taken.seconds]))

    @property
    def seconds(self) -> float:
        """Of training, as last shown."""
        return self._time.seconds

    @property
    def seconds_to_solved(self) -> float | None:
        """Of training, until the task's criterion was met."""
        return self._time.to_solved

    @property
    def is_compiling(self) -> bool:
        """Whether it trains on slow steps until its kernels are there."""
        return self.awaits_kernels and self._time.is_slow

    def seconds_at(self, updates: Floats) -> Floats:
        """Seconds of training after ``updates`` (n,), between the moments at which they were read."""
        return np.interp(updates, np.append(0.0, self._clock_steps.values), np.append(0.0, self._clock_seconds.values))

    def update_at(self, seconds: float) -> float:
        """The update that was done after ``seconds`` of training; the newest where it has not trained for so long."""
        return float(np.interp(seconds, np.append(0.0, self._clock_seconds.values), np.append(0.0, self._clock_steps.values)))

    def measured(self) -> Measured:
        """What was measured so far."""
        history = self.history
        return measure(
            self.settings,
            self.parameters,
            history.step,
            self.seconds,
            history.evaluations,
            history.solved_at,
            self.seconds_to_solved,
            history.trace,
            history.divergence.step if history.divergence is not None else None,
            self.is_compiling,
        )

    def steps_to_fade(self, share: float) -> int | None:
        """Time steps after which the gradient on its way back is below ``share`` of its size; None where it never is."""
        layer = top_layer(self._trace) if self._trace is not None else None
        if layer is None:
            return None
        _symbol, norms = flow_of(layer)
        there = np.flatnonzero(norms > 0)
        if not np.isfinite(norms).all() or not len(there):
            return None
        last = int(there[-1])
        gone = np.flatnonzero(norms[:last] < share * norms[last])
        return last - int(gone[-1]) if len(gone) else None
