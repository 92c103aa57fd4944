"""What a comparison of runs measures, and its table.

A run is measured by what it did: nothing here is computed from a formula or known beforehand.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import registry
from core.settings import Settings
from core.snapshot import Evaluation, LayerTrace, Metric, Trace
from core.training_time import MEASURED_FROM

MOST_RUNS = 6
HIDDEN_FLOW, CELL_FLOW = "‖∂L/∂h‖", "‖∂L/∂C‖"
CLEAR = 0.1
"""What was measured must differ by this share for one of two to be the better."""
DIGITS = 3
"""Those that are shown; what is equal in them is equal."""
NOT_YET, COMPILING = "not yet", "compiling"


@dataclass(frozen=True)
class GradientLeft:
    """``share`` is the size of the gradient at time step ``first`` (from 1), of its size at step ``last``; ``symbol`` says of what."""

    share: float
    first: int
    last: int
    symbol: str


@dataclass(frozen=True)
class Measured:
    """What was measured of one run. None where there is nothing to say yet, or no clock was read.

    Attributes
    ----------
    cell, hidden_size, parameters : what was trained
    updates : how many were done
    updates_per_second : of training alone (see TrainingTime), in updates per second
    solved_at, seconds_to_solved : the update, and the seconds of training, after which the task's criterion was met
    best_loss : the lowest held-out loss
    best_metric : the task's own figure at its best
    gradient_left : how much of the gradient comes back to the first time step
    diverged_at : the update that ended the run in a NaN or an infinity
    is_compiling : it trains slowly until its kernels are compiled: its speed says nothing yet
    """

    cell: str
    hidden_size: int
    parameters: int
    updates: int
    updates_per_second: float | None
    solved_at: int | None
    seconds_to_solved: float | None
    best_loss: float | None
    best_metric: Metric | None
    gradient_left: GradientLeft | None
    diverged_at: int | None = None
    is_compiling: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the table: ``values`` run by run, None where there is none; ``is_best`` marks the winners, where one can win.

    ``unit`` is "", "%" (values are 0…100) or a word; ``note`` says what else one must know; ``gaps`` are the words where there is no
    value, run by run, "" for none.
    """

    key: str
    label: str
    short_label: str
    values: tuple[float | None, ...]
    is_best: tuple[bool, ...]
    unit: str = ""
    note: str = ""
    gaps: tuple[str, ...] = ()


def top_layer(trace: Trace) -> LayerTrace | None:
    """The top layer; of two directions the forward one, whose last step is the last in time."""
    return next((layer for layer in reversed(trace.layers) if not layer.is_backward), None)


def flow_of(layer: LayerTrace) -> tuple[str, np.ndarray]:
    """The gradient that ``layer`` hands back through time, (T,), and its symbol: along the cell state where there is one."""
    return (HIDDEN_FLOW, layer.gradient_h) if layer.gradient_c is None else (CELL_FLOW, layer.gradient_c)


def gradient_left(trace: Trace | None) -> GradientLeft | None:
    """How much of the gradient of the last time step that has one is left at the first; None where there is nothing to compare."""
    layer = top_layer(trace) if trace is not None else None
    if layer is None:
        return None
    symbol, norms = flow_of(layer)
    there = np.flatnonzero(norms > 0)
    if not np.isfinite(norms).all() or not len(there) or there[-1] == 0:
        return None
    last = int(there[-1])
    return GradientLeft(float(norms[0] / norms[last]), 1, last + 1, symbol)


def best_loss(evaluations: Sequence[Evaluation]) -> float | None:
    """The lowest finite held-out loss."""
    return min((evaluation.loss for evaluation in evaluations if math.isfinite(evaluation.loss)), default=None)


def best_metric(evaluations: Sequence[Evaluation]) -> Metric | None:
    """The task's figure at its best."""
    metrics = [evaluation.metric for evaluation in evaluations if math.isfinite(evaluation.metric.value)]
    if not metrics:
        return None
    return max(metrics, key=lambda metric: metric.value if metric.is_higher_better else -metric.value)


def measure(
    settings: Settings,
    parameters: int,
    updates: int,
    seconds: float | None,
    evaluations: Sequence[Evaluation],
    solved_at: int | None,
    seconds_to_solved: float | None,
    trace: Trace | None,
    diverged_at: int | None,
    is_compiling: bool = False,
) -> Measured:
    """Put together what is known of a run that trained for ``seconds``."""
    is_timed = not is_compiling and bool(seconds)
    return Measured(
        cell=settings.network.cell,
        hidden_size=settings.network.hidden_size,
        parameters=parameters,
        updates=updates,
        updates_per_second=updates / seconds if seconds and is_timed and updates >= MEASURED_FROM else None,
        solved_at=solved_at,
        seconds_to_solved=seconds_to_solved if solved_at is not None and is_timed else None,
        best_loss=best_loss(evaluations),
        best_metric=best_metric(evaluations),
        gradient_left=gradient_left(trace),
        diverged_at=diverged_at,
        is_compiling=is_compiling,
    )


