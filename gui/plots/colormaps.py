"""Colour maps: values to colours, the same map for the same kind of value everywhere.

Values in 0…1 wear viridis; signed values a diverging map centred at 0, dark in its middle on the dark theme (berlin) and light on
the light one (vik); gradient sizes magma on log10. The tables hold every eighth colour of the published 256; between them
colours are interpolated, which stays within 2/255 of the published tables.

viridis and magma: Nathaniel Smith, Stéfan van der Walt and Eric Firing, 2015, public domain (CC0). berlin and vik: Fabio Crameri,
Scientific colour maps 8.0, 2023, doi:10.5281/zenodo.1243862, MIT licence.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.signal import Signal
from gui.theme import Theme

_CONTROL_POINTS = {
    "viridis": """440154 470D60 48186A 482374 472D7B 453681 424086 3F4989 3B528B 375A8D 33638D 2F6A8E 2C728E 297A8E 26818E 23898E 21908C
        1F988B 1F9F88 21A685 28AE80 31B57B 3EBC74 4CC26C 5DC963 6ECE58 82D34C 96D83F ABDC32 C0DF24 D5E21A EAE51A FDE725""",
    "magma": """000004 030311 0A0822 130D33 1D1146 28115A 36106A 430F76 50127C 5D177F 691C81 762181 822681 8F2A81 9C2E7F A9327D B63779
        C33B75 CF4170 DB486A E65163 EE5C5E F5695C F9785D FB8761 FD9668 FEA571 FEB47B FEC387 FED194 FDE0A2 FCEEB0 FCFDBF""",
    "berlin": """9EB0FF 8CAEF6 79ABED 65A7E2 529FD3 4194C1 3686AD 2E779A 286886 235A74 1D4B61 183E50 14313F 11252F 111A20 121214 190C09
        210B03 2A0E01 351000 401201 4C1602 5A1C07 6A2610 7C331D 8D412C 9C503D AC5E4F BC6E61 CC7D74 DD8D86 EE9D9A FFADAD""",
    "vik": """001261 021F69 022B71 023779 034481 045089 0C5E92 1B6D9B 2F7CA6 478DB1 609DBC 79ADC7 92BDD2 ACCCDC C5DBE5 DCE5E9 ECE5E1
        EEDACF E9CBB9 E2BBA4 DCAB8F D59C7B CF8E68 C97F55 C37243 BC6331 B3531F A5400E 932E06 832106 741506 660A07 590008""",
}
COLORS = 256


@cache
def table(name: str) -> NDArray[np.uint32]:
    """The 256 colours of map ``name`` as 0xffRRGGBB, lowest value first."""
    points = np.array([[int(point[i : i + 2], 16) for i in (0, 2, 4)] for point in _CONTROL_POINTS[name].split()], dtype=float)
    at = np.linspace(0, len(points) - 1, COLORS)
    red, green, blue = (np.rint(np.interp(at, np.arange(len(points)), points[:, i])).astype(np.uint32) for i in range(3))
    colors = (np.uint32(0xFF) << np.uint32(24)) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
    colors.setflags(write=False)
    return colors


def name_for(signal: Signal, theme: Theme) -> str:
    """The map that shows ``signal``: viridis for one-sided scales, the theme's diverging map for signed ones."""
    return ("berlin" if theme.is_dark else "vik") if signal.low < 0 else "viridis"


def to_image(values: NDArray[np.float64], low: float, high: float, name: str, missing: str) -> QImage:
    """Colour a matrix.

    Parameters
    ----------
    values : (rows, columns), row 0 on top; NaN is drawn in the colour ``missing`` (#RRGGBB)
    low, high : values of the map's two ends; values beyond are drawn in the end's colour
    """
    scaled = np.clip((values - low) * ((COLORS - 1) / (high - low)) + 0.5, 0, COLORS - 1)
    is_missing = np.isnan(scaled)
    if is_missing.any():
        colors = table(name)[np.where(is_missing, 0, scaled).astype(np.uint8)]
        colors[is_missing] = 0xFF000000 | int(missing[1:], 16)
    else:
        colors = table(name)[scaled.astype(np.uint8)]
    colors = np.ascontiguousarray(colors)
    rows, columns = colors.shape
    borrowed = QImage(colors.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
    return borrowed.copy()  # with memory of its own: that of ``colors`` goes when this returns
