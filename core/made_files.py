"""Data that a person typed or drew in the window, kept as files of their own, so that a session finds them again."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.files import write_atomically
from core.folders import data_folder

SMOOTHED_SHARE = 0.03
FIGURES = 5


def save_text(text: str, stamp: str) -> Path:
    """Write a typed text to a new .txt in the user's data folder, named by ``stamp``; returns its path. Raises InputError."""
    return _save("typed", stamp, ".txt", text)


def save_series(values: NDArray[np.float64], how: str, stamp: str) -> Path:
    """Write values (N,) to a new .csv with one column, ``value``; ``how`` they were made begins its name. Raises InputError."""
    return _save(how, stamp, ".csv", "value\n" + "".join(f"{value:.{FIGURES}g}\n" for value in values))


def _save(how: str, stamp: str, suffix: str, content: str) -> Path:
    folder = data_folder()
    path = folder / f"{how} {stamp}{suffix}"
    number = 2
    while path.exists():
        path, number = folder / f"{how} {stamp} ({number}){suffix}", number + 1
    write_atomically(path, content.encode())
    return path


def resampled(heights: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """A drawn curve at ``count`` places evenly spread from its first to its last drawn point, (count,), smoothed.

    ``heights`` (G,) are those drawn at G places evenly spread, NaN where nothing is drawn: gaps are bridged by straight lines.
    The smoothing is a Hann window over a thirtieth of the curve.
    """
    drawn = np.flatnonzero(np.isfinite(heights))
    places = np.arange(drawn[0], drawn[-1] + 1)
    curve = np.interp(places, drawn, heights[drawn])
    half = max(1, round(SMOOTHED_SHARE * len(curve) / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    # Reflected about its ends, where it keeps its height and its slope.
    before, after = 2 * curve[0] - curve[half:0:-1], 2 * curve[-1] - curve[-2 : -half - 2 : -1]
    padded = np.concatenate([before, curve, after]) if len(curve) > half + 1 else np.pad(curve, half, mode="edge")
    smooth = np.convolve(padded, window / window.sum(), mode="valid")
    return np.interp(np.linspace(0, len(smooth) - 1, count), np.arange(len(smooth)), smooth)
