"""The gaps between docks."""

from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget

from gui.style import current_look
from gui.theme import GAP


class BenchStyle(QProxyStyle):
    """Qt's style with gaps of the window's own width, which show that they can be pulled when the mouse is over them.

    A style of its own for one widget: in a style sheet for the bench everything on it would be dressed with it.
    """

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None) -> int:
        if metric == QStyle.PixelMetric.PM_DockWidgetSeparatorExtent:
            return GAP
        return super().pixelMetric(metric, option, widget)

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        if element != QStyle.PrimitiveElement.PE_IndicatorDockWidgetResizeHandle:
            super().drawPrimitive(element, option, painter, widget)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, current_look().color("line_2"))
