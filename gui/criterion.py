"""When a task counts as solved, in a few words: "held-out loss below 0.01", "symbols right at least 99 %"."""

from core.task import Task
from gui.run_history import RunHistory

ALL = 100.0


def criterion_words(task: type[Task], history: RunHistory) -> str:
    """The criterion of the run in ``history``; "" while nothing was evaluated whose name it would need."""
    if history.solved_below is not None:
        return f"held-out loss below {history.solved_below:.3g}"
    if task.solved_metric is None or not history.evaluations:
        return ""
    metric, bound = history.evaluations[-1].metric, task.solved_metric
    figure = f"{bound:g} {metric.unit}".rstrip()
    if not metric.is_higher_better:
        return f"{metric.name} below {figure}"
    return f"{metric.name} {'' if bound == ALL and metric.unit == '%' else 'at least '}{figure}"
