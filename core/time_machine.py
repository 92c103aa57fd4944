"""Rewinds a run to any moment, and keeps the futures that it left.

Moments of the run are kept, the older the farther apart. To go back to update k the run is put to the last moment before k and
trained forward to k: with the same random numbers and every change made again at its update it is the same run, bit for bit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.branch import Future, Timeline, some_of
from core.errors import InputError
from core.moment import Extent, Moment, Record
from core.snapshot import Mark
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY
from core.update_log import UpdateLog

MOST_BYTES = 64 * 2**20
MOST_MOMENTS = 256
MOST_BRANCHES = 5
# Branches whose curves alone take a larger share of the memory than this would leave no moments of the present curve to rewind to.
RECORDS_SHARE = 0.5


class TimeMachine:
    """The moments of one trainer's run, and the branches that it left.

    Parameters
    ----------
    trainer : the run, from where it stands now on
    most_bytes : what moments and branches may take; the first moment, the newest one and the newest branch are kept in any case
    """

    def __init__(self, trainer: Trainer, most_bytes: int = MOST_BYTES) -> None:
        self.trainer = trainer
        self._most_bytes = most_bytes
        self._moments = [trainer.moment()]
        self._total = self._moments[0].byte_count
        self._futures: list[Future] = []
        self.line = 0
        self._last_line = 0
        # Where the run was put by a rewind: as long as it stands there, nothing would be lost by leaving it.
        self._landed: Extent | None = None
        self._came_from = 0

    @property
    def timeline(self) -> Timeline:
        """Where the run can go."""
        return Timeline(self._moments[0].step, tuple(future.branch for future in self._futures))

    @property
    def moment_steps(self) -> list[int]:
        """The updates after which moments of the present curve are kept, ascending."""
        return [moment.step for moment in self._moments]

    @property
    def byte_count(self) -> int:
        """What all moments and branches take."""
        kept = {id(moment): moment.byte_count for moment in self._moments}
        for future in self._futures:
            kept |= {id(moment): moment.byte_count for moment in (*future.moments, future.tip)}
        return sum(kept.values()) + self._record_bytes

    @property
    def _record_bytes(self) -> int:
        """What the records of all branches take."""
        return sum(future.record.byte_count for future in self._futures)

    def note(self) -> None:
        """Keep this moment, if there is anything new in it; call it now and then while the run goes on."""
        trainer = self.trainer
        if trainer.divergence is None and trainer.extent != self._moments[-1].extent:
            moment = trainer.moment()
            self._moments.append(moment)
            self._total += moment.byte_count
            self._make_room()

    def check(self, step: int) -> None:
        """Raise InputError where the run can't be rewound to update ``step``."""
        first, last = self._moments[0].step, self._last_sound_step()
        if not first <= step <= last:
            raise InputError(f"can't rewind to update {step:,}: it must be from {first:,} to {last:,}")

    def rewinding(
        self,
        step: int,
        is_before_changes: bool = False,
        piece: Callable[[], int] = lambda: EVALUATE_EVERY,
        before_change: int | None = None,
    ) -> Iterator[float]:
        """Rewind to after update ``step``; yields now and then how much is done, 0…1. Closed before the end, it undoes what it did.

        Parameters
        ----------
        step : from the first moment's to the last at which the network was sound
        is_before_changes : without the changes that were made right after that update
        piece : how many updates to do before the next yield
        before_change : without that change of the journal, counted from 0, and those after it; what was changed before it at the same
            update stays

        Raises
        ------
        InputError
            Where it can't go there; nothing is changed then.
        """
        self.check(step)
        trainer, here = self.trainer, self.trainer.moment()
        place = self._extent_at(step, is_before_changes, before_change)
        base = next(m for m in reversed(self._moments) if m.extent.is_within(place))
        past = trainer.recorded(base.extent)
        # What is trained on the way there was told long ago.
        told, trainer.recording.updates = trainer.recording.updates, UpdateLog()
        try:
            trainer.stand_at(base)
            for when, change in past.changes[: place.changes - base.extent.changes]:
                yield from self._train_to(when, base.step, step, piece)
                trainer.redo(change)
            yield from self._train_to(step, base.step, step, piece)
            if before_change is not None:
                made_again = trainer.extent.marks - base.extent.marks
                place = place._replace(marks=base.extent.marks + _marks_until(past.marks, made_again, step))
            landing = replace(trainer.moment(), extent=place)
        except BaseException:
            trainer.stand_at(base)
            trainer.recording.recall(past)
            trainer.stand_at(here)
            trainer.recording.updates = told
            raise
        trainer.stand_at(base)
        trainer.recording.recall(past)
        self._leave(here, past.between(place, past.last))
        trainer.stand_at(landing)
        trainer.recording.note_fork(step)
        self.note()
        trainer.recording.marks.append(Mark(step, f"rewound from {self._came_from:,}", is_rewind=True, short=f"from {self._came_from:,}"))
        self._last_line += 1
        self.line, self._landed = self._last_line, trainer.extent
        self.note()
        self._count_anew()

    def return_to(self, number: int) -> None:
        """Go on at the end of branch ``number``; what is left becomes a branch in its turn. Raises InputError where it is gone."""
        future = next((future for future in self._futures if future.number == number), None)
        if future is None:
            raise InputError("can't return there: that curve is no longer kept")
        trainer, first = self.trainer, future.record.first
        here, left = trainer.moment(), trainer.recorded(first)
        try:
            trainer.stand_at(replace(future.tip, extent=first))
        except BaseException:
            trainer.stand_at(here)
            raise
        self._futures.remove(future)
        self._leave(here, left)
        trainer.recording.recall(future.record)
        trainer.recording.note_fork(first.losses)
        self._moments += future.moments
        self.line, self._landed = number, None
        self.note()
        self._count_anew()

    def taken_over_by(self, machine: "TimeMachine") -> "TimeMachine":
        """``machine`` of a twin that replayed this run on another engine, with the branches of this one that part from what it has done."""
        machine._futures = [future for future in self._futures if future.record.first.is_within(machine.trainer.extent)]
        machine.line, machine._last_line = self.line, self._last_line
        machine._landed, machine._came_from = self._landed, self._came_from
        machine._count_anew()
        return machine

    def _last_sound_step(self) -> int:
        """Where held-out sequences were the first to show that the run diverged, its last update was already one too many."""
        trainer = self.trainer
        is_unsound = trainer.divergence is not None and trainer.divergence.step <= trainer.step_count
        return trainer.step_count - is_unsound

    def _train_to(self, step: int, first: int, last: int, piece: Callable[[], int]) -> Iterator[float]:
        trainer = self.trainer
        while trainer.step_count < step and trainer.divergence is None:
            trainer.train_to(min(step, trainer.step_count + max(1, piece())))
            yield (trainer.step_count - first) / max(1, last - first)

    def _extent_at(self, step: int, is_before_changes: bool, before_change: int | None) -> Extent:
        """What is recorded of the present run up to update ``step``; not that it was rewound to there.

        Where it ends ``before_change`` it may have more marks than that: which are those of the changes, only making them again tells.
        """
        record = self.trainer.recorded(Extent(step, 0, 0, 0))
        latest = step - is_before_changes
        marks = sum(mark.step <= latest for mark in record.marks)
        while marks and record.marks[marks - 1].is_rewind and record.marks[marks - 1].step == step:
            marks -= 1
        evaluations = sum(evaluation.step <= step for evaluation in record.evaluations)
        changes = sum(when <= latest for when, _change in record.changes) if before_change is None else before_change
        first = self._moments[0].extent
        return Extent(*map(max, Extent(step, evaluations, marks, changes), first))

    def _leave(self, here: Moment, tail: Record) -> None:
        """The run is about to go to where ``tail`` of its record begins: keep what would be lost."""
        first, last = tail.first, tail.last
        lost = [moment for moment in self._moments if not moment.extent.is_within(first)]
        # Branches that part from the piece that is left take it with them.
        for k, future in enumerate(self._futures):
            fork = future.record.first
            if not fork.is_within(first):
                moments = some_of([m for m in lost if m.extent.is_within(fork)] + list(future.moments))
                self._futures[k] = replace(future, record=tail.between(first, fork).followed_by(future.record), moments=moments)
        if last != self._landed:
            self._came_from = here.step
            if last != first:
                self._futures.append(Future(self.line, tail, here, some_of(lost)))
                self._futures = self._futures[-MOST_BRANCHES:]
        self._moments = [moment for moment in self._moments if moment.extent.is_within(first)]

    def _count_anew(self) -> None:
        """Moments went to branches or came from them."""
        self._total = self.byte_count
        self._make_room()

    def _make_room(self) -> None:
        """Forget moments until those that are left take no more than they may."""
        while len(self._moments) > MOST_MOMENTS:
            self._forget_least_useful()
        while self._record_bytes > RECORDS_SHARE * self._most_bytes and len(self._futures) > 1:
            del self._futures[0]
            self._total = self.byte_count
        while self._total > self._most_bytes:
            with_moments = next((k for k, future in enumerate(self._futures) if future.moments), None)
            if with_moments is not None:
                self._futures[with_moments] = replace(self._futures[with_moments], moments=())
                self._total = self.byte_count
            elif len(self._moments) > 2:
                self._forget_least_useful()
            elif len(self._futures) > 1:
                del self._futures[0]
                self._total = self.byte_count
            else:
                return

    def _forget_least_useful(self) -> None:
        """The moment in the gap that is smallest for its age goes; neither the first nor the newest."""
        steps = np.array(self.moment_steps, dtype=float)
        gaps, ages = steps[2:] - steps[:-2], steps[-1] - steps[1:-1] + 1
        moment = self._moments.pop(1 + int(np.argmin(gaps / ages)))
        self._total -= moment.byte_count


def _marks_until(marks: Sequence[Mark], count: int, step: int) -> int:
    """How many of ``marks`` come before update ``step`` and, of changes, are among the first ``count``. A rewind is no change."""
    of_changes = [k for k, mark in enumerate(marks) if not mark.is_rewind]
    return max(of_changes[count - 1] + 1 if count else 0, sum(mark.step < step for mark in marks))
