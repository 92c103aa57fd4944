"""A curve drawn by hand, as a series to train on."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from core.fields import FieldInfo
from core.made_files import resampled
from gui.controls.button import Button
from gui.controls.caption import Caption, Title, WrappedCaption
from gui.controls.curve_canvas import PLACES, CurveCanvas
from gui.controls.number_field import NumberField
from gui.controls.tooltips import tooltip
from gui.style import current_look
from gui.theme import GAP, SIZE_LABEL

LEAST_DRAWN = PLACES // 10
LARGEST = 1e9
POINTS = FieldInfo("Points", "How many values the curve becomes.", "integer", 150, 20, 1000)
LOWEST = FieldInfo("From", "The value at the lower edge.", "number", 0.0, -LARGEST, LARGEST)
HIGHEST = FieldInfo("to", "The value at the upper edge.", "number", 100.0, -LARGEST, LARGEST)
FIELD_WIDTH = 72


class DrawDialog(QDialog):
    """A canvas, the values at its edges, how many points are taken; "Use it" once there is a curve that is not flat."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Draw a series")
        self.canvas = CurveCanvas()
        self.points, self.lowest, self.highest = (self._field(info) for info in (POINTS, LOWEST, HIGHEST))
        self.note = WrappedCaption()
        self.clear_button = Button("Clear", name="Clear the curve", help="Begin anew.")
        self.clear_button.clicked.connect(self.canvas.clear)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = self.buttons.addButton("&Use it", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use_button.setDefault(True)
        self._lay_out()
        self.canvas.changed.connect(self._on_changed)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._on_changed()
        self.canvas.setFocus()

    def values(self) -> NDArray[np.float64]:
        """The series, (points,), between the values at the edges."""
        low, high = sorted((float(self.lowest.value()), float(self.highest.value())))
        return low + (high - low) * self._curve()

    def _curve(self) -> NDArray[np.float64]:
        return np.clip(resampled(self.canvas.heights, int(self.points.value())), 0.0, 1.0)

    def _field(self, info: FieldInfo) -> NumberField:
        field = NumberField(info, lambda value, direction, is_fine: value + direction * (1 if is_fine else 10), FIELD_WIDTH)
        field.setAccessibleName(info.label)
        field.setToolTip(tooltip(info.help))
        field.set_value(info.default)
        field.value_changed.connect(lambda _value: self._on_changed())
        return field

    def _lay_out(self) -> None:
        look = current_look()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for info, field in ((LOWEST, self.lowest), (HIGHEST, self.highest), (POINTS, self.points)):
            row.addWidget(Caption(info.label, SIZE_LABEL, "text_2"))
            row.addWidget(field)
        row.addStretch(1)
        row.addWidget(self.clear_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(look.px(GAP))
        layout.addWidget(Title(self.windowTitle()))
        layout.addWidget(self.canvas, 1)
        layout.addLayout(row)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)

    def _on_changed(self) -> None:
        """Show the points that are taken, or what is missing."""
        self.canvas.set_bounds(*sorted((float(self.lowest.value()), float(self.highest.value()))))
        heights = self.canvas.heights
        drawn = heights[np.isfinite(heights)]
        is_long = len(drawn) >= LEAST_DRAWN
        problem = "" if is_long else "The curve is too short yet."
        if is_long and drawn.max() - drawn.min() < 0.01:
            problem = "The curve is flat: there is nothing to learn."
        elif self.lowest.value() == self.highest.value():
            problem = "The two edges need different values."
        self.canvas.show_points(np.empty(0) if problem else self._curve())
        shown = f"{int(self.points.value())} values; what is drawn is smoothed a little, gaps are bridged."
        self.note.setText("" if not len(drawn) else problem or shown)
        self.use_button.setEnabled(not problem)
