"""The whole window from the keyboard: every control has a name and a word of help, and Tab comes to each of them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from core.settings import Settings
from gui.app import create_main_window
from gui.run_state import RunState

SMALL = {"network.hidden_size": 8, "task.seq_len": 10, "training.batch_size": 8}
NUMBERS = range(1, 10)


@pytest.fixture(params=[(1600, 1000), (1280, 800)], ids=["wide", "narrow"])
def window(qtbot, request):
    window = create_main_window(settings=Settings.preset("adding").with_changes(SMALL), is_remembering=False)
    window.resize(*request.param)
    window.show()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED and window.frames.snapshot is not None)
    QApplication.processEvents()
    yield window
    window.close()
    window.deleteLater()


def stops_of(window: QWidget) -> list[QWidget]:
    """What Tab should come to."""
    stops = [w for w in window.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible() and w.isEnabled()]
    # Those that hand their focus on are not stops themselves.
    return [w for w in stops if w.focusProxy() is None and w.window() is window]


def name_of(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()} in {type(widget.parentWidget()).__name__}"


def helped(widget: QWidget) -> bool:
    """Its own tooltip, or that of the control that it is a part of."""
    return bool(widget.toolTip()) or (isinstance(widget.parentWidget(), QWidget) and bool(widget.parentWidget().toolTip()))


def test_every_control_has_a_name(window) -> None:
    assert [name_of(w) for w in stops_of(window) if not w.accessibleName()] == []


def test_every_control_has_a_word_of_help(window) -> None:
    drawings = [dock.panel for dock in window.bench.docks.values()]
    inside = lambda w: any(panel.isAncestorOf(w) for panel in drawings) and not isinstance(w, QLineEdit)  # noqa: E731
    # A drawing is explained by its panel's title: a tooltip would cover it.
    assert [name_of(w) for w in stops_of(window) if not helped(w) and not inside(w)] == []


def test_tab_comes_to_every_control(window) -> None:
    reached, widget = set(), window
    while True:
        widget = widget.nextInFocusChain()
        if widget is window or widget in reached:
            break
        reached.add(widget)
    missing = [name_of(w) for w in stops_of(window) if w not in reached]
    assert missing == [] and len(stops_of(window)) > 20


def test_keys_show_panels_and_fill_the_bench(qtbot, window) -> None:
    window.activateWindow()
    for number, (name, dock) in zip(NUMBERS, window.bench.docks.items(), strict=False):
        dock.close()
        qtbot.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.bench.is_open(name)
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.bench.enlarged is not None
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.bench.enlarged is None
