"""Which rows the unrolled network has, from top to bottom, and how high each is: where room is scarce, the least needed go."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Show(Enum):
    """What is drawn: the way forward, the way back, or both."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"


class Kind(Enum):
    """What a row holds."""

    FORWARD_CAPTION = "forward caption"
    BACKWARD_CAPTION = "backward caption"
    ANSWERS = "answers"
    CELLS = "cells"
    INPUTS = "inputs"
    AXIS = "axis"
    GRADIENTS = "gradients"


@dataclass(frozen=True)
class Band:
    """A row: at ``least`` so high, better ``ideal``; beyond that it takes ``growth`` parts of what is left.

    ``dropped`` says in which order rows go where there is no room: the highest first, 0 never. ``layer`` is the layer it shows, -1: none.
    """

    kind: Kind
    least: float
    ideal: float
    growth: float = 0.0
    dropped: int = 0
    layer: int = -1


@dataclass(frozen=True)
class Row:
    """A band in its place: from ``top`` to ``bottom``, in pixels at text size 1."""

    band: Band
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        return self.bottom - self.top


def stacked(bands: Sequence[Band], height: float) -> list[Row]:
    """Rows for ``bands`` from 0 down to ``height``, without those that there is no room for."""
    kept = list(bands)
    while kept and sum(band.least for band in kept) > height and max(band.dropped for band in kept) > 0:
        last = max(band.dropped for band in kept)
        kept = [band for band in kept if band.dropped != last]
    heights = _heights(kept, height)
    rows, top = [], 0.0
    for band, own in zip(kept, heights, strict=True):
        rows.append(Row(band, top, top + own))
        top += own
    return rows


def _heights(bands: list[Band], height: float) -> list[float]:
    left = height - sum(band.least for band in bands)
    if left <= 0:
        share = height / max(sum(band.least for band in bands), 1.0)
        return [band.least * share for band in bands]
    wished = sum(band.ideal - band.least for band in bands)
    share = min(1.0, left / wished) if wished else 0.0
    left -= share * wished
    growth = sum(band.growth for band in bands)
    return [band.least + share * (band.ideal - band.least) + (left * band.growth / growth if growth else 0.0) for band in bands]


def bands_for(show: Show, layers: Sequence[int], chosen: int, gradients_per_layer: int, has_answers: bool, has_bars: bool) -> list[Band]:
    """The rows of a network with ``layers`` (indices, top first), ``chosen`` being the one drawn large."""
    bands: list[Band] = []
    inputs = Band(Kind.INPUTS, 22, 46, 0.6, 2) if has_bars else Band(Kind.INPUTS, 22, 34, 0.2, 2)
    if show is not Show.BACKWARD:
        bands.append(Band(Kind.FORWARD_CAPTION, 20, 22, dropped=5))
    else:
        bands.append(Band(Kind.BACKWARD_CAPTION, 20, 22, dropped=5))
    if has_answers and show is not Show.BACKWARD:
        bands.append(Band(Kind.ANSWERS, 20, 36, dropped=3))
    for layer in layers:
        is_chosen = layer == chosen
        order = 0 if is_chosen else 10 + abs(layer - chosen)
        bands.append(Band(Kind.CELLS, 46, 108, 3, 0, layer) if is_chosen else Band(Kind.CELLS, 28, 44, 1, order, layer))
    bands += [inputs, Band(Kind.AXIS, 20, 22)]
    if show is Show.BOTH:
        bands.append(Band(Kind.BACKWARD_CAPTION, 18, 20, dropped=6))
        for layer in layers:
            is_chosen = layer == chosen
            for _ in range(gradients_per_layer):
                order = 1 if is_chosen else 30 + abs(layer - chosen)
                bands.append(Band(Kind.GRADIENTS, 13 if is_chosen else 11, 24 if is_chosen else 16, 0.5, order, layer))
    return bands
