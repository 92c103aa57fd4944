"""What the library of past runs knows of a run: facts taken from it, and the row that holds them."""

import math
import tomllib
from dataclasses import dataclass, field

import numpy as np

from core import registry
from core.errors import InputError
from core.settings import Settings
from core.snapshot import Divergence, Metric
from core.trainer import Trainer
from core.trainer_state import TrainerState

CURVE_POINTS = 64
RECENT = 100
SMALLEST_LOSS = 1e-30


@dataclass(frozen=True)
class RunMoment:
    """A run as it is now: what it continues from, and what only its trainer knows.

    ``updates_trained`` and ``seconds`` count from where it began, or was reopened; waiting does not count.
    """

    state: TrainerState
    parameters: int
    baseline_loss: float
    divergence: Divergence | None
    updates_trained: int
    seconds: float


def moment_of(trainer: Trainer, updates_trained: int, seconds: float) -> RunMoment:
    """Copies of all that the library keeps of a run."""
    parameters = trainer.network.layout.parameter_count
    return RunMoment(trainer.state(), parameters, trainer.task.baseline_loss, trainer.divergence, updates_trained, seconds)


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What can be shown and searched of a run.

    Attributes
    ----------
    preset : the preset that it began with, "" for none
    settings_toml : all settings as they were last; task … seed are parts of them
    loss, best_loss : mean training loss of the last 100 updates; smallest held-out loss; None where there is none
    metric_… : the best figure on held-out data; "" and None where nothing was measured
    solved_at, diverged_at : update; None where it did not
    curve : (n,) float32, n ≤ 64
        log10 of the training loss, means over n equal stretches from the first update to the last.
    parent : id of the run that this one was reopened from
    """

    preset: str = ""
    settings_toml: str
    task: str
    cell: str
    hidden_size: int
    num_layers: int
    optimizer: str
    learning_rate: float
    seed: int
    parameters: int
    updates: int
    seconds: float
    loss: float | None
    best_loss: float | None
    baseline_loss: float | None
    metric_name: str = ""
    metric_value: float | None = None
    metric_unit: str = ""
    is_higher_better: bool = True
    solved_at: int | None = None
    diverged_at: int | None = None
    curve: np.ndarray = field(compare=False, repr=False)
    parent: int | None = None

    @property
    def settings(self) -> Settings:
        """All settings. Raises InputError where this version has no such task, cell or key any more."""
        try:
            return Settings.from_dict(tomllib.loads(self.settings_toml))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"the settings of this run can't be read: {error}") from None

    @property
    def task_title(self) -> str:
        """The task as people call it."""
        task = registry.tasks().get(self.task)
        return self.task if task is None else task.title

    @property
    def network_title(self) -> str:
        """The network in short: LSTM, 32 units; or with layers, GRU, 2 × 16 units."""
        cell = registry.cells().get(self.cell)
        layers = f"{self.num_layers} × " if self.num_layers > 1 else ""
        unit = "unit" if self.hidden_size * self.num_layers == 1 else "units"
        return f"{self.cell if cell is None else cell.title}, {layers}{self.hidden_size} {unit}"


@dataclass(frozen=True, kw_only=True)
class RunRecord(RunFacts):
    """A row of the library. Times are seconds since 1970; ``name`` and ``note`` are a person's own, "" at first.

    ``has_session``: whether it can be reopened; sessions of old runs go first where room is short. ``deleted_at`` is None for a run
    that was not thrown away.
    """

    id: int
    begun_at: float
    updated_at: float
    name: str = ""
    note: str = ""
    is_favourite: bool = False
    has_session: bool = False
    deleted_at: float | None = None

    @property
    def short_title(self) -> str:
        """The same where room is scarce: Parity, GRU 2 × 16."""
        return self.name or f"{self.task_title}, {self.network_title.removesuffix('s').removesuffix(' unit').replace(',', '')}"

    @property
    def title(self) -> str:
        """Its name, or what it is."""
        return self.name or f"{self.task_title}, {self.network_title}"


def facts_of(moment: RunMoment, preset: str = "", parent: int | None = None, seconds_before: float = 0.0) -> RunFacts:
    """The facts of a run; ``seconds_before`` were spent before it was reopened."""
    state = moment.state
    settings = state.settings
    metric = _best_metric([evaluation.metric for evaluation in state.evaluations])
    held_out = [evaluation.loss for evaluation in state.evaluations if math.isfinite(evaluation.loss)]
    recent = state.losses[-RECENT:]
    return RunFacts(
        preset=preset,
        settings_toml=settings.to_toml(),
        task=settings.task.name,
        cell=settings.network.cell,
        hidden_size=settings.network.hidden_size,
        num_layers=settings.network.num_layers,
        optimizer=settings.training.optimizer,
        learning_rate=settings.training.learning_rate,
        seed=settings.training.seed,
        parameters=moment.parameters,
        updates=state.step_count,
        seconds=seconds_before + moment.seconds,
        loss=_finite(float(np.mean(recent))) if len(recent) else None,
        best_loss=min(held_out, default=None),
        baseline_loss=_finite(moment.baseline_loss),
        metric_name=metric.name if metric else "",
        metric_value=metric.value if metric else None,
        metric_unit=metric.unit if metric else "",
        is_higher_better=metric.is_higher_better if metric else True,
        solved_at=state.solved_at,
        diverged_at=moment.divergence.step if moment.divergence else None,
        curve=thumbnail_curve(state.losses),
        parent=parent,
    )


def thumbnail_curve(losses: np.ndarray, points: int = CURVE_POINTS) -> np.ndarray:
    """log10 of ``losses`` (updates,) as means over at most ``points`` equal stretches, (n,) float32; what is not finite is left out."""
    known = losses[np.isfinite(losses)]
    if not len(known):
        return np.zeros(0, np.float32)
    logs = np.log10(np.maximum(known, SMALLEST_LOSS))
    edges = np.linspace(0, len(logs), min(points, len(logs)) + 1).astype(np.int64)
    return (np.add.reduceat(logs, edges[:-1]) / np.diff(edges)).astype(np.float32)


def _best_metric(metrics: list[Metric]) -> Metric | None:
    known = [metric for metric in metrics if math.isfinite(metric.value)]
    return max(known, key=lambda metric: metric.value if metric.is_higher_better else -metric.value, default=None)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
