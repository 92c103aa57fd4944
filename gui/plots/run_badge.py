"""The badge of a run: its letter on its colour, so that no run is told apart by colour alone."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from gui.theme import RUN_LETTERS, Theme

SIDE = 16.0


def run_color(theme: Theme, letter: str) -> str:
    """The colour of run ``letter``."""
    return theme.runs[RUN_LETTERS.index(letter)]


def draw_badge(painter: QPainter, theme: Theme, letter: str, center: QPointF, font: QFont, side: float = SIDE) -> QRectF:
    """Draw the badge of run ``letter`` about ``center``; ``font`` is its letter's. Returns where it stands."""
    box = QRectF(round(center.x() - side / 2), round(center.y() - side / 2), side, side)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(run_color(theme, letter)))
    painter.drawRoundedRect(box, side / 4, side / 4)
    painter.setFont(font)
    painter.setPen(QColor(theme.window if theme.is_dark else theme.panel))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)
    return box
