"""How much larger a panel draws where it has far more room than it was designed for: letters, lines and dots grow together.

A panel that has the whole of a large screen is looked at from the back row; letters of 11 px would be lost in it.
"""

from PySide6.QtWidgets import QWidget

DESIGNED_FOR = (1300, 860)
"""Pixels up to which a panel is drawn at its own size: one that is enlarged on a screen of 1600 × 1000."""
MOST, STEP = 2.0, 0.125
"""Sizes go in steps, so that letters don't change with every pixel of a window that is pulled."""


def growth_at(width: float, height: float) -> float:
    """Times the designed size at which a panel of ``width`` × ``height`` pixels draws, 1 … MOST."""
    room = min(width / DESIGNED_FOR[0], height / DESIGNED_FOR[1])
    return min(MOST, max(1.0, 1 + (room - 1) // STEP * STEP))


class Growing(QWidget):
    """Mixed into what holds drawings that grow with it."""

    @property
    def drawing_growth(self) -> float:
        """Times their designed size."""
        return growth_at(self.width(), self.height())


def growth_around(widget: QWidget | None) -> float:
    """The growth of the panel that ``widget`` stands in; 1 outside of any."""
    while widget is not None:
        if isinstance(widget, Growing):
            return widget.drawing_growth
        widget = widget.parentWidget()
    return 1.0
