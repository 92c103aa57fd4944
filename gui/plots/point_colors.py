"""What points of a scatter plot wear: a colour and a shape for each name, or a colour on a scale for each value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.state_labels import OTHERS
from core.looks.states import PointLabel
from gui.plots import colormaps
from gui.theme import Theme

CROP = {True: (0.28, 1.0), False: (0.0, 0.8)}
"""Of viridis, what can be seen on the dark panel and on the light one."""


@dataclass(frozen=True)
class Wear:
    """Points of one sign: which of the points, number of the sign, colours (n,) or (1,) as 0xRRGGBB."""

    points: NDArray[np.intp]
    sign: int
    colors: NDArray[np.uint32]


def _number(color: str) -> np.uint32:
    return np.uint32(int(color[1:], 16))


def name_color(names: tuple[str, ...], number: int, theme: Theme) -> str:
    """The colour of name ``number`` from 0; what stands together for the rest is grey."""
    return theme.ghost if names[number] == OTHERS else theme.runs[number % len(theme.runs)]


def sign_of(names: tuple[str, ...], number: int) -> int:
    """The sign of name ``number`` from 0."""
    return 0 if names[number] == OTHERS else number


def ramp(theme: Theme) -> NDArray[np.uint32]:
    """The colours of measured values, lowest first, 0xffRRGGBB."""
    low, high = (round(end * (colormaps.COLORS - 1)) for end in CROP[theme.is_dark])
    return colormaps.table("viridis")[low : high + 1]


def value_range(label: PointLabel) -> tuple[float, float]:
    """The ends of the colours of measured values."""
    known = label.values[np.isfinite(label.values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    return low, high if high > low else low + 1


def worn(label: PointLabel, theme: Theme) -> list[Wear]:
    """What all points wear, those that are drawn first in front; points of which nothing is known are small and grey at the back."""
    is_known = np.isfinite(label.values)
    unknown = np.flatnonzero(~is_known)
    wears = [Wear(unknown, 0, np.array([_number(theme.ghost)]))] if len(unknown) else []
    if label.names:
        numbers = np.where(is_known, label.values, -1).astype(np.int64)
        # The rest, which comes last, stands at the back.
        for number in sorted(range(len(label.names)), key=lambda number: label.names[number] != OTHERS):
            color = np.array([_number(name_color(label.names, number, theme))])
            wears.append(Wear(np.flatnonzero(numbers == number), sign_of(label.names, number), color))
        return wears
    known = np.flatnonzero(is_known)
    low, high = value_range(label)
    colors = ramp(theme)
    places = (label.values[known] - low) / (high - low) * (len(colors) - 1)
    return [*wears, Wear(known, 0, colors[np.clip(places.round(), 0, len(colors) - 1).astype(np.intp)] & np.uint32(0xFFFFFF))]
