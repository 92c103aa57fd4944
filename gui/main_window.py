"""The window: setup column, transport bar, bench of panels, status line, and the wires between them and the current run."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QRandomGenerator, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QMainWindow, QVBoxLayout, QWidget

from core import registry
from core.fields import fields_of
from core.presets import presets
from core.readers.recognition import Recognition
from core.settings import NetworkSettings, Settings, TrainingSettings
from core.snapshot import Snapshot
from core.trainer_state import TrainerState
from gui import dialogs, panel_actions
from gui.bench import Bench
from gui.bench_memory import BenchMemory
from gui.controls.drawer import Drawer
from gui.controls.quick_strip import QuickStrip
from gui.controls.rail import Rail
from gui.controls.setup_column import SetupColumn
from gui.controls.status_line import StatusLine
from gui.controls.transport_bar import TransportBar
from gui.drop_overlay import DropOverlay, dragged_file
from gui.focus_help import help_on
from gui.frames import Frames
from gui.menus import fill_menu_bar
from gui.panels.panel import PanelSpec
from gui.preferences import Preferences
from gui.race_controller import RaceController
from gui.rewind_dialog import RewindDialog
from gui.run_controller import RunController
from gui.run_recorder import RunRecorder
from gui.setup_controller import SetupController
from gui.status_words import StatusWords
from gui.style import apply_look, current_look, restyle
from gui.theme import GAP, WIDTH_COMPACT
from gui.undo import SettingsUndo
from gui.walk import Walk
from gui.walk_controller import WalkController
from gui.wiring.wiring import wirings
from gui.worker import RunState

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
        self._is_compact: bool | None = None
        self._task_shown = ""

        self.controller = RunController(self)
        self.race = RaceController(self)
        self.undo = SettingsUndo(self.controller, self)
        self.setup_controller = SetupController(self.controller, self)
        self.setup_controller.preset = preset
        self.recorder = RunRecorder(self.controller, self.setup_controller, preferences, self)

        self.transport = TransportBar()
        self.setup = SetupColumn()
        self.rail = Rail()
        self.quick_strip = QuickStrip(fields_of(TrainingSettings))
        self.bench = Bench(panels, current_look().theme)
        self.bench_memory = BenchMemory(self.bench, preferences)
        self.status_line = StatusLine()
        self.frames = Frames(self.controller, self.bench, self)
        self.walker = WalkController(self.controller, self.frames, self.bench, self)
        self.words = StatusWords(self.controller, self.frames, self.status_line, self)
        self.drop_overlay = DropOverlay(self, self.setup_controller.plan_for)
        self._file_label = QLabel()
        self._file_label.setObjectName("file_label")
        self._actions = fill_menu_bar(self.menuBar(), self, self.bench, preferences)
        self._lay_out()
        self._connect()
        self._show_undo()
        self.bench.setFocus()
        if not preferences.geometry.isEmpty():
            self.restoreGeometry(preferences.geometry)
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

    # Commands of menus, transport bar, keys.

    def on_play_toggled(self) -> None:
        """Play or pause: the race where it has the transport, else the run."""
        if self.race.is_driven:
            self.race.toggle()
        elif self.state is RunState.RUNNING or self.walker.is_playing:
            self.pause()
        else:
            self.play()

    def on_step_requested(self, size: str) -> None:
        """One time step, sequence, update or epoch."""
        if self.race.is_driven:
            self.race.do_step(size)
        elif not self.walker.step(size):
            self.controller.step(size)

    def on_step(self) -> None:
        """One step of the size that is chosen in the transport bar."""
        self.on_step_requested(self.transport.step_sizes.value())

    def on_reset(self) -> None:
        """The same seed, the same weights: the same curve again."""
        if self.race.is_driven:
            self.race.reset()
        else:
            self.setup_controller.reset()

    def on_new_seed(self) -> None:
        """Reset with another seed."""
        self.setup_controller.set_seed(QRandomGenerator.global_().bounded(1, 10_000))

    def on_race(self, names: Sequence[str] = ()) -> None:
        """Show the race, and begin one of all cells, or of those in ``names``, where none is on. The own run pauses."""
        dock = self.bench.docks.get("compare")
        if dock is None:
            return
        dock.show()
        dock.raise_()
        if names or not self.race.runs:
            self.pause()
            self.race.begin(self.controller.settings, names or tuple(registry.cells()))

    def on_run_taken(self, state: TrainerState) -> None:
        """A run of the race becomes the window's own, as it is now; the race waits."""
        self.race.give_up_transport()
        self.setup_controller.forget_preset()
        self.controller.begin_from(state)

    def on_open_session(self) -> None:
        """Ask for a session and open it."""
        path = dialogs.ask_to_open(self, "Open session", dialogs.SESSIONS)
        if path is not None:
            self.open_session(path)

    def on_open_data(self) -> None:
        """Ask for a text or table and train on it."""
        path = dialogs.ask_to_open(self, "Train on your own text or table", dialogs.data_kinds())
        if path is not None:
            self.open_data(path)

    def on_preset_chosen(self, preset_id: str) -> None:
        """Begin with a preset, and tell its story."""
        self.setup_controller.begin_preset(preset_id)
        if self._is_compact:
            self.drawer.open_drawer()

    def on_undo(self) -> None:
        """Take the last change back."""
        self.setup_controller.settle()
        self.undo.undo()

    def on_redo(self) -> None:
        """Make the change again that was taken back last."""
        self.undo.redo()

    def on_rewind(self) -> None:
        """Ask how far back, and go there."""
        history, timeline = self.controller.history, self.controller.timeline
        dialog = RewindDialog(self, timeline, history.step, history.marks)
        dialog.rewind_chosen.connect(self.controller.rewind)
        dialog.return_chosen.connect(self.controller.return_to)
        dialog.open()

    def on_story_closed(self) -> None:
        """The story has been read; the run goes on."""
        self.setup_controller.forget_preset()
        self._show_story()

    def on_save(self) -> None:
        """Save where the session was opened or saved before."""
        path = self.controller.session_path
        if path is None:
            self.on_save_as()
        else:
            self.controller.save(str(path))

    def on_save_as(self) -> None:
        """Ask where, and save."""
        settings = self.controller.settings
        proposal = f"{settings.task.name}-{settings.network.cell}.rnnp"
        path = dialogs.ask_to_save(self, "Save session", proposal, dialogs.SESSIONS, ".rnnp")
        if path is not None:
            self.controller.save(str(path))

    def on_keep_runs_toggled(self, is_keeping: bool) -> None:
        """Keep past runs, or keep none."""
        self.recorder.set_keeping(is_keeping)

    def on_save_picture(self) -> None:
        """Ask where, and save a picture of the window."""
        picture = self.grab()
        path = dialogs.ask_to_save(self, "Save picture", "rnn-playground.png", dialogs.PICTURES, ".png")
        if path is not None and not picture.save(str(path)):
            self.words.say_problem(f"{path}: the picture can't be written there")

    def on_theme_chosen(self, name: str) -> None:
        """Dress the window in another theme."""
        self.preferences.theme = name
        self._actions[f"theme_{name}"].setChecked(True)
        self._apply_look()

    def on_theme_toggled(self) -> None:
        """Dark to light and back."""
        self.on_theme_chosen("light" if current_look().theme.is_dark else "dark")

    def on_text_size_chosen(self, factor: float) -> None:
        """Make all text larger or smaller."""
        self.preferences.text_size = factor
        self._apply_look()

    def on_restore_layout(self) -> None:
        """Every panel where it stood at first."""
        self.bench_memory.restore_first()

    def on_help(self) -> None:
        """Help on what has the keyboard; where that is nothing in particular, the keys and what to do first."""
        title, text = help_on(QApplication.focusWidget()) or ("RNN Playground", dialogs.keys_as_html())
        dialogs.show_help(self, title, text)

    def on_keys(self) -> None:
        """The keys, and what to do first."""
        dialogs.show_help(self, "RNN Playground", dialogs.keys_as_html())

    def on_about(self) -> None:
        """Name and version."""
        dialogs.show_help(self, "About RNN Playground", dialogs.about_text())

    def move_cursor(self, by: int) -> None:
        """Move the time cursor of all panels."""
        self.frames.move_cursor(by)

    # Composition.

    def _lay_out(self) -> None:
        self._beside = QWidget()
        beside = QVBoxLayout(self._beside)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(GAP)
        beside.addWidget(self.quick_strip)
        beside.addWidget(self.bench, 1)
        self._row = QWidget()
        self._row_layout = QHBoxLayout(self._row)
        self._row_layout.setContentsMargins(GAP, GAP, GAP, GAP)
        self._row_layout.setSpacing(GAP)
        self._row_layout.addWidget(self.rail)
        self._row_layout.addWidget(self.setup)
        self._row_layout.addWidget(self._beside, 1)
        self.drawer = Drawer(self._beside)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.transport)
        layout.addWidget(self._row, 1)
        layout.addWidget(self.status_line)
        self.setCentralWidget(body)
        self._set_tab_order()

    def _set_tab_order(self) -> None:
        """Tab goes as things are seen: transport bar, setup, panels, status line."""
        parts = (self.transport, self.rail, self.setup, self.quick_strip, self.bench, self.status_line)
        stops = [widget for part in parts for widget in part.findChildren(QWidget) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for stop, following in pairwise(stops):
            QWidget.setTabOrder(stop, following)

    def _connect(self) -> None:
        controller, transport = self.controller, self.transport
        controller.run_began.connect(self._on_run_began)
        controller.run_refused.connect(self._on_run_refused)
        controller.recognised.connect(self._on_recognised)
        controller.state_changed.connect(self._on_state_changed)
        self.frames.shown.connect(self._on_frame_shown)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.refused.connect(self.words.say_problem)
        self.words.changed.connect(self.progressed)
        controller.saved.connect(self._on_saved)
        controller.compiling.connect(self._on_compiling)
        transport.play_toggled.connect(self.on_play_toggled)
        transport.step_requested.connect(self.on_step_requested)
        transport.reset_requested.connect(self.on_reset)
        transport.seed_changed.connect(self.setup_controller.set_seed)
        transport.speed_changed.connect(self.walker.set_speed)
        transport.race_requested.connect(self.on_race)
        self.walker.walked.connect(self._on_walked)
        self.walker.playing_changed.connect(self._on_walk_played)
        transport.theme_toggled.connect(self.on_theme_toggled)
        transport.help_requested.connect(self.on_help)
        for controls in (self.setup, self.quick_strip):
            controls.changed.connect(lambda section, key, value: self.setup_controller.change(f"{section}.{key}", value))
            controls.task_selected.connect(self.setup_controller.begin_task)
        transport.undo_requested.connect(self.on_undo)
        transport.redo_requested.connect(self.on_redo)
        self.undo.changed.connect(self._show_undo)
        self.undo.said.connect(self.words.say_problem)
        self.undo.run_changing.connect(self.setup_controller.forget_preset)
        controller.rewinding.connect(self._on_rewinding)
        self.quick_strip.seed_changed.connect(self.setup_controller.set_seed)
        self.setup_controller.refused.connect(self._on_wish_refused)
        self.setup_controller.noted.connect(self.setup.show_note)
        self.setup.story.chosen.connect(self.on_preset_chosen)
        self.setup.story.closed.connect(self.on_story_closed)
        self.rail.setup_toggled.connect(self.drawer.toggle)
        self.drawer.toggled.connect(self.rail.set_setup_open)
        for button in (self.setup.library_button, self.rail.library_button):
            button.setVisible("library" in self.bench.docks)
            button.clicked.connect(lambda: self.bench.toggle_enlarged("library"))
        self.status_line.remedy_chosen.connect(self._on_remedy_chosen)
        for dock in self.bench.docks.values():
            panel_actions.connect(self, dock, self.frames)
            wiring = wirings().get(dock.spec.name)
            if wiring is not None:
                wiring.connect(self, dock.panel)

    # Settings.

    def _on_remedy_chosen(self, key: str) -> None:
        remedy = self.words.remedy(key)
        if remedy is not None and remedy.raced_cells:
            self.on_race(remedy.raced_cells)
        elif remedy is not None:
            self.setup_controller.carry_out(remedy)

    def _on_settings_changed(self, settings: Settings) -> None:
        self._show_settings(settings)
        self.frames.request_soon()

    def _on_wish_refused(self, message: str) -> None:
        self._show_settings(self.controller.wanted_settings)
        self.words.say_problem(message)

    def _show_settings(self, settings: Settings) -> None:
        """Show ``settings`` in all controls, silently."""
        values = settings.to_dict()
        network_fields = fields_of(NetworkSettings) | fields_of(type(settings.network.options))
        self.setup.set_settings(
            settings.task.name,
            type(settings.task.fields),
            values["task"],
            network_fields,
            values["network"],
            fields_of(TrainingSettings),
            values["training"],
        )
        self.quick_strip.set_settings(settings.task.name, values["task"], values["network"], values["training"])
        self.transport.set_seed(settings.training.seed)

    def _show_story(self) -> None:
        name = self.setup_controller.preset
        self.setup.story.show_preset(name, presets().get(name))

    # The run.

    def _on_run_began(self, settings: Settings) -> None:
        self.frames.begin()
        self._show_settings(settings)
        self._show_story()
        self._say_file()
        self.transport.set_step(0)
        if settings.task.name != self._task_shown and registry.tasks()[settings.task.name].is_about_text:
            self.bench.bring_forward("prediction")
        self._task_shown = settings.task.name

    def _on_run_refused(self, message: str) -> None:
        self._show_settings(self.controller.settings)
        unusable = self.setup_controller.unusable
        if unusable:
            self.setup.show_unusable(unusable, message)
        self.words.say_problem(message)
        self.progressed.emit()

    def _on_recognised(self, settings: Settings, recognition: Recognition | None) -> None:
        """Say what the file holds; not for a run of another task that was refused."""
        if settings.task.name == self.controller.settings.task.name:
            self.setup.show_recognition(recognition)

    def _show_playing(self) -> None:
        """In slow motion it plays, also while the run stands still between two updates."""
        shown = RunState.RUNNING if self.walker.is_playing else self.state
        self.transport.set_state(shown.value)
        self._actions["play"].setText("&Pause" if shown is RunState.RUNNING else "&Play")

    def _on_walked(self, walk: Walk) -> None:
        self.words.set_walk(walk, self.walker.is_playing)

    def _on_walk_played(self, is_playing: bool) -> None:
        self.words.set_walk(self.walker.walk, is_playing)
        self._show_playing()
        self.progressed.emit()

    def _on_state_changed(self, state: RunState, said: str) -> None:
        self._show_playing()
        self.frames.set_state(state)
        self.words.set_state(state, said)
        self.progressed.emit()

    def _on_compiling(self, share: float | None) -> None:
        """Show how far the fast kernels are; training goes on meanwhile."""
        self.status_line.set_progress(share, "Compiling fast kernels; training already runs" if share is not None else "")

    def _on_rewinding(self, share: float | None) -> None:
        """Show how far the rewind is; Space gives it up."""
        self.status_line.set_progress(share, "Rewinding" if share is not None else "")
        if share is None:
            self.frames.request_soon()

    def _show_undo(self) -> None:
        """Say in the menu and on the buttons what would be undone."""
        texts = {"undo": self.undo.undo_text, "redo": self.undo.redo_text}
        for name, text in texts.items():
            action = self._actions[name]
            action.setEnabled(bool(text))
            action.setText(f"&{name.capitalize()} {text}".strip().replace("& ", "&& "))
        self.transport.set_undo(**{f"{name}_text": text for name, text in texts.items()})

    def _on_frame_shown(self, snapshot: Snapshot) -> None:
        if not self.race.is_driven:
            self.transport.set_step(snapshot.step)
        self.words.note_frame(snapshot)
        self.progressed.emit()

    def _on_saved(self, path: str) -> None:
        self._say_file()
        self.words.say_problem(f"Saved to {path}.")

    def _say_file(self) -> None:
        path = self.controller.session_path
        name = path.name if path is not None else "not saved"
        self._file_label.setText(name)
        self.menuBar().setCornerWidget(self._file_label)
        self.setWindowTitle(f"{name} – RNN Playground" if path is not None else "RNN Playground")

    # Qt's own events.

    def _apply_look(self) -> None:
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            return
        look = self.preferences.look(application)
        apply_look(application, look)
        for panel in self.bench.panels:
            panel.set_theme(look.theme)
        self._fit_to_width()
        self.frames.request_soon()

    def _fit_to_width(self) -> None:
        """Below 1440 px the setup column folds to a rail, and the most used settings stand in a strip."""
        is_compact = self.width() < WIDTH_COMPACT
        self.transport.set_compact(is_compact)
        self.transport.set_short(self.width() < current_look().px(WIDTH_COMPACT))
        self.rail.setVisible(is_compact)
        self.quick_strip.setVisible(is_compact)
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.bench_memory.fit(is_compact)
            if is_compact:
                self._row_layout.removeWidget(self.setup)
                self.drawer.set_content(self.setup)
            else:
                self.drawer.take_content()
                self._row_layout.insertWidget(1, self.setup)
                self.setup.show()
            restyle(self.setup)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside a field gives the keyboard back to the window, whose keys then work again."""
        field = QApplication.focusWidget()
        if isinstance(field, QLineEdit):
            field.clearFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_to_width()

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
        # Gone at once for the person, even where an update in progress has to end first.
        self.hide()
        self.words.stop()
        self.walker.stop()
        self.frames.stop()
        self.setup_controller.stop()
        self.race.close()
        self.controller.close()
        self.recorder.close()
        self.undo.clear()
        super().closeEvent(event)


def _first_size() -> QSize:
    """As large as the pictures it was designed by, but no larger than the screen leaves room for."""
    screen = QGuiApplication.primaryScreen()
    if QGuiApplication.platformName() == "offscreen" or screen is None:
        return LARGEST_FIRST_SIZE
    return LARGEST_FIRST_SIZE.boundedTo(screen.availableGeometry().size() - ROOM_FOR_TITLE_BAR)
