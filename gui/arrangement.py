"""Where panels stand at first: two columns of groups, from top to bottom; the panels of a group are tabs."""

from collections.abc import Collection
from dataclasses import dataclass

Group = tuple[str, ...]
Column = tuple[tuple[Group, int], ...]
"""Groups with their shares of the height."""

INSIDE = ("connectivity", "weights", "state_space", "updates")
# Opened when they are asked for.
CLOSED = ("compare", "library")


@dataclass(frozen=True)
class Arrangement:
    """Columns of groups of panels' names."""

    left: Column
    right: Column

    def of(self, names: Collection[str]) -> "Arrangement":
        """The same with the panels that there are: unknown ones join the last group; where a column would be empty they share."""
        known = {name for column in (self.left, self.right) for group, _ in column for name in group}
        others = tuple(name for name in names if name not in known and name not in CLOSED)
        left, right = (_present(column, names) for column in (self.left, self.right))
        if others:
            group, share = right[-1] if right else ((), 100)
            right = (*right[:-1], ((*group, *others), share))
        if not left:
            half = len(right) - len(right) // 2
            left, right = right[half:], right[:half]
        return Arrangement(left, right)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that are not empty."""
        return tuple(column for column in (self.left, self.right) if column)


def _present(column: Column, names: Collection[str]) -> Column:
    there = ((tuple(name for name in group if name in names), share) for group, share in column)
    return tuple((group, share) for group, share in there if group)


WIDE = Arrangement(
    left=((("unrolled",), 40), (("cell",), 60)),
    right=((("loss",), 22), (("gradient_flow",), 19), (("gates",), 22), (("prediction", *INSIDE), 37)),
)
COMPACT = Arrangement(
    left=((("unrolled",), 43), (("cell",), 57)),
    right=((("loss",), 31), (("gradient_flow",), 27), (("gates", "prediction", *INSIDE), 42)),
)
