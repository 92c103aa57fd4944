"""How fast the training goes: from one update a second to as fast as it can."""

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.caption import Caption
from gui.controls.slider_track import SliderTrack
from gui.controls.tooltips import tooltip
from gui.controls.value_scale import LogScale
from gui.style import Styled, current_look
from gui.theme import SIZE_TICK, WEIGHT_TITLE

SLOWEST, FASTEST = 1.0, 1000.0
UNLIMITED = math.inf
WIDTH, COMPACT_WIDTH = 160, 112


def speed_text(speed: float) -> str:
    """40 -> "40 updates/s"."""
    if math.isinf(speed):
        return "unlimited"
    return "1 update/s" if speed == 1 else f"{speed:,.0f} updates/s" if speed >= 10 else f"{speed:.2g} updates/s"


class SpeedSlider(Styled, QWidget):
    """Updates a second; ``speed_changed`` carries them, infinity for unlimited."""

    speed_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = WIDTH
        help = tooltip("How fast the training goes, from slow motion to unlimited. Double click: unlimited.")
        self._label = Caption("Speed", SIZE_TICK, "text_3", parent=self)
        self._figure = Caption("", SIZE_TICK, "text", WEIGHT_TITLE, self)
        self._track = SliderTrack(LogScale(SLOWEST, FASTEST, False, UNLIMITED), False, self)
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
        """Updates a second."""
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