def rows(runs: Sequence[Measured]) -> list[Row]:
    """The table of ``runs``, line by line. The winners of a line are marked where others are clearly worse; who diverged wins nothing."""
    has_ended = tuple(run.diverged_at is not None for run in runs)
    compiling = tuple(COMPILING if run.is_compiling else "" for run in runs)
    solving = tuple(NOT_YET if run.solved_at is None else "" for run in runs)

    def row(
        key: str,
        label: str,
        short: str,
        value: Callable[[Measured], float | None],
        is_higher_better: bool | None = None,
        unit: str = "",
        note: str = "",
        gaps: tuple[str, ...] = (),
        margin: float = 0.0,
        waits_for_all: bool = False,
    ) -> Row:
        values = tuple(value(run) for run in runs)
        is_best = _winners(values, has_ended, is_higher_better, unit, margin, waits_for_all)
        return Row(key, label, short, values, is_best, unit, note, gaps or ("",) * len(values))

    metric = next((run.best_metric for run in runs if run.best_metric is not None), None)
    left = next((run.gradient_left for run in runs if run.gradient_left is not None), None)
    at = f"at t = {left.first} of t = {left.last}" if left is not None else "at t = 1"
    has_cell_state = any(run.gradient_left is not None and run.gradient_left.symbol == CELL_FLOW for run in runs)
    return [
        row("hidden_size", "Hidden units", "Units", lambda run: run.hidden_size),
        row("parameters", "Parameters", "Parameters", lambda run: run.parameters),
        row("updates", "Updates done", "Updates", lambda run: run.updates),
        row(
            "updates_per_second",
            "Updates per second",
            "Updates/s",
            lambda run: run.updates_per_second,
            True,
            note="Wall time of the updates alone; runs that train at the same time share the processor.",
            gaps=compiling,
            margin=CLEAR,
            waits_for_all=True,
        ),
        row("solved_at", "Updates to solved", "Solved at", lambda run: run.solved_at, False, gaps=solving),
        row(
            "seconds_to_solved",
            "Seconds to solved",
            "Seconds",
            lambda run: run.seconds_to_solved,
            False,
            note="Wall time of the updates alone.",
            gaps=tuple(first or second for first, second in zip(solving, compiling, strict=True)),
            margin=CLEAR,
        ),
        row("best_loss", "Best held-out loss", "Best loss", lambda run: run.best_loss, False, margin=CLEAR, waits_for_all=True),
        row(
            "best_metric",
            _capitalized(metric.name) if metric else "Best result",
            _capitalized(metric.name) if metric else "Best result",
            lambda run: run.best_metric.value if run.best_metric else None,
            metric.is_higher_better if metric else None,
            metric.unit if metric else "",
            waits_for_all=True,
        ),
        row(
            "gradient_left",
            f"Gradient left {at}",
            "Gradient left",
            lambda run: 100 * run.gradient_left.share if run.gradient_left else None,
            unit="%",
            note="where there is a cell state, along it" if has_cell_state else "",
        ),
    ]


def as_dict(run: Measured) -> dict[str, Any]:
    """The same for JSON: what is not finite is None."""
    metric, left = run.best_metric, run.gradient_left
    return {
        "cell": run.cell,
        "hidden_size": run.hidden_size,
        "parameters": run.parameters,
        "updates": run.updates,
        "updates_per_second": None if run.updates_per_second is None else round(run.updates_per_second, 1),
        "solved_at": run.solved_at,
        "seconds_to_solved": None if run.seconds_to_solved is None else round(run.seconds_to_solved, 3),
        "best_held_out_loss": run.best_loss,
        "best_metric": None if metric is None else {"name": metric.name, "value": metric.value, "unit": metric.unit},
        "gradient_left": None if left is None else {"share": left.share, "at": left.first, "of": left.last, "symbol": left.symbol},
        "diverged_at": run.diverged_at,
    }


def cell_title(name: str) -> str:
    """A cell's name on screen."""
    return str(registry.cells()[name].title)


def _winners(
    values: Sequence[float | None],
    has_ended: Sequence[bool],
    is_higher_better: bool | None,
    unit: str,
    margin: float,
    waits_for_all: bool,
) -> tuple[bool, ...]:
    """Who is as good as the best within ``margin``, if somebody is not; where it ``waits_for_all``, nobody before all have a value."""
    known = {k: value for k, value in enumerate(values) if value is not None and math.isfinite(value) and not has_ended[k]}
    if is_higher_better is None or not known or (waits_for_all and len(known) + sum(has_ended) < len(values)):
        return (False,) * len(values)
    best = max(known.values()) if is_higher_better else min(known.values())

    def is_as_good(value: float) -> bool:
        is_near = value >= best * (1 - margin) if is_higher_better else value * (1 - margin) <= best
        return as_shown(value, unit) == as_shown(best, unit) or (margin > 0 and is_near)

    winners = {k for k, value in known.items() if is_as_good(value)}
    return tuple(k in winners and len(winners) < len(values) for k in range(len(values)))


def as_shown(value: float, unit: str = "") -> float:
    """``value`` in as many digits as are shown: counts in full, per cent to a tenth, all else in three digits."""
    if isinstance(value, int):
        return value
    return round(value, 1) if unit == "%" else float(f"{value:.{DIGITS}g}")


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
