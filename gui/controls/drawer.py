"""A drawer that slides over the bench from the left, or stands beside it for good."""

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.style import current_look
from gui.theme import DURATION_DRAWER

FITTING = {QEvent.Type.Resize, QEvent.Type.Move}


class Drawer(QWidget):
    """Covers ``host`` (the bench) while it is open, and shows ``content`` at its left.

    A click beside the content, or Escape, closes it. ``toggled`` carries whether it is open. Where there is room it stands beside the
    host (``stand``), as large as a layout makes it: the content never changes its parent, which would have all of it dressed anew.
    """

    toggled = Signal(bool)

    def __init__(self, host: QWidget, parent: QWidget | None = None) -> None:
        """``parent`` holds host and drawer; left out: the host itself holds the drawer."""
        super().__init__(parent or host)
        self._host, self._holder = host, parent or host
        self._is_standing = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
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

    def stand(self) -> None:
        """No drawer any more: the content stands where a layout puts it."""
        self._stop()
        self._is_standing = True
        self._set_open(False)
        self._fit_content()
        self.show()

    def slide(self) -> None:
        """A drawer again, which is closed; no layout may hold it."""
        self._is_standing = False
        self.hide()
        self._fit()
        self.raise_()

    def sizeHint(self) -> QSize:
        return self._content.sizeHint() if self._content is not None else QSize()

    def toggle(self) -> None:
        """Open if closed, close if open."""
        self.close_drawer() if self._is_open else self.open_drawer()

    def open_drawer(self) -> None:
        """Slide in, and give the content the keyboard."""
        if self._is_open or self._is_standing or self._content is None:
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
        if event.type() in FITTING and watched is self._host and not self._is_standing:
            self._fit()
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # The content wants another width.
            self.updateGeometry()
            if not self._is_standing:
                self._fit_content()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_content()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_standing:
            super().mousePressEvent(event)
        else:
            self.close_drawer()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._is_standing:
            self.close_drawer()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        self.setGeometry(QRect(self._host.mapTo(self._holder, QPoint()), self._host.size()))
        self._fit_content()

    def _fit_content(self) -> None:
        if self._content is None:
            return
        self._content.resize(self._content.sizeHint().width(), self.height())
        if self._is_standing:
            self._content.move(0, 0)

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
