"""A run: training that can be looked at, asked, changed while it goes on, and put back to where it stood.

It knows nothing of who watches it: commands and the window ask it for updates and for snapshots.
"""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.draws import DrawsMoment
from core.finite_answers import finite
from core.growth import grown_parameters, growth_stream, padded_states
from core.length_test import LengthResult, longer_results
from core.live_changes import TaskChange, changed_settings, changed_task, marks_of
from core.look import Focus
from core.moment import Extent, Moment, Record
from core.network import Network, drawn_parameters, layout_for
from core.prediction import Answer
from core.readers.text import text_or_file
from core.sampling import Sampling
from core.settings import Settings
from core.snapshot import Mark, Snapshot
from core.snapshot_maker import SnapshotMaker
from core.task import Task
from core.trainer_state import TrainerState
from core.training_loop import EVALUATE_EVERY, TrainingLoop, overflow_is_caught
from core.weight_edit import WeightEdit

FIRST_STEP = Focus()


def _never() -> bool:
    return False


class Trainer(TrainingLoop):
    """Trains one network on one task.

    Parameters
    ----------
    settings : what to train
    engine : "kernels", or "numpy" for the readable and slow twin
    state : continue from here instead of from fresh weights
    task : that of ``settings``, as it was made before; left out: made anew, from the file as it is now

    Raises
    ------
    InputError
        Where the task's file can't be used, or ``state`` does not fit.
    """

    def __init__(self, settings: Settings, engine: str = "kernels", state: TrainerState | None = None, task: Task | None = None) -> None:
        super().__init__(settings, engine, state.vocabulary if state else None, task)
        self.is_stopping: Callable[[], bool] = _never
        self._start = (settings, state, self.task)
        self._snapshots = SnapshotMaker()
        if state is None:
            self.network.initialize(settings.network.init, self.draws.initialization, settings.network.init_scale)
        else:
            self._restore(state)

    # Looking and asking.

    @overflow_is_caught
    def snapshot(
        self, run_id: int = 0, has_trace: bool = True, has_prediction: bool = True, looks: Collection[str] = (), focus: Focus = FIRST_STEP
    ) -> Snapshot:
        """A read-only message about now: every loss, evaluation and mark since the last one, and on request the inside.

        ``looks`` names looks inside, which are taken at ``focus``.
        """
        return self._snapshots.make(self, self._forward, run_id, has_trace, has_prediction, looks, focus)

    @overflow_is_caught
    def answer(self, text: str, sampling: Sampling, seed: int = 0) -> Answer:
        """The network's answer to an input that a person typed, or that stands in the .txt of that name, or in a file the task reads.

        Raises InputError where it can't be read, and where the network's numbers have grown beyond all bounds.
        """
        asked = text_or_file(text, self.task.answer_files)
        return self.task.answer(finite(self._forward, self.network), asked, sampling, np.random.default_rng(seed))

    @overflow_is_caught
    def longer_results(self) -> tuple[LengthResult, ...]:
        """How the network does now at 1, 2 and 4 times the trained length. Raises InputError where the task's file is gone."""
        return longer_results(self.network, self.task)

    def last_move(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]] | None:
        """The parameters before the last update and now, canonical copies; None where it is not known what it did."""
        if not self._optimizer.is_move_known:
            return None
        return self.network.layout.unpack(self._optimizer.backup[0]), self.network.parameters()

    def _forward(self, x: np.ndarray, lengths: np.ndarray | None = None, output_len: int | None = None) -> np.ndarray:
        """For the task's answers, which may take many calls: raises InterruptedError where the program is about to end."""
        if self.is_stopping():
            raise InterruptedError
        return self.network.outputs_at_every_step(x, lengths, output_len)

    @property
    def byte_count(self) -> int:
        """What it keeps while it rests, but the task's data."""
        optimizer = self._optimizer
        batches = [part for batch in self._batches.values() for part in vars(batch).values() if isinstance(part, np.ndarray)]
        arrays = (self.network.flat, self._gradient, optimizer.slots, optimizer.backup, *batches)
        return sum(each.nbytes for each in arrays) + self.recording.byte_count

    def rest(self) -> None:
        """Nobody trains it for now: it forgets who could stop it, and lets go of arrays that are made anew when it goes on."""
        self.is_stopping = _never
        self._snapshots, self._fast = SnapshotMaker(), None
        self.network.engine.rest()
        self.draws.source.rest()

    # Changing while it goes on.

    def apply(self, changes: Mapping[str, Any], task: Task | None = None) -> None:
        """Change live settings by dotted keys, from the next update on; a larger hidden size grows the network, see core.growth.

        ``task`` is what ``changes`` made of the task before; left out: it is made anew, from the file as it is now.

        Raises
        ------
        InputError
            For a value out of range or a setting that rebuilds the network; nothing is changed then.

        A run that diverged stands at its last finite state, and goes on from there after a change, with the batch at which it failed.
        """
        new = changed_settings(self.settings, changes)
        is_task_changed = new.task != self.settings.task
        if is_task_changed:
            task = task or changed_task(self.task, new, changes)
            self._take_task(task)
            self.network.write_for(task)
        old, self.settings = self.settings, new
        self._forget_divergence()
        if new.network.hidden_size != old.network.hidden_size:
            self._grow()
        if new.training.optimizer != old.training.optimizer:
            self._set_optimizer(new.training.optimizer)
        if new.task != old.task or new.training.batch_size != old.training.batch_size:
            self.draws.turn_to(new.training, self.task)
            self._fast = None
        self.recording.marks.extend(marks_of(old, new, changes, self.step_count, len(self.recording.changes)))
        self.recording.changes.append((self.step_count, TaskChange(dict(changes), self.task) if is_task_changed else dict(changes)))

    def edit_weight(self, name: str, index: Sequence[int], value: float) -> tuple[WeightEdit, float]:
        """Set entry ``index`` of the canonical parameter ``name`` to ``value``; the optimizer's moments stay as they are.

        Returns what was done, and the value before.

        Raises InputError where there is no such entry, or the value is not finite; nothing is changed then.
        """
        edit = WeightEdit(name, tuple(int(at) for at in index), float(value))
        edit.check(self.network.layout, self.network.dtype)
        old = float(self.network.parameters()[name][edit.index])
        # What the last update did stays as it was: the edit is no part of it.
        for flat in (self.network.flat, *([self._optimizer.backup[0]] if self._optimizer.is_move_known else [])):
            parameters = self.network.layout.unpack(flat)
            before = float(parameters[name][edit.index])
            parameters[name][edit.index] = value
            self.network.layout.pack(parameters, flat)
            if flat is self.network.flat:
                after = float(parameters[name][edit.index])
                label, number = edit.label(self.network.layout, before, after), len(self.recording.changes)
                self.recording.marks.append(Mark(self.step_count, label, change=number))
        self._forget_divergence()
        self.recording.changes.append((self.step_count, edit))
        return edit, old

    def redo(self, change: Mapping[str, Any] | TaskChange | WeightEdit) -> None:
        """Make a change of the journal again."""
        if isinstance(change, WeightEdit):
            self.edit_weight(change.name, change.index, change.value)
        elif isinstance(change, TaskChange):
            self.apply(change.changes, change.task)
        else:
            self.apply(change)

    def _grow(self) -> None:
        """Make the network as large as the settings say, and everything that is as large as it; what it computes stays the same."""
        settings, old = self.settings, self.network
        network = Network(settings.network, self.task, settings.training.dtype, self.engine)
        size = settings.network.hidden_size
        rng = growth_stream(settings.training.seed, self.step_count, size)
        drawn = drawn_parameters(network.layout, settings.network.init, rng, settings.network.init_scale)
        network.set_parameters(grown_parameters(old.layout, network.layout, old.parameters(), drawn))
        self._optimizer = self._optimizer.grown(old.layout, network.layout)
        if self.draws.carried is not None:
            self.draws.carried = padded_states(self.draws.carried, size)
        self._set_network(network)

    def _forget_divergence(self) -> None:
        """Something was changed: the run goes on from its last finite state."""
        if self.divergence is not None:
            self.divergence = None
            del self.recording.losses[self.step_count :]

    # Where it stands, and what led there.

    def state(self) -> TrainerState:
        """Everything needed to continue from here, as copies."""
        optimizer, draws = self._optimizer, self.draws.moment()
        return TrainerState(
            settings=self.settings,
            parameters=self.network.parameters(),
            moments=optimizer.vectors(self.network.layout),
            moment_count=optimizer.count,
            optimizer_memory=dict(optimizer.memory),
            step_count=self.step_count,
            random_states=draws.random_states,
            chunk_position=draws.chunk_position,
            stream_position=draws.stream_position,
            carried=draws.carried,
            losses=self.losses[: self.step_count],
            evaluations=self.evaluations,
            marks=tuple(self.recording.marks),
            solved_at=self.solved_at,
            vocabulary=self.task.vocabulary(),
        )

    def _restore(self, state: TrainerState) -> None:
        self.network.set_parameters(state.parameters)
        self._optimizer.restore(self.network.layout, state.moments, state.optimizer_memory, state.moment_count)
        draws = DrawsMoment(state.random_states, state.chunk_position, state.stream_position, state.carried)
        self.draws.stand_at(draws, self.settings.training, self.task)
        self.step_count = state.step_count
        self.recording.losses = array("d", state.losses.astype(np.float64).tobytes())
        self.recording.evaluations = list(state.evaluations)
        # The journal begins anew.
        self.recording.marks = [replace(mark, change=None) for mark in state.marks]
        self.solved_at = state.solved_at

    def moment(self) -> Moment:
        """Where the run stands now, to be put back here by ``stand_at``."""
        return Moment(
            settings=self.settings,
            task=self.task,
            step=self.step_count,
            extent=self.extent,
            flat=self.network.flat.copy(),
            optimizer=self._optimizer.moment(),
            draws=self.draws.moment(),
            gradient_norm=self.gradient_norm,
            solved_at=self.solved_at,
            divergence=self.divergence,
        )

    def stand_at(self, moment: Moment) -> None:
        """Go back to ``moment`` of this run: what was recorded later is forgotten, and the next snapshot tells the curve anew."""
        training = moment.settings.training
        if moment.task is not self.task:
            self._take_task(moment.task)
            self.network.write_for(moment.task)
        if layout_for(moment.settings.network, moment.task) != self.network.layout:
            self._set_network(Network(moment.settings.network, moment.task, training.dtype, self.engine))
        if (training.batch_size, moment.settings.task) != (self.settings.training.batch_size, self.settings.task):
            self._fast = None
        self.settings = moment.settings
        self.network.flat[:] = moment.flat
        self._set_optimizer(training.optimizer)
        self._optimizer.stand_at(moment.optimizer)
        self.draws.stand_at(moment.draws, training, self.task)
        self.step_count, self.gradient_norm = moment.step, moment.gradient_norm
        self.solved_at, self.divergence = moment.solved_at, moment.divergence
        self.recording.cut(moment.extent)

    @property
    def extent(self) -> Extent:
        """How much is recorded."""
        return self.recording.extent

    def recorded(self, first: Extent) -> Record:
        """What was recorded from ``first`` on."""
        return self.recording.since(first)

    def past_settings(self) -> list[Settings]:
        """The settings of this run so far: those it began with, and those after every live change."""
        settings = [self._start[0]]
        for _step, change in self.recording.changes:
            if not isinstance(change, WeightEdit):
                settings.append(settings[-1].with_changes(change.changes if isinstance(change, TaskChange) else change))
        return settings

    def replaying(self, engine: str) -> Iterator["Trainer"]:
        """The same run from its start up to the same update on another engine, with every live change at its step.

        Yields the twin again and again as it catches up; after the last time it stands where this trainer stands, with the same marks.
        """
        settings, state, task = self._start
        twin = Trainer(settings, engine, state, task)
        yield twin
        for step, change in list(self.recording.changes):
            yield from self._followed(twin, step)
            twin.redo(change)
        yield from self._followed(twin, self.step_count)
        yield twin

    def _followed(self, twin: "Trainer", step: int) -> Iterator["Trainer"]:
        """Train ``twin`` to update ``step``. Rewinds are no changes: their marks, which moments count, are taken over."""
        self._hand_rewind_marks(twin)
        while twin.step_count < step and twin.divergence is None:
            twin.train_to(min(step, twin.step_count + EVALUATE_EVERY))
            yield twin
        self._hand_rewind_marks(twin)

    def _hand_rewind_marks(self, twin: "Trainer") -> None:
        mine, its = self.recording.marks, twin.recording.marks
        while len(its) < len(mine) and mine[len(its)].is_rewind and mine[len(its)].step <= twin.step_count:
            its.append(mine[len(its)])
