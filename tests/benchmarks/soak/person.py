"""A person before the window: what they find in it, do it with, wait for, and are asked by it."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QPlainTextEdit, QPushButton, QWidget

from gui.app import create_main_window
from gui.main_window import MainWindow
from tests.benchmarks.soak.deck import Deck
from tests.benchmarks.soak.report import Report
from tests.benchmarks.soak.watch import Heart

FIRST_SIZE = (1600, 1000)
ANSWER_MILLISECONDS = 250
MOST_ANSWERS = 4
POLL_SECONDS = 0.02
TYPED_IN_DIALOGS = ("1 2 3 4 5 6 7 8 9 8 7 6 5 4 3 2 1", "to be or not to be, that is the question", "")


class Person:
    """``act`` does one thing; the files beside this one hold what can be done, as functions that take a person."""

    def __init__(self, seed: int, report: Report, heart: Heart, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.report, self.heart, self.folder = report, heart, folder
        self._decks: dict[str, Deck[Any]] = {}
        self._answered: tuple[QWidget | None, int] = (None, 0)
        self._is_acting = False
        self.answers = QTimer()
        self.answers.timeout.connect(self._answer)
        self.answers.start(ANSWER_MILLISECONDS)
        self.window = self.open_window()

    def stop(self) -> None:
        """Nothing is answered any more."""
        self.answers.stop()

    def open_window(self) -> MainWindow:
        """A new window, which loads its first run."""
        window = create_main_window(preset=self.draw("first presets", ("adding", "copy", "completion", "prices", "digits")))
        window.resize(*FIRST_SIZE)
        window.show()
        return window

    def act(self, action: Callable[["Person"], None]) -> None:
        """Do one thing, rest a little, and close what was opened, sooner or later."""
        name = action.__name__.replace("_", " ")
        self.heart.action = name
        self._is_acting = True
        try:
            action(self)
        except Exception as error:
            self.report.note_error("in an action", error, error.__traceback__, self.heart.action)
        finally:
            self._is_acting = False
        self.report.actions[name] += 1
        self.wait(self.chance.choice([0.0, 0.01, 0.05, 0.2]))
        self._close_some()

    def name(self, what: object) -> None:
        """Note what the action is done to."""
        self.heart.action += f" {what}"

    def draw(self, name: str, cards: Sequence[Any]) -> Any:
        """The next of ``cards``: all come once before any comes again."""
        if name not in self._decks:
            self._decks[name] = Deck(self.chance, cards)
        return self._decks[name].draw()

    def wait(self, seconds: float) -> None:
        """Let the window live for a while; at least until everything that is due has been done."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def wait_for(self, is_there: Callable[[], bool], seconds: float) -> bool:
        """Wait until then, but not longer; returns whether it came."""
        for _ in range(round(seconds / POLL_SECONDS)):
            if is_there():
                return True
            self.wait(POLL_SECONDS)
        return is_there()

    # Finding

    def root(self) -> QWidget:
        """What takes the mouse and the keys now: a dialog that stands over the window, or the window."""
        modal = QApplication.activeModalWidget()
        return modal if modal is not None else self.window

    def find(self, kind: type, is_wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """A widget of ``kind`` that a person could reach now, one of those least often used; None where there is none."""
        with self.heart.apart():
            there = {w: self._title(w) for w in self.root().findChildren(kind) if _is_reachable(w) and is_wanted(w)}
            self.report.seen.update(there.values())
            least = min((self.report.touched[title] for title in there.values()), default=0)
            chosen = self.chance.choice([w for w, title in there.items() if self.report.touched[title] == least]) if there else None
            if chosen is not None:
                self.touch(chosen)
        return chosen

    def touch(self, widget: QWidget) -> None:
        """Note that ``widget`` is used."""
        title = self._title(widget)
        self.report.seen.add(title)
        self.report.touched[title] += 1
        self.name(title)

    def _title(self, widget: QWidget) -> str:
        name = widget.accessibleName() or widget.objectName() or getattr(widget, "text", str)()
        return f"{type(widget).__name__} “{name[:60]}”"

    # Mouse and keys

    def click(self, widget: QWidget) -> None:
        """A click in its middle."""
        if _is_reachable(widget):
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def drag(self, widget: QWidget, places: Sequence[QPoint]) -> None:
        """Press at the first place, move over the others, let go at the last; each is an event of its own."""
        if not _is_reachable(widget):
            return
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            self.wait(0.0)
            if not _is_reachable(widget):
                return
            self.move(widget, place)
        self.wait(0.0)
        if _is_reachable(widget):
            QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=places[-1])

    def move(self, widget: QWidget, place: QPoint, buttons: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """Move the mouse to ``place`` with ``buttons`` held."""
        at, everywhere = QPointF(place), QPointF(widget.mapToGlobal(place))
        event = QMouseEvent(QEvent.Type.MouseMove, at, everywhere, Qt.MouseButton.NoButton, buttons, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)

    def places_in(self, widget: QWidget, count: int) -> list[QPoint]:
        """Places in it, by chance."""
        width, height = max(1, widget.width()), max(1, widget.height())
        return [QPoint(self.chance.randrange(width), self.chance.randrange(height)) for _ in range(count)]

    def type_into(self, field: QWidget, text: str, last: Qt.Key | None = None) -> None:
        """Replace what stands in a field, letter by letter: letters that no keyboard of QTest has, too."""
        field.setFocus()
        if isinstance(field, QLineEdit | QPlainTextEdit):
            field.selectAll()
        if not text:
            QTest.keyClick(field, Qt.Key.Key_Delete)
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                if not shiboken6.isValid(field):
                    return
                QApplication.sendEvent(field, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
            self.wait(0.0)
        if last is not None and _is_reachable(field):
            QTest.keyClick(field, last)

    # Dialogs

    def _close_some(self) -> None:
        """Menus close; dialogs stay open for a while by chance."""
        for widget in QApplication.topLevelWidgets():
            is_dialog = isinstance(widget, QDialog) and self.chance.random() < 0.5
            if widget.isVisible() and (is_dialog or isinstance(widget, QMenu)):
                widget.close()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()

    def _answer(self) -> None:
        """A dialog that an action waits for is filled in and answered; one that is not content with that is closed."""
        modal = QApplication.activeModalWidget()
        if modal is None or not self._is_acting:
            self._answered = (None, 0)
            return
        known, count = self._answered
        count = count + 1 if known is modal else 0
        self._answered = (modal, count)
        if count == 0:
            return
        if count > MOST_ANSWERS:
            modal.close()
            return
        fields = [w for w in modal.findChildren(QWidget) if isinstance(w, QPlainTextEdit | QLineEdit) and _is_reachable(w)]
        if fields:
            self.type_into(self.chance.choice(fields), self.chance.choice(TYPED_IN_DIALOGS))
        buttons = [w for w in modal.findChildren(QPushButton) if _is_reachable(w)] if shiboken6.isValid(modal) else []
        if buttons:
            self.chance.choice(buttons).click()


def _is_reachable(widget: QWidget) -> bool:
    return shiboken6.isValid(widget) and widget.isVisible() and widget.isEnabled() and widget.width() > 1 and widget.height() > 1
