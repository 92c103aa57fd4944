"""Which labels of a row find room: the first come first served, none over another."""

from collections.abc import Iterable

import numpy as np

from gui.plots.unrolled.lens import Lens

GAP = 6.0
MOST_TRIED = 160


class Places:
    """A stretch from ``left`` to ``right`` in pixels of which parts are taken."""

    def __init__(self, left: float, right: float) -> None:
        self._left, self._right = left, right
        self._taken: list[tuple[float, float]] = []

    def take(self, middle: float, width: float, is_shifted: bool = False) -> float | None:
        """The left end of ``width`` pixels about ``middle``, now taken; None where there is no room.

        With ``is_shifted`` it may stand beside ``middle`` rather than beyond the ends.
        """
        left = middle - width / 2
        if is_shifted:
            left = max(self._left, min(left, self._right - width))
        right = left + width
        if left < self._left - 1 or right > self._right + 1:
            return None
        if any(left < end + GAP and right + GAP > start for start, end in self._taken):
            return None
        self._taken.append((left, right))
        return left


def steps_by_importance(lens: Lens, marked: Iterable[int]) -> list[int]:
    """The step of the lens, then the marked ones, then those nearest to the lens, a limited number."""
    center = lens.seq_len - 1 if lens.cursor is None else lens.cursor
    near = np.argsort(np.abs(np.arange(lens.seq_len) - center), kind="stable")[:MOST_TRIED].tolist()
    return list(dict.fromkeys([center, *(step for step in list(marked)[:MOST_TRIED] if step < lens.seq_len), *near]))
