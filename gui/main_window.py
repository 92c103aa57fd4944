"""The window: setup column, transport bar, bench of panels, status line, and the wires between them and the current run."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QChildEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from core.settings import Settings
from gui import panel_actions, settled_objects
from gui.bench_memory import BenchMemory
from gui.commands import Commands
from gui.controls.keys import finish_typing
from gui.drop_overlay import DropOverlay, dragged_file
from gui.frames import Frames
from gui.menus import fill_menu_bar
from gui.panel_spec import PanelSpec
from gui.plots.drawing_turns import drawing_turns
from gui.preferences import Preferences
from gui.race_controller import RaceController
from gui.run_controller import RunController
from gui.run_display import RunDisplay
from gui.run_recorder import RunRecorder
from gui.run_state import RunState
from gui.setup_controller import SetupController
from gui.status_words import StatusWords
from gui.style import apply_look, wear
from gui.undo import SettingsUndo
from gui.walk_controller import WalkController
from gui.window_body import WindowBody
from gui.wiring.wiring import wirings

LARGEST_FIRST_SIZE = QSize(1600, 1000)
LEAST_SIZE = (960, 600)
ROOM_FOR_TITLE_BAR = QSize(0, 40)


class MainWindow(QMainWindow):
    """Composition only: what is drawn is the panels', what is computed the trainer's.

    ``progressed`` follows every change of state and every frame.
    """

    progressed = Signal()

    def __init__(
        self, preferences: Preferences, settings: Settings | None, session: str | None, panels: Sequence[PanelSpec], preset: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(_first_size())
        self.setAcceptDrops(True)
        self.preferences = preferences

        self.controller = RunController(self)
        self.race = RaceController(self)
        self.undo = SettingsUndo(self.controller, self)
        self.setup_controller = SetupController(self.controller, self)
        self.setup_controller.preset = preset
        self.recorder = RunRecorder(self.controller, self.setup_controller, preferences, self)

        self.body = body = WindowBody(panels)
        self.transport, self.status_line = body.transport, body.status_line
        self.setup, self.rail, self.drawer, self.quick_strip = body.setup, body.rail, body.drawer, body.quick_strip
        self.bench = body.bench
        self.bench_memory = BenchMemory(self.bench, preferences)
        self.frames = Frames(self.controller, self.bench, self)
        self.walker = WalkController(self.controller, self.frames, self.bench, self)
        self.words = StatusWords(self.controller, self.frames, self.status_line, self)
        self.drop_overlay = DropOverlay(self, self.setup_controller.plan_for)
        self.commands = Commands(self)
        wear(self.menuBar(), "menu")
        self.menu_actions = fill_menu_bar(self.menuBar(), self.commands, self.bench, preferences)
        self.setCentralWidget(body)
        body.compact_changed.connect(self.bench_memory.fit_soon)
        self.display = RunDisplay(self)
        self.display.changed.connect(self.progressed)
        self._connect()
        self.bench.setFocus()
        if not preferences.geometry.isEmpty():
            self.restoreGeometry(preferences.geometry)
        body.fit_to_width(self.width())
        if session is not None:
            self.open_session(Path(session))
        elif settings is not None:
            self.controller.begin(settings)

    # What outside checks and commands use.

    @property
    def state(self) -> RunState:
        """What the current run is doing."""
        return self.controller.state

    @property
    def problem(self) -> str:
        """What was wrong with the last wish; "" where nothing was."""
        return self.words.problem

    @property
    def explanation(self) -> str:
        """What the worker said of the run's state."""
        return self.words.said

    @property
    def step_count(self) -> int:
        """Updates done, as last shown."""
        return self.frames.shown_step

    @property
    def frame_count(self) -> int:
        """Frames drawn."""
        return self.frames.count

    def play(self) -> None:
        """Train until paused, at the speed that is set."""
        self.walker.play()

    def pause(self) -> None:
        """Stop training after the current chunk of updates."""
        self.walker.pause()

    def request_full_frame(self) -> None:
        """Ask for a frame with everything in it."""
        self.frames.request_soon()

    def open_session(self, path: Path) -> None:
        """Load a session in place of the current run."""
        self.setup_controller.forget_preset()
        self.controller.open_session(path)

    def open_data(self, path: Path) -> None:
        """Train on a person's own text or table."""
        self.setup_controller.open_data(path)

    def _connect(self) -> None:
        commands, setup_controller, transport = self.commands, self.setup_controller, self.transport
        transport.play_toggled.connect(commands.on_play_toggled)
        transport.step_requested.connect(commands.on_step_requested)
        transport.reset_requested.connect(commands.on_reset)
        transport.seed_changed.connect(commands.on_seed_chosen)
        transport.speed_changed.connect(self.walker.set_speed)
        transport.race_requested.connect(commands.race.toggle_transport)
        transport.theme_toggled.connect(commands.on_theme_toggled)
        transport.help_requested.connect(commands.on_help)
        transport.undo_requested.connect(commands.on_undo)
        transport.redo_requested.connect(commands.on_redo)
        for controls in (self.setup, self.quick_strip):
            controls.changed.connect(lambda section, key, value: setup_controller.change(f"{section}.{key}", value))
            controls.task_selected.connect(setup_controller.begin_task)
        self.quick_strip.seed_changed.connect(commands.on_seed_chosen)
        self.setup.story.chosen.connect(commands.on_preset_chosen)
        self.setup.story.closed.connect(commands.on_story_closed)
        self.undo.run_changing.connect(setup_controller.forget_preset)
        self.rail.setup_toggled.connect(self.drawer.toggle)
        self.drawer.toggled.connect(self.rail.set_setup_open)
        for button in (self.setup.library_button, self.rail.library_button):
            button.setVisible("library" in self.bench.docks)
            button.clicked.connect(lambda: self.bench.toggle_enlarged("library"))
        self.status_line.remedy_chosen.connect(commands.on_remedy_chosen)
        for dock in self.bench.docks.values():
            panel_actions.connect(self, dock, self.frames)
            wiring = wirings().get(dock.spec.name)
            if wiring is not None:
                wiring.prepare(self)
                dock.panel_made.connect(partial(wiring.connect, self))

    # Qt's own events.

    def apply_look(self) -> None:
        """Dress everything as the preferences say."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        look = self.preferences.look(application)
        apply_look(application, look)
        wear(self.menuBar(), "menu")
        for dialog in self.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
            wear(dialog)
        self.bench.set_theme(look.theme)
        self.body.fit_to_width(self.width())
        # To dress everything has taken this turn.
        drawing_turns.give_way()
        self.frames.request_soon()

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.polished() and isinstance(event.child(), QDialog):
            wear(event.child())  # type: ignore[arg-type]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside a field gives the keyboard back to the window, whose keys then work again."""
        finish_typing()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab passes what stands behind the tabs of the bench, and what can't take the keyboard after all."""
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        first: QWidget = self.focusWidget() or self
        widget: QWidget | None = first
        while True:
            assert widget is not None
            widget = widget.nextInFocusChain() if next else widget.previousInFocusChain()
            if widget is None or widget is first:
                return False
            if self._is_tab_stop(widget):
                widget.setFocus(reason)
                if self.focusWidget() is widget:
                    return True

    def _is_tab_stop(self, widget: QWidget) -> bool:
        is_stop = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None and widget.window() is self
        return is_stop and widget.isEnabled() and widget.isVisible() and not self.bench.is_behind(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.body.fit_to_width(self.width())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dragged_file(event.mimeData())
        if path is not None:
            self.drop_overlay.show_plan(path)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_overlay.hide()
        path = dragged_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.setup_controller.open_file(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.preferences.geometry = self.saveGeometry()
        self.bench_memory.keep()
        # Gone at once for the person, even where an update in progress has to end first: windows of its own first.
        for child in self.findChildren(QWidget):
            if child.isWindow() and child.isVisible():
                child.close()
        self.hide()
        self.words.stop()
        self.walker.stop()
        self.frames.stop()
        self.setup_controller.stop()
        self.race.close()
        self.controller.close()
        self.recorder.close()
        self.commands.finish()
        self.undo.close()
        settled_objects.unsettle()
        super().closeEvent(event)


def _first_size() -> QSize:
    """As large as the pictures it was designed by, but no larger than the screen leaves room for."""
    screen = QGuiApplication.primaryScreen()
    if QGuiApplication.platformName() == "offscreen" or screen is None:
        return LARGEST_FIRST_SIZE
    return LARGEST_FIRST_SIZE.boundedTo(screen.availableGeometry().size() - ROOM_FOR_TITLE_BAR)
