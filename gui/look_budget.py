"""How often the worker looks into a run that trains: as often as frames are asked for, as long as that costs no more than a share."""

SHARE = 0.028
# Seconds: looks that may be saved up, and how long a large network goes without one.
MOST_SAVED, LONGEST_GAP = 0.005, 0.25


class LookBudget:
    """Time for looks is earned while training goes on, and spent by them. All times are seconds of one clock."""

    def __init__(self) -> None:
        self._earned = MOST_SAVED
        self._seen = self._last_look = -LONGEST_GAP

    def may_look(self, now: float) -> bool:
        """Whether there is time left, or the last look is long ago."""
        self._earned = min(MOST_SAVED, self._earned + SHARE * (now - self._seen))
        self._seen = now
        return self._earned > 0 or now - self._last_look >= LONGEST_GAP

    def note_look(self, begin: float, end: float) -> None:
        """A look took from ``begin`` to ``end``; after a dear one that had to be, no more is owed than one gap earns."""
        self._earned = max(self._earned - (end - begin), -SHARE * LONGEST_GAP)
        self._last_look = end
