"""What to do with tabs that have no room: a button at the end of the tab bar lists them, in place of Qt's two small arrows."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from gui.controls.button import Button
from gui.controls.menu import Menu
from gui.controls.painting import painting
from gui.style import current_look
from gui.theme import WIDTH_TAB_OVERFLOW

BUTTON = 24
PADDING_CUT = 8
"""So much of a tab is nothing but padding, px at text size 1.0: it may be cut off."""


class TabOverflow(QWidget):
    """Covers what is cut off at the right end of ``bar`` and shows a button there, as long as there are tabs without room.

    The bar goes on scrolling the current tab into view; a tab that is cut off at the left is covered by ``left_cover``.
    """

    def __init__(self, bar: QTabBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._places: tuple[object, ...] = ()
        self.left_cover = _Cover(bar)
        self.menu = Menu(self)
        self.button = Button(icon="more", name="More panels", help="The tabs that have no room", frame="bare", height=BUTTON, parent=self)
        self.button.clicked.connect(self.open_menu)
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(self.fit)
        self.hide()
        self.left_cover.hide()
        QWidget.setTabOrder(bar, self.button)
        bar.installEventFilter(self)
        self.fit()

    def hidden_tabs(self) -> list[int]:
        """Numbers of the tabs that can't be seen whole."""
        room = self._room()
        return [k for k in range(self._bar.count()) if not _is_within(self._bar.tabRect(k), room)] if self._is_needed() else []

    def fit(self) -> None:
        """Stand where the first tab is cut off, or vanish where all have room."""
        bar, look = self._bar, current_look()
        for arrow in self._arrows():
            arrow.setMaximumSize(0, 0)
        self._places = self._seen()
        hidden = self.hidden_tabs()
        self.setVisible(bool(hidden))
        is_cut = [k for k in hidden if bar.tabRect(k).right() > 0 > bar.tabRect(k).left()]
        self.left_cover.setVisible(bool(is_cut))
        if not hidden:
            return
        height = bar.height()
        if is_cut:
            self.left_cover.setGeometry(2, 1, bar.tabRect(is_cut[0]).right() - 1, height - 1)
            self.left_cover.raise_()
        ends = [bar.tabRect(k).right() + 1 for k in range(bar.count()) if k not in hidden]
        left = min(max(ends, default=0), self._room())
        self.setGeometry(left, 1, bar.width() - left - 1, height - 1)
        side = look.px(BUTTON)
        self.button.setGeometry(look.px(2), (height - 1 - side) // 2, side, side)
        self.raise_()

    def open_menu(self) -> None:
        """List the tabs without room by their titles, below the button."""
        self.menu.clear()
        for number in self.hidden_tabs():
            title = self._bar.tabText(number)
            action = self.menu.add(title)
            action.triggered.connect(lambda _=False, title=title: self._choose(title))
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))
        if self.menu.actions():
            self.menu.setActiveAction(self.menu.actions()[0])

    def _choose(self, title: str) -> None:
        number = next((k for k in range(self._bar.count()) if self._bar.tabText(k) == title), -1)
        self._bar.setCurrentIndex(number)
        self._bar.setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_needed(self) -> bool:
        bar = self._bar
        return bar.count() > 1 and sum(bar.tabRect(k).width() for k in range(bar.count())) > bar.width()

    def _room(self) -> int:
        """Where tabs must end, in pixels from the left: Qt scrolls the current one to where its arrows would be."""
        arrows = [arrow.x() for arrow in self._arrows() if not arrow.isHidden()]
        return min(arrows, default=self._bar.width() - current_look().px(WIDTH_TAB_OVERFLOW))

    def _arrows(self) -> list[QToolButton]:
        return self._bar.findChildren(QToolButton, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def _seen(self) -> tuple[object, ...]:
        bar = self._bar
        return (bar.width(), bar.height(), *(bar.tabRect(k).getRect() for k in range(bar.count())))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Whatever moves tabs has the bar painted anew.
        if event.type() in (QEvent.Type.Paint, QEvent.Type.Resize) and self._places != self._seen():
            self._fitting.start()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), current_look().color("panel"))


class _Cover(QWidget):
    """In the colour of the bar."""

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.fillRect(self.rect(), current_look().color("panel"))


def _is_within(tab: QRect, room: int) -> bool:
    return tab.left() >= -current_look().px(PADDING_CUT) and tab.right() <= room
