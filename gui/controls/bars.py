"""How the bars of the window are filled."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget


def fill(row: QHBoxLayout, items: Sequence[QWidget | int]) -> None:
    """Add widgets to ``row``; a number is a gap of so many px."""
    row.setSpacing(0)
    for item in items:
        if isinstance(item, int):
            row.addSpacing(item)
        else:
            row.addWidget(item)
