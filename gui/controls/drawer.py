"""A drawer that slides over the bench from the left."""

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from gui.style import current_look
from gui.theme import DURATION_DRAWER


class Drawer(QWidget):
    """Covers ``host`` (the bench) while it is open, and shows ``content`` at its left.

    A click beside the content, or Escape, closes it. ``toggled`` carries whether it is open. The content can be taken back
    (``take_content``) when the window is wide enough for it to stand beside the bench.
    """

    toggled = Signal(bool)

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._content: QWidget | None = None
        self._is_open = False
        self._slide: QPropertyAnimation | None = None
        host.installEventFilter(self)
        self.hide()

    @property
    def is_open(self) -> bool:
        """Whether the content shows, or is on its way."""
        return self._is_open

    def set_content(self, content: QWidget) -> None:
        """Put ``content`` into the drawer."""
        self._content = content
        content.setParent(self)
        content.show()
        self._fit()

    def take_content(self) -> QWidget | None:
        """Close at once and give the content away; it has no parent then."""
        content, self._content = self._content, None
        self._stop()
        self._set_open(False)
        self.hide()
        if content is not None:
            content.setParent(None)
        return content

    def toggle(self) -> None:
        """Open if closed, close if open."""
        self.close_drawer() if self._is_open else self.open_drawer()

    def open_drawer(self) -> None:
        """Slide in, and give the content the keyboard."""
        if self._is_open or self._content is None:
            return
        self._set_open(True)
        self._fit()
        self.show()
        self.raise_()
        self._move_content(-self._content.width(), 0)
        self._content.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_drawer(self) -> None:
        """Slide out."""
        if not self._is_open or self._content is None:
            return
        self._set_open(False)
        self._move_content(self._content.x(), -self._content.width())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the host."""
        if event.type() == QEvent.Type.Resize and watched is self._host:
            self._fit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_drawer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_drawer()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        self.setGeometry(self._host.rect())
        if self._content is not None:
            self._content.resize(self._content.sizeHint().width(), self.height())

    def _set_open(self, is_open: bool) -> None:
        if is_open != self._is_open:
            self._is_open = is_open
            self.toggled.emit(is_open)

    def _stop(self) -> None:
        if self._slide is not None:
            self._slide.stop()
            self._slide = None

    def _move_content(self, start: int, end: int) -> None:
        assert self._content is not None
        self._stop()
        duration = current_look().duration(DURATION_DRAWER)
        if duration == 0:
            self._content.move(end, 0)
            self._on_slid()
            return
        self._content.move(start, 0)
        self._slide = QPropertyAnimation(self._content, b"pos", self)
        self._slide.setDuration(duration)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.setStartValue(QPoint(start, 0))
        self._slide.setEndValue(QPoint(end, 0))
        self._slide.finished.connect(self._on_slid)
        self._slide.start()

    def _on_slid(self) -> None:
        if not self._is_open:
            self.hide()
