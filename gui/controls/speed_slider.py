"""How fast the training goes: from single time steps in slow motion to as fast as it can."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.caption import Caption
from gui.controls.slider_track import SliderTrack
from gui.controls.speed_scale import SpeedScale
from gui.controls.tooltips import tooltip
from gui.speed import UNLIMITED, speed_text
from gui.style import Styled, current_look
from gui.theme import SIZE_TICK, WEIGHT_TITLE

WIDTH, COMPACT_WIDTH = 160, 112


class SpeedSlider(Styled, QWidget):
    """``speed_changed`` carries a speed as gui/speed.py has it: updates a second, or slow motion."""

    speed_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = WIDTH
        help = tooltip(
            "How fast the training goes. At the left is slow motion: step by step through a sequence and back. Double click: unlimited."
        )
        self._label = Caption("Speed", SIZE_TICK, "text_3", parent=self)
        self._figure = Caption("", SIZE_TICK, "text", WEIGHT_TITLE, self)
        self._track = SliderTrack(SpeedScale(), False, self)
        self._track.setAccessibleName("Speed")
        for widget in (self._label, self._figure, self._track):
            widget.setToolTip(help)
        top = QHBoxLayout()
        top.addWidget(self._label)
        top.addStretch(1)
        top.addWidget(self._figure)
        self._rows = rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addStretch(1)
        rows.addLayout(top)
        rows.addWidget(self._track)
        rows.addStretch(1)
        self._track.value_chosen.connect(self._on_chosen)
        self._track.default_requested.connect(lambda: self._on_chosen(UNLIMITED))
        self.set_speed(UNLIMITED)
        self.restyle()

    @property
    def track(self) -> SliderTrack:
        """The slider."""
        return self._track

    @property
    def text(self) -> str:
        """The speed in words."""
        return self._figure.text()

    def speed(self) -> float:
        """The speed, as gui/speed.py has it."""
        return self._track.number()

    def set_speed(self, speed: float) -> None:
        """Show a speed, silently."""
        self._track.set_number(speed)
        self._figure.setText(speed_text(speed))
        self._track.setAccessibleDescription(speed_text(speed))

    def set_compact(self, is_compact: bool) -> None:
        """Take less room."""
        self._width = COMPACT_WIDTH if is_compact else WIDTH
        self.restyle()

    def restyle(self) -> None:
        self.setFixedWidth(max(current_look().px(self._width), self._rows.minimumSize().width()))
        super().restyle()

    def _on_chosen(self, speed: float) -> None:
        self.set_speed(speed)
        self.speed_changed.emit(speed)
