"""The menu bar. Every entry is an action of the window; keys work everywhere that no text is typed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenuBar

from gui.bench import Bench
from gui.commands import Commands
from gui.controls.keys import finish_typing
from gui.controls.menu import Menu
from gui.controls.tooltips import choose_mnemonic, with_mnemonic
from gui.preferences import TEXT_SIZES, THEME_NAMES, Preferences
from gui.story_menu import fill_story_menu

# Panels whose key is their number; the others have a letter that no entry of the View menu and no other key has.
LAST_NUMBER = 9
TAKEN_LETTERS = frozenset("tsmnvo") | frozenset("otspqzyr") | frozenset("acxv")

STEPS = (
    ("One &time step", "time step", "Shift+Return"),
    ("One se&quence", "sequence", "Ctrl+Shift+Return"),
    ("One &update", "update", "Alt+Return"),
    ("One &epoch (100 updates)", "epoch", "Ctrl+Return"),
)
"""An entry for each size of a step: its text, the size, its key."""


def _menu(bar: QMenuBar, title: str) -> Menu:
    menu = Menu(bar, title)
    bar.addMenu(menu)
    return menu


def _add(menu: Menu, text: str, slot: Callable[[], object], *keys: str) -> QAction:
    action = menu.add(text)
    action.setShortcuts([QKeySequence(key) for key in keys])

    def on_triggered(_checked: bool = False) -> None:
        finish_typing()
        slot()

    action.triggered.connect(on_triggered)
    return action


def _add_switch(menu: Menu, text: str, is_on: bool, slot: Callable[[bool], object]) -> QAction:
    action = menu.add(text)
    action.setCheckable(True)
    action.setChecked(is_on)
    action.toggled.connect(slot)
    return action


def _add_choices(menu: Menu, choices: dict[str, object], chosen: object, slot: Callable[[object], None]) -> dict[object, QAction]:
    """One action for each choice, by its value."""
    group = QActionGroup(menu)
    actions: dict[object, QAction] = {}
    for text, value in choices.items():
        action = menu.add(text)
        action.setCheckable(True)
        action.setChecked(value == chosen)
        action.triggered.connect(lambda _checked=False, value=value: slot(value))
        group.addAction(action)
        actions[value] = action
    return actions


def fill_menu_bar(bar: QMenuBar, commands: Commands, bench: Bench, preferences: Preferences) -> dict[str, QAction]:
    """Make all menus; returns the actions whose text or state changes, by name."""
    actions: dict[str, QAction] = {}
    file = _menu(bar, "&File")
    _add(file, "&Open session…", commands.on_open_session, "Ctrl+O")
    _add(file, "Open a &text or table…", commands.on_open_data, "Ctrl+T")
    file.addSeparator()
    _add(file, "&Save session", commands.on_save, "Ctrl+S")
    _add(file, "Save session &as…", commands.on_save_as, "Ctrl+Shift+S")
    _add(file, "Save &picture of the window…", commands.on_save_picture, "Ctrl+P")
    file.addSeparator()
    keep_runs = _add_switch(file, "&Keep past runs", preferences.is_keeping_runs, commands.on_keep_runs_toggled)
    keep_runs.setEnabled(preferences.is_remembering)
    file.addSeparator()
    _add(file, "&Quit", commands.close, "Ctrl+Q")

    edit = _menu(bar, "&Edit")
    actions["undo"] = _add(edit, "&Undo", commands.on_undo, "Ctrl+Z")
    actions["redo"] = _add(edit, "&Redo", commands.on_redo, "Ctrl+Shift+Z", "Ctrl+Y")

    run = _menu(bar, "&Run")
    actions["play"] = _add(run, "&Play", commands.on_play_toggled, "Space")
    actions["step"] = _add(run, "&Step of the chosen size", commands.on_step, "Return", "Enter")
    for text, step_size, key in STEPS:
        actions[f"step_{step_size}"] = _add(run, text, partial(commands.on_step_requested, step_size), key)
    run.addSeparator()
    _add(run, "&Reset, same seed", commands.on_reset, "Backspace")
    _add(run, "Reset with a &new seed", commands.on_new_seed, "Shift+Backspace")
    actions["rewind"] = _add(run, "Re&wind…", commands.on_rewind, "Ctrl+R")
    run.addSeparator()
    actions["race"] = _add(run, "Race &cells", commands.on_race, "Ctrl+Shift+R")
    actions["race"].setEnabled("compare" in bench.docks)
    run.addSeparator()
    _add(run, "Time cursor &back", lambda: commands.move_cursor(-1), "Left")
    _add(run, "Time cursor &forward", lambda: commands.move_cursor(1), "Right")

    stories = _menu(bar, "S&tories")
    # Each preset's file is read for its title: only when somebody looks.
    connection = Qt.ConnectionType.SingleShotConnection
    stories.aboutToShow.connect(lambda: fill_story_menu(stories, commands.on_preset_chosen), connection)

    view = _menu(bar, "&View")
    theme = view.add_menu("&Theme")
    themes: dict[str, object] = {f"&{name.capitalize()}": name for name in THEME_NAMES}
    by_name = _add_choices(theme, themes, preferences.theme, lambda name: commands.on_theme_chosen(str(name)))
    actions |= {f"theme_{name}": action for name, action in by_name.items()}
    size = view.add_menu("Text &size")
    letters: set[str] = set()
    sizes: dict[str, object] = {with_mnemonic(text, choose_mnemonic(text, letters)): factor for text, factor in TEXT_SIZES.items()}
    _add_choices(size, sizes, preferences.text_size, lambda factor: commands.on_text_size_chosen(float(str(factor))))
    view.addSeparator()
    _fill_panels(view, bench)
    view.addSeparator()
    _add(view, "&Maximise the panel, or back", bench.toggle_enlarged, "F11")
    _add(view, "&Next tab", lambda: bench.turn_tab(1), "Ctrl+Tab", "Ctrl+PgDown")
    _add(view, "Pre&vious tab", lambda: bench.turn_tab(-1), "Ctrl+Shift+Tab", "Ctrl+PgUp")
    _add(view, "Rest&ore layout", commands.on_restore_layout)

    help_menu = _menu(bar, "&Help")
    _add(help_menu, "What is &this?", commands.on_help, "F1")
    _add(help_menu, "&Keys, and what to do first", commands.on_keys)
    _add(help_menu, "&About RNN Playground", commands.on_about)
    return actions


def _fill_panels(view: Menu, bench: Bench) -> None:
    """An entry for each panel, checked where it is open; and keys that show it, and bring it to the front."""
    taken = set(TAKEN_LETTERS)
    for number, (name, dock) in enumerate(bench.docks.items(), 1):
        title = dock.spec.title
        letter = str(number) if number <= LAST_NUMBER else choose_mnemonic(title, taken)
        text = f"&{letter} {title}" if number <= LAST_NUMBER else with_mnemonic(title, letter)
        action = view.add(f"{text}\tCtrl+{letter.upper()}" if letter else text)
        action.setCheckable(True)
        action.triggered.connect(lambda _checked=False, name=name: bench.toggle_panel(name))
        if letter:
            key = QShortcut(QKeySequence(f"Ctrl+{letter.upper()}"), view.parentWidget() or view)
            key.activated.connect(lambda name=name: bench.show_panel(name))
        view.aboutToShow.connect(lambda action=action, name=name: action.setChecked(bench.is_open(name)))
