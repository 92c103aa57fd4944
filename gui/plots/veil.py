"""A veil over the time steps that a walk has not come to yet: what lies there is not computed, as far as the person has followed."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from gui.theme import Theme

OPACITY = 0.72


def draw_veil(painter: QPainter, area: QRectF, seen_left: float, seen_right: float, theme: Theme) -> None:
    """Veil ``area`` but for what lies between ``seen_left`` and ``seen_right`` pixels."""
    color = QColor(theme.panel)
    color.setAlphaF(OPACITY)
    left, right = min(max(seen_left, area.left()), area.right()), max(min(seen_right, area.right()), area.left())
    if right <= left:
        painter.fillRect(area, color)
        return
    painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), color)
    painter.fillRect(QRectF(right, area.top(), area.right() - right, area.height()), color)
