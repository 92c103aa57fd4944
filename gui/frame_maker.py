"""Makes frames of a run: the curve always, the inside where it is wanted and there is time for it."""

import time
from dataclasses import dataclass

from core.errors import InputError
from core.look import Focus
from core.snapshot import Snapshot
from core.trainer import Trainer
from gui.look_budget import LOOKS_SHARE, PREDICTION_SHARE, TRACE_SECONDS, TRACE_SHARE, LookBudget


@dataclass(frozen=True)
class Wanted:
    """What a frame should hold besides the curve: names of looks inside, taken at ``focus``."""

    has_trace: bool = True
    has_prediction: bool = True
    looks: tuple[str, ...] = ()
    focus: Focus = Focus()


EVERYTHING = Wanted()


class FrameMaker:
    """Looks into a trainer as often as budgets of time allow."""

    def __init__(self) -> None:
        self._is_inside_shown = True
        self._trace_budget, self._prediction_budget = LookBudget(TRACE_SHARE, TRACE_SECONDS), LookBudget(PREDICTION_SHARE)
        self._looks_budget = LookBudget(LOOKS_SHARE)

    def make(self, trainer: Trainer, run_id: int, wanted: Wanted, is_idle: bool) -> tuple[Snapshot, str]:
        """A snapshot, and what is wrong with the inside, "" where nothing is; ``is_idle``: looking holds nothing up.

        A frame while training goes on looks inside only where the budget has time for it. A session whose file is gone has nothing
        to look into, but still its curve, its state and its answers.
        """
        problem = ""
        begin = time.perf_counter()
        has_trace = wanted.has_trace and self._may_look(self._trace_budget, begin, is_idle)
        has_prediction = wanted.has_prediction and self._may_look(self._prediction_budget, begin, is_idle)
        # Looks go with a trace, and share the time that is left for them.
        looks = wanted.looks if has_trace and self._may_look(self._looks_budget, begin, is_idle) else ()
        try:
            snapshot = trainer.snapshot(run_id, has_trace, has_prediction, looks, wanted.focus)
        except InputError as error:
            self._is_inside_shown = False
            problem = str(error)
            snapshot = trainer.snapshot(run_id, False, False)
        end = time.perf_counter()
        if looks:
            self._looks_budget.note_look(end - begin, end)
        elif has_prediction:
            # A prediction is made from a trace, which belongs to the frame anyhow.
            self._prediction_budget.note_look(end - begin, end)
        elif has_trace:
            self._trace_budget.note_look(end - begin, end)
        return snapshot, problem

    def _may_look(self, budget: LookBudget, now: float, is_idle: bool) -> bool:
        """Whether a look inside is to be had, and within ``budget`` where it would hold up training."""
        return self._is_inside_shown and (is_idle or budget.may_look(now))
