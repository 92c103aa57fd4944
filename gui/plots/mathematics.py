"""Mathematical symbols, typeset beforehand and kept as outlines: sharp at any size, in any colour, without a typesetter at run time.

assets/equations/symbols.json has them by their LaTeX, drawn from STIX Two Math. A symbol that is not there (of a cell that was just
added) is written in the italic serif that the system has.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPixmap

from core.folders import ASSETS
from gui.plots.lettering import mathematical

SYMBOLS_FILE = ASSETS / "equations" / "symbols.json"
EM = 1000
POINTS = {"M": 1, "L": 1, "Q": 2, "Z": 0}


@dataclass(frozen=True)
class Outline:
    """A symbol on the baseline y = 0 from x = 0, in thousandths of the type size."""

    width: float
    path: QPainterPath


@cache
def _sources() -> dict[str, dict]:
    found: dict[str, dict] = json.loads(SYMBOLS_FILE.read_text(encoding="utf-8"))
    return found


@cache
def _outline(latex: str) -> Outline | None:
    source = _sources().get(latex)
    return None if source is None else Outline(source["width"], to_path(source["outline"]))


def to_path(outline: str) -> QPainterPath:
    """A path of the commands M, L, Q and Z with absolute coordinates."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    words = iter(outline.split())
    for command in words:
        points = [QPointF(float(next(words)), float(next(words))) for _ in range(POINTS[command])]
        if command == "M":
            path.moveTo(points[0])
        elif command == "L":
            path.lineTo(points[0])
        elif command == "Q":
            path.quadTo(points[0], points[1])
        else:
            path.closeSubpath()
    return path


def has_symbol(latex: str) -> bool:
    """Whether ``latex`` was typeset."""
    return latex in _sources()


def as_text(latex: str) -> str:
    """``latex`` in letters, for screen readers and tables: "W_i [h_t-1, x_t]"."""
    known = {r"\odot": "⊙", r"\sigma": "σ", r"\,": " ", r"\tilde{C}": "C̃", r"\tilde{h}": "h̃"}
    for command, letters in known.items():
        latex = latex.replace(command, letters)
    return re.sub(r"\\[a-z]+(?=\{)|[{}\\]", "", latex).replace("-", "−")


def symbol_width(latex: str, pixels: float) -> float:
    """Width of a symbol at a type size of ``pixels``."""
    outline = _outline(latex)
    return QFontMetricsF(mathematical(pixels)).horizontalAdvance(as_text(latex)) if outline is None else outline.width * pixels / EM


def draw_symbol(painter: QPainter, at: QPointF, latex: str, pixels: float, color: str) -> None:
    """Draw a symbol with its baseline beginning at ``at``."""
    outline = _outline(latex)
    if outline is None:
        painter.setFont(mathematical(pixels))
        painter.setPen(QColor(color))
        painter.drawText(at, as_text(latex))
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at)
    painter.scale(pixels / EM, pixels / EM)
    painter.fillPath(outline.path, QColor(color))
    painter.restore()


@lru_cache(maxsize=256)
def _picture(latex: str, pixels: float, color: str, ratio: float) -> QPixmap:
    picture = QPixmap(math.ceil((symbol_width(latex, pixels) + 4) * ratio), math.ceil(2 * pixels * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        draw_symbol(painter, QPointF(2, 1.3 * pixels), latex, pixels, color)
    return picture


def copy_symbol(painter: QPainter, at: QPointF, latex: str, pixels: float, color: str) -> None:
    """The same as ``draw_symbol`` from a kept picture, on whole pixels: for what is drawn with every move of the cursor."""
    size = round(2 * pixels) / 2
    picture = _picture(latex, size, color, painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(round(at.x()) - 2, round(at.y() - 1.3 * size)), picture)
