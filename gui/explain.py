"""What is happening, in one plain sentence for the status line, with buttons for what would help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import registry
from core.idle import idle_keys
from core.settings import Settings, all_fields
from core.snapshot import LayerTrace, Snapshot
from gui.criterion import criterion_words
from gui.loss_trend import ERRORS, loss_trend, mean_loss, standard_error
from gui.plots.numbers import counted, value_text
from gui.run_history import RunHistory
from gui.run_state import RunState

RECENT = 100
NEAR_BASELINE = 0.9
AT_BASELINE = 0.05
FADED = 1e-3
OVERFITTED = 3
EARLY_UPDATES = 200
"""Before these nothing is called stalled."""
STALLED_UPDATES = 600
EARLIEST, RISEN = 20, 1.5
SLOWED = 0.1
SLOWER = 10


@dataclass(frozen=True)
class Remedy:
    """A button: what it says, and what it does.

    It changes settings by dotted keys, after it has rewound to update ``rewind_to``, if there is one; or it lets ``raced_cells`` race, or
    calls ``carry_out``.
    """

    label: str
    changes: dict[str, Any]
    raced_cells: tuple[str, ...] = ()
    rewind_to: int | None = None
    carry_out: Callable[[], None] | None = None


@dataclass(frozen=True)
class Explanation:
    """The sentence, and at most three remedies, the likeliest first."""

    sentence: str
    remedies: tuple[Remedy, ...] = ()


def explain(state: RunState, said: str, snapshot: Snapshot | None, history: RunHistory) -> Explanation:
    """Put a run into words; ``said`` is what the worker said of its state."""
    if state is RunState.FAILED:
        return Explanation(said)
    if snapshot is None or state is RunState.LOADING:
        return Explanation("Reading the data and drawing the first weights.")
    if state is RunState.DIVERGED:
        return _explain_divergence(said, snapshot, history)
    if snapshot.step == 0 and state is RunState.RUNNING:
        optimizer = registry.optimizers()[snapshot.settings.training.optimizer]
        passes = f": with {optimizer.title} each is many passes through the data" if optimizer.is_second_order else ""
        return Explanation(f"The first update is being computed{passes}.")
    if snapshot.step == 0:
        task = registry.tasks()[snapshot.settings.task.name]
        return Explanation(f"Press play to watch the {snapshot.settings.network.cell.upper()} learn. {task.summary}")
    return _explain_learning(snapshot, history)


def _explain_divergence(said: str, snapshot: Snapshot, history: RunHistory) -> Explanation:
    remedies = _for_exploding(snapshot.settings)
    sentence = f"It diverged: {said}. The weights stand where they were just before."
    return Explanation(sentence, (*_rewinds(snapshot.settings, history, remedies), *remedies))


def _rewinds(settings: Settings, history: RunHistory, remedies: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
    """Back to where it did best, and on from there: with a smaller rate, unless what was changed since then may be to blame."""
    best = history.best_evaluation()
    if best is None or not history.earliest <= best.step < history.step:
        return ()
    slower = next((remedy for remedy in remedies if "training.learning_rate" in remedy.changes), None)
    has_changed = any(mark.step >= best.step and not mark.is_rewind for mark in history.marks)
    if slower is None or has_changed:
        # With the settings of then it did well.
        return (Remedy(f"Rewind to {best.step:,}", {}, rewind_to=best.step),)
    return (Remedy(f"Rewind to {best.step:,}, rate ÷ {SLOWER}", slower.changes, rewind_to=best.step),)


def _for_exploding(settings: Settings) -> tuple[Remedy, ...]:
    training = settings.training
    remedies = [Remedy(f"Learning rate ÷ {SLOWER}", {"training.learning_rate": max(training.learning_rate / SLOWER, 1e-6)})]
    if training.clip_norm == 0 or training.clip_norm > 1:
        remedies.insert(0, Remedy("Clip at 1.0", {"training.clip_norm": 1.0}))
    return _that_help(settings, remedies)


def _explain_learning(snapshot: Snapshot, history: RunHistory) -> Explanation:
    loss = mean_loss(history.losses[-RECENT:])
    trend = loss_trend(history.losses)
    baseline = snapshot.baseline_loss
    faded = _fading(snapshot)
    latest = history.evaluations[-1] if history.evaluations else None
    held_out = latest.loss if latest is not None else loss
    # The figure that the loss panel says, too.
    now = value_text(history.loss_now)
    task = registry.tasks()[snapshot.settings.task.name]
    line = f"the dashed line ({task.baseline_label})"
    at = value_text(baseline, 3)
    is_forgotten = loss > NEAR_BASELINE * baseline and (latest is None or not latest.is_solved)
    if snapshot.solved_at is not None and is_forgotten:
        sentence = f"It was solved at update {snapshot.solved_at:,}, but has forgotten it since: the loss is back at {now}."
        return Explanation(sentence, _rewinds(snapshot.settings, history, _for_exploding(snapshot.settings)))
    if snapshot.solved_at is not None:
        criterion = criterion_words(task, history)
        because = f": {criterion}" if criterion else ""
        kept = _kept_through_cell_state(snapshot)
        return Explanation(
            f"Solved at update {snapshot.solved_at:,}{because}.{kept}", (*_harder(snapshot), _race_against(snapshot.settings))
        )
    recent_error = standard_error(history.losses[-RECENT:])
    if not loss < min(NEAR_BASELINE * baseline, baseline - ERRORS * recent_error):
        if loss > RISEN * max(baseline, mean_loss(history.losses[:EARLIEST])):
            return Explanation(f"The loss rises: it is {now} by now; {line} is at {at}.", _for_exploding(snapshot.settings))
        is_at_line = abs(trend.now / baseline - 1) <= max(AT_BASELINE, trend.error / baseline)
        if trend.is_falling and not is_at_line:
            return Explanation(f"The loss comes down: it is {now} by now; {line} is at {at}.")
        if snapshot.step < EARLY_UPDATES:
            if is_at_line:
                return Explanation(f"The loss stands at {line}, {at}: it has not learned to do better yet.")
            return Explanation(f"The loss is {now} by now; {line} is at {at}.")
        sentence = f"After {counted(snapshot.step, 'update')} it does no better than {at}, {line}."
        return Explanation(f"{sentence} {faded}" if faded else sentence, _for_stalled(snapshot))
    if held_out > max(baseline, OVERFITTED * loss):
        return Explanation(f"It holds for its own data alone: the loss is {now} there, but {value_text(held_out)} on held-out data.")
    share = 100 * (1 - history.loss_now / baseline)
    return Explanation(f"It is learning: the loss is {now}, {max(0.0, share):.0f} % below {line}." + (f" {faded}" if faded else ""))


def _top(snapshot: Snapshot) -> LayerTrace | None:
    """The top layer; of two directions the forward one, whose last step is the last in time."""
    layers = () if snapshot.trace is None else snapshot.trace.layers
    return next((layer for layer in reversed(layers) if not layer.is_backward), None)


def _fading(snapshot: Snapshot) -> str:
    """Says so where the gradient of an answer at the end is lost on its way to the first step."""
    task = registry.tasks()[snapshot.settings.task.name]
    layer = _top(snapshot)
    if layer is None or task.topology != "sequence_to_vector" or len(layer.gradient_h) < 3:
        return ""
    flow = layer.gradient_h if layer.gradient_c is None else layer.gradient_c
    last = float(flow[-1])
    if not 0 < last < np.inf:
        return ""
    gone = np.nonzero(flow / last < FADED)[0]
    if not len(gone):
        return ""
    steps = len(flow) - 1 - int(gone[-1])
    return f"Gradients fade to a thousandth within {steps} steps: what happened earlier is hardly learned."


def _kept_through_cell_state(snapshot: Snapshot) -> str:
    task = registry.tasks()[snapshot.settings.task.name]
    layer = _top(snapshot)
    if (
        task.topology != "sequence_to_vector"
        or layer is None
        or layer.gradient_c_alone is None
        or not 0 < layer.gradient_c_alone[-1] < np.inf
    ):
        return ""
    share = 100 * float(layer.gradient_c_alone[0] / layer.gradient_c_alone[-1])
    return f" Through the cell state alone, {share:.0f} % of the gradient comes back to the first step." if 1 <= share <= 100 else ""


def _for_stalled(snapshot: Snapshot) -> tuple[Remedy, ...]:
    if snapshot.step < STALLED_UPDATES:
        return ()
    settings = snapshot.settings
    remedies = []
    if not any(signal.is_gate for signal in registry.cells()[settings.network.cell].signals):
        keeps_state = next(cell for cell in registry.cells().values() if cell.has_cell_state)
        remedies.append(Remedy(f"Try {keeps_state.title}", {"network.cell": keeps_state.name}))
        if settings.network.init != "orthogonal":
            remedies.append(Remedy("Orthogonal start", {"network.init": "orthogonal"}))
    elif snapshot.learning_rate < SLOWED * settings.training.learning_rate:
        remedies.append(Remedy("Constant rate", {"training.schedule": "constant"}))
    elif settings.training.truncate > 0:
        remedies.append(Remedy("Full gradient", {"training.truncate": 0}))
    elif settings.training.learning_rate <= 0.003:
        remedies.append(Remedy("Learning rate × 3", {"training.learning_rate": round(settings.training.learning_rate * 3, 6)}))
    return _that_help(settings, remedies)


def _that_help(settings: Settings, remedies: list[Remedy]) -> tuple[Remedy, ...]:
    """Without those that would change nothing with the present optimizer."""
    values = settings.to_dict()
    idle = idle_keys(settings.task.name, values["network"], values["training"])
    return tuple(remedy for remedy in remedies if not all(key in idle for key in remedy.changes))


def _race_against(settings: Settings) -> Remedy:
    """The simplest cell beside a gated one, a gated one beside the simplest: on the same data."""
    present, cells = settings.network.cell, registry.cells()
    other = min((cell for cell in cells.values() if cell.name != present), key=lambda cell: sum(signal.is_gate for signal in cell.signals))
    return Remedy(f"Race against {other.title}", {}, (present, other.name))


def _harder(snapshot: Snapshot) -> tuple[Remedy, ...]:
    """Twice the length, where the length is what makes the task hard: not in a person's data."""
    fields = all_fields(snapshot.settings)
    info = None if "task.file" in fields else fields.get("task.seq_len")
    length = getattr(snapshot.settings.task.fields, "seq_len", 0)
    if info is None or not info.is_live or info.maximum is None or 2 * length > info.maximum:
        return ()
    return (Remedy(f"Try length {2 * length}", {"task.seq_len": 2 * length}),)
