"""Channels against time, each in a lane of its own with its name, so that lines don't cross and units may differ."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from gui.plots.curves import Curve
from gui.plots.numbers import value_text
from gui.plots.plot import LEFT_MARGIN
from gui.plots.scales import LinearScale
from gui.plots.time_plot import TimePlot
from gui.theme import SIZE_TICK, Theme

LANE_SHARE = 0.8
"""Of a lane's height that its line takes."""
LEAST_NAME_HEIGHT = 14.0


class LanePlot(TimePlot):
    """Lane 0 on top. Lines are scaled to their lanes; what the pointer reads are the values themselves."""

    dot_radius = 3.0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, self._lanes_scale, parent)
        self.space = QMarginsF(LEFT_MARGIN, 8, 14, 4)
        self.names: tuple[str, ...] = ()
        self.channels: NDArray[np.float64] = np.zeros((0, 0))

    def set_channels(self, names: tuple[str, ...], channels: NDArray[np.float64]) -> None:
        """Show ``channels`` (C, T) called ``names``."""
        if names != self.names:
            self.reframe()
        self.names, self.channels = names, channels
        steps = np.arange(1, channels.shape[1] + 1, dtype=float)
        low, high = channels.min(axis=1, keepdims=True), channels.max(axis=1, keepdims=True)
        shares = (channels - low) / np.maximum(high - low, 1e-12)
        lanes = np.arange(len(names))[::-1, None] + (1 - LANE_SHARE) / 2 + LANE_SHARE * shares
        self.set_curves([Curve("", steps, lane, self.theme.hidden.mark, 1.25) for lane in lanes], channels.shape[1])

    def _lanes_scale(self, curves: list[Curve]) -> LinearScale:
        return LinearScale(0, max(1, len(curves)))

    def draw_frame(self, painter: QPainter) -> None:
        box = self.plot_rect()
        painter.setPen(QPen(QColor(self.theme.line), 1))
        for lane in range(len(self.names) + 1):
            y = round(box.top() + lane * box.height() / max(1, len(self.names))) + 0.5
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
        height = box.height() / max(1, len(self.names))
        if height >= LEAST_NAME_HEIGHT * self.text_scale:
            for lane, name in enumerate(self.names):
                label = QRectF(0, box.top() + lane * height, box.left() - 8 * self.text_scale, height)
                self.draw_text(painter, label, name, self.theme.text_3, SIZE_TICK, Qt.AlignmentFlag.AlignRight)

    def values_read(self, step: int) -> list[tuple[str, str, str]]:
        values = zip(self.names, self.channels[:, step], strict=True)
        return [(name, value_text(float(value), 3), "") for name, value in values]
