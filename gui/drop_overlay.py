"""Files that are dragged over the window: an overlay says what will happen when they are dropped."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.controls.painting import draw_box, painting
from gui.style import Styled, current_look
from gui.theme import GAP, RADIUS_PANEL, SIZE_BODY, SIZE_HEADLINE, WEIGHT_TITLE

OPACITY = 0.8
CARD_WIDTH, CARD_HEIGHT = 560, 112


@dataclass(frozen=True)
class DropPlan:
    """What will happen to a dropped file, in a few words and a line more; ``is_usable``: something good."""

    headline: str
    detail: str
    is_usable: bool


def dragged_file(data: QMimeData) -> Path | None:
    """The first file of this machine among what is dragged."""
    return next((Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()), None)


class DropOverlay(Styled, QWidget):
    """Covers ``host`` while a file is dragged over it. ``plan_for`` says what would become of a file."""

    def __init__(self, host: QWidget, plan_for: Callable[[Path], DropPlan]) -> None:
        super().__init__(host)
        self._host = host
        self._plan_for = plan_for
        self._plan = DropPlan("", "", False)
        self.hide()

    @property
    def plan(self) -> DropPlan:
        """What is said now."""
        return self._plan

    def show_plan(self, path: Path) -> None:
        """Cover the host and say what would become of the file."""
        self._plan = self._plan_for(path)
        self.setAccessibleName(f"{self._plan.headline} {self._plan.detail}")
        self.setGeometry(self._host.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        veil = QColor(look.color("window"))
        veil.setAlphaF(OPACITY)
        tone = look.color("accent" if self._plan.is_usable else "bad")
        inside = QRectF(self.rect()).adjusted(2 * GAP, 2 * GAP, -2 * GAP, -2 * GAP)
        with painting(self) as painter:
            painter.fillRect(self.rect(), veil)
            draw_box(painter, inside, RADIUS_PANEL, None, tone, 2.0, is_dashed=True)
            card = QRectF(0, 0, min(look.px(CARD_WIDTH), inside.width() - 4 * GAP), look.px(CARD_HEIGHT))
            card.moveCenter(inside.center())
            draw_box(painter, card, RADIUS_PANEL, look.color("panel"), look.color("line_2"))
            self._draw_line(painter, self._plan.headline, look.font(SIZE_HEADLINE, WEIGHT_TITLE), look.color("text"), card, -look.px(16))
            self._draw_line(painter, self._plan.detail, look.font(SIZE_BODY), look.color("text_2"), card, look.px(18))

    def _draw_line(self, painter, text: str, font: QFont, color: QColor, card: QRectF, drop: float) -> None:
        painter.setFont(font)
        painter.setPen(color)
        room = card.adjusted(2 * GAP, 0, -2 * GAP, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, round(room.width()))
        painter.drawText(room.translated(0, drop), Qt.AlignmentFlag.AlignCenter, shown)
