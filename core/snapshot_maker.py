"""Makes snapshots of a run: what was recorded since the last one, and on request the inside."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from numpy.linalg import LinAlgError

from core import registry
from core.errors import InputError
from core.look import Focus, NoLook
from core.probe import Probe
from core.schedules import learning_rate_at
from core.snapshot import Snapshot, Trace
from core.task import Forward

if TYPE_CHECKING:
    from core.trainer import Trainer


class SnapshotMaker:
    """Keeps the probe from one snapshot to the next."""

    def __init__(self) -> None:
        self._probe: Probe | None = None

    def make(
        self,
        trainer: "Trainer",
        forward: Forward,
        run_id: int,
        has_trace: bool,
        has_prediction: bool,
        looks: Collection[str],
        focus: Focus,
    ) -> Snapshot:
        """See Trainer.snapshot; ``forward`` is what the task asks for its prediction."""
        network, training = trainer.network, trainer.settings.training
        trace = self._trace(trainer) if has_trace or has_prediction or looks else None
        prediction = None
        if has_prediction and trace is not None:
            evaluations = trainer.recording.evaluations
            prediction = trainer.task.show(forward, trace, trainer.probe_batch, evaluations[-1] if evaluations else None)
        found = {} if trace is None else {name: _look(trainer, name, trace, focus.within(trace)) for name in looks}
        news = trainer.recording.news(trainer.step_count)
        return Snapshot(
            run_id=run_id,
            settings=trainer.settings,
            step=trainer.step_count,
            losses=news.losses,
            evaluations=news.evaluations,
            marks=news.marks,
            parameter_count=network.layout.parameter_count,
            baseline_loss=trainer.task.baseline_loss,
            solved_at=trainer.solved_at,
            gradient_norm=trainer.gradient_norm,
            clipped_share=news.clipped_share,
            learning_rate=learning_rate_at(training, trainer.step_count + 1),
            is_replaced=news.is_replaced,
            unchanged_until=news.unchanged_until,
            divergence=trainer.divergence,
            trace=trace,
            prediction=prediction,
            updates=news.updates,
            looks=found,
            solved_below=trainer.task.solved_below,
        )

    def _trace(self, trainer: "Trainer") -> Trace:
        """The inside on the trainer's probe batch, whose probe is kept as long as the batch."""
        batch = trainer.probe_batch
        if self._probe is None or self._probe.batch is not batch:
            self._probe = Probe(trainer.task, batch)
        return self._probe.trace(trainer.network, trainer.settings.training.truncate)


def _look(trainer: "Trainer", name: str, trace: Trace, focus: Focus) -> Any:
    try:
        return registry.looks()[name].take(trainer, trace, focus)
    except InputError as error:
        return NoLook(str(error))
    except LinAlgError:
        # A decomposition of finite but enormous numbers; the run itself may well go on.
        return NoLook("the network's numbers have grown so large that this can't be worked out any more")
