"""How often the worker looks into a run that trains: as often as frames are asked for, as long as that costs no more than a share.

Traces and predictions have a budget each, so that a dear prediction does not keep cheap traces from the screen.
"""

TRACE_SHARE, PREDICTION_SHARE, LOOKS_SHARE = 0.018, 0.006, 0.012
# More often than this only costs the window's time: everything that is drawn from a trace is drawn anew with each.
TRACE_SECONDS = 0.24
# Predictions change slowly, and a person reads them: more often is no use.
PREDICTION_SECONDS = 0.4
# Seconds of looks that may be saved up.
MOST_SAVED = 0.005
# A large network is looked into beyond its budget: after so many seconds, and so many times as long as a look takes.
LONGEST_GAP, LONGEST_GAP_IN_LOOKS = 0.5, 10


class LookBudget:
    """Time for looks is earned while training goes on, and spent by them; ``least_gap`` lies between two.

    All times are seconds of one clock.
    """

    def __init__(self, share: float, least_gap: float = 0.0) -> None:
        self._share, self._least_gap = share, least_gap
        self._earned = MOST_SAVED
        self._seen = self._last_look = -LONGEST_GAP
        self._cost = 0.0

    def may_look(self, now: float) -> bool:
        """Whether there is time left, or the last look is long ago."""
        self._earned = min(MOST_SAVED, self._earned + self._share * (now - self._seen))
        self._seen = now
        if now - self._last_look < self._least_gap:
            return False
        return self._earned > 0 or now - self._last_look >= max(LONGEST_GAP, LONGEST_GAP_IN_LOOKS * self._cost)

    def note_look(self, cost: float, end: float) -> None:
        """A look took ``cost`` seconds, until ``end``."""
        self._cost = cost
        self._earned -= cost
        self._last_look = end
