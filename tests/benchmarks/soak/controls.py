"""What a person does with any control, whatever it is for: press, drag, type, choose, click, turn the wheel, use the keys."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QApplication, QComboBox, QLineEdit, QPlainTextEdit

from gui.controls.segments import Segments
from gui.controls.slider_track import SliderTrack
from gui.controls.stepper import Stepper
from gui.plots.canvas import Canvas
from tests.benchmarks.soak.person import Person

TYPED = ("", "0", "1", "3", "12", "40", "-3", "7.5", "0.01", "1e9", "nan", "the rain in spain", "0.5* 0.2 0.9* 0.1", "()[]", "ÄÖ€")
LAST_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab)
WHEEL_STEP = 120
# Entries that leave the window.
LEFT_OUT = ("quit",)
KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Plus,
    Qt.Key.Key_Minus, Qt.Key.Key_F1, Qt.Key.Key_F11, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Menu,
)  # fmt: skip


def press_button(person: Person) -> None:
    """Any button, but for those that leave the window."""
    button = person.find(QAbstractButton, lambda b: not _is_left_out(b.text()))
    if button is not None:
        person.click(button)


def drag_slider(person: Person) -> None:
    """A slider is pulled to and fro; now and then its default is asked for."""
    slider = person.find(person.chance.choice([SliderTrack, SliderTrack, QAbstractSlider, Segments, Stepper]))
    if slider is None:
        return
    middle, width = slider.height() // 2, max(1, slider.width())
    person.drag(slider, [QPoint(person.chance.randrange(width), middle) for _ in range(person.chance.randrange(2, 7))])
    if person.chance.random() < 0.1:
        person.wait(0.0)
        QTest.mouseDClick(slider, Qt.MouseButton.LeftButton)


def type_something(person: Person) -> None:
    """A number or words, also such as don't fit."""
    field = person.find(person.chance.choice([QLineEdit, QLineEdit, QLineEdit, QPlainTextEdit]))
    if field is not None:
        person.type_into(field, person.draw("typed", TYPED), person.draw("last keys", LAST_KEYS))


def press_keys(person: Person) -> None:
    """Some keys, wherever the keyboard is."""
    for _ in range(person.chance.randrange(1, 4)):
        key = person.draw("keys", KEYS)
        person.name(key.name)
        held = Qt.KeyboardModifier.ShiftModifier if person.chance.random() < 0.15 else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(QApplication.focusWidget() or person.root(), key, held)
        person.wait(0.0)


def click_drawing(person: Person) -> None:
    """Hover over a drawing, pull across it, click it twice, turn the wheel over it."""
    canvas = person.find(Canvas)
    if canvas is None:
        return
    places = person.places_in(canvas, 4)
    person.move(canvas, places[0], Qt.MouseButton.NoButton)
    person.wait(0.0)
    person.drag(canvas, places[1 : person.chance.randrange(2, 5)])
    person.wait(0.0)
    if person.chance.random() < 0.2:
        QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    elif person.chance.random() < 0.2:
        nothing, at = QPoint(), QPointF(places[0])
        turned = QPoint(0, person.chance.choice([-WHEEL_STEP, WHEEL_STEP]))
        button, held = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        wheel = QWheelEvent(at, QPointF(canvas.mapToGlobal(places[0])), nothing, turned, button, held, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(canvas, wheel)


def choose_in_box(person: Person) -> None:
    """Another entry of a choice."""
    box = person.find(QComboBox)
    if box is not None and box.count():
        box.setFocus()
        for _ in range(person.chance.randrange(1, 4)):
            QTest.keyClick(box, person.chance.choice([Qt.Key.Key_Down, Qt.Key.Key_Up]))
            person.wait(0.0)


def choose_in_list(person: Person) -> None:
    """A row of a list or table."""
    view = person.find(QAbstractItemView)
    if view is None or view.model() is None or not view.model().rowCount():
        return
    index = view.model().index(person.chance.randrange(view.model().rowCount()), 0)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    if person.chance.random() < 0.2:
        person.wait(0.0)
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


def choose_in_menu(person: Person) -> None:
    """An entry of any menu: those least often chosen first."""
    with person.heart.apart():
        there = [a for a in person.window.findChildren(QAction) if a.isEnabled() and a.text() and a.menu() is None]
        texts = {action: f"entry “{action.text()}”" for action in there if not _is_left_out(action.text())}
        person.report.seen.update(texts.values())
        least = min((person.report.touched[text] for text in texts.values()), default=0)
        fewest = [action for action, text in texts.items() if person.report.touched[text] == least]
        if not fewest or person.root() is not person.window:
            return
        chosen = person.chance.choice(fewest)
        person.report.touched[texts[chosen]] += 1
    person.name(chosen.text())
    chosen.trigger()


def _is_left_out(text: str) -> bool:
    return text.replace("&", "").lower().startswith(LEFT_OUT)


ACTIONS = {
    press_button: 10, drag_slider: 8, type_something: 6, press_keys: 5, click_drawing: 6, choose_in_box: 2, choose_in_list: 2,
    choose_in_menu: 5,
}  # fmt: skip
