"""The question that a person asked last, and whether it is time to answer it anew.

While a run trains the answer changes with the network: the question stays open, and is answered again as often as its own budget of looks
allows, at most twice a second.
"""

from dataclasses import dataclass

from core.sampling import Sampling
from core.settings import Settings
from gui.look_budget import LookBudget

ANSWER_SHARE = 0.006
SECONDS_BETWEEN_ANSWERS = 0.5


@dataclass(frozen=True)
class Question:
    """What a person typed or drew; ``seed`` begins the random numbers, so that the same network answers the same."""

    text: str
    sampling: Sampling
    seed: int = 0


class OpenQuestion:
    """``newest`` is set by the window's thread; all else belongs to the worker's. All times are seconds of one clock."""

    def __init__(self) -> None:
        self.newest: Question | None = None
        self._budget = LookBudget(ANSWER_SHARE)
        self._answered: Question | None = None
        self._state: tuple[int, Settings] | None = None
        self._answered_at = 0.0

    def due(self, step: int, settings: Settings, now: float, is_holding_up: bool) -> Question | None:
        """The question, if a network ``step`` updates old has not answered it yet, and there is time for it.

        ``is_holding_up``: training would go on meanwhile.
        """
        question = self.newest
        if question is None or question is not self._answered or self._state == (step, settings):
            return None
        has_waited = now - self._answered_at >= SECONDS_BETWEEN_ANSWERS and self._budget.may_look(now)
        return question if has_waited or not is_holding_up else None

    def note_answer(self, question: Question, step: int, settings: Settings, begin: float, end: float) -> None:
        """``question`` was answered, right or not, from ``begin`` to ``end``."""
        self._answered, self._state, self._answered_at = question, (step, settings), end
        self._budget.note_look(end - begin, end)
