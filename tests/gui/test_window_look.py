"""The whole window as it is seen: themes, sizes, focus, one time cursor."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from gui.controls.caption import Title
from gui.controls.number_field import NumberField
from gui.panel_dock import PanelDock
from gui.theme import LIGHT
from tests.gui.windows import train


def test_fields_give_the_keyboard_back(qtbot, make_window):
    window = make_window()
    window.activateWindow()
    field = window.transport.seed.findChild(NumberField)
    for leave in (lambda: qtbot.keyClick(field, Qt.Key.Key_Escape), lambda: qtbot.mousePress(window, Qt.MouseButton.LeftButton)):
        field.setFocus()
        leave()
        assert QApplication.focusWidget() is not field


def test_the_setup_column_keeps_its_colours_through_the_drawer(qtbot, make_window):
    window = make_window(theme="dark")
    window.commands.on_theme_toggled()
    window.resize(1200, 800)
    window.resize(1600, 1000)
    colors = {caption.palette().windowText().color().name().upper() for caption in window.setup.findChildren(Title)}
    assert colors == {LIGHT.text}
    assert window.menu_actions["theme_light"].isChecked()


def test_the_time_cursor_moves_in_all_panels_and_stays_inside(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 2)
    seen = {name: [] for name in window.bench.docks}
    for name, dock in window.bench.docks.items():
        original = dock.panel.set_cursor
        dock.panel.set_cursor = lambda step, name=name, original=original: (seen[name].append(step), original(step))
    for _ in range(15):
        window.commands.move_cursor(1)
    window.commands.move_cursor(-1)
    assert all(steps[-2:] == [9, 8] for steps in seen.values())


def test_narrow_windows_fold_the_setup_column_away(qtbot, make_window):
    window = make_window()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.rail.isVisible())
    assert window.quick_strip.isVisible() and not window.setup.isVisible()
    window.rail.setup_button.click()
    qtbot.waitUntil(lambda: window.setup.isVisible())
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: not window.rail.isVisible())
    assert window.setup.isVisible() and not window.quick_strip.isVisible()


def test_folding_the_setup_column_away_dresses_nothing_anew(qtbot, make_window, monkeypatch):
    window = make_window()
    restyled = []
    monkeypatch.setattr(NumberField, "restyle", lambda field: restyled.append(field))
    parent = window.setup.parentWidget()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: not window.setup.isVisible())
    window.resize(1600, 1000)
    qtbot.waitUntil(lambda: window.setup.isVisible())
    assert window.setup.parentWidget() is parent
    assert not [field for field in restyled if window.setup.isAncestorOf(field)]
    row = window.drawer.parentWidget()
    assert window.setup.mapTo(row, window.setup.rect().topRight()).x() < window.bench.mapTo(row, window.bench.rect().topLeft()).x()


def test_both_themes_and_text_sizes_reach_every_panel(qtbot, make_window):
    window = make_window(theme="dark")
    window.commands.on_theme_toggled()
    assert all(panel.theme.name == "light" for panel in window.bench.panels)
    window.commands.on_text_size_chosen(1.4)
    assert window.setup.width() > 288
    window.commands.on_text_size_chosen(1.0)
    window.commands.on_theme_toggled()
    assert all(panel.theme.name == "dark" for panel in window.bench.panels)


def test_a_hidden_panel_misses_nothing(qtbot, make_window):
    window = make_window()
    window.bench.docks["loss"].hide()
    train(qtbot, window, 40)
    window.bench.docks["loss"].show()
    assert len(window.controller.history.losses) == 40


def test_arranging_anew_moves_only_docks_that_float(make_window, monkeypatch):
    window = make_window()
    told = []
    monkeypatch.setattr(PanelDock, "setFloating", lambda dock, is_floating: told.append(dock))
    window.bench.arrange()
    assert not told
