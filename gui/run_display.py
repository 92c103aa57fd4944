"""Shows in the window's controls what the current run is, what it does, and what could be undone."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from core import registry
from core.fields import fields_of
from core.presets import presets
from core.readers.recognition import Recognition
from core.settings import NetworkSettings, Settings, TrainingSettings
from core.snapshot import Snapshot
from gui import settled_objects
from gui.controls.play_button import CANCEL, PAUSE, PLAY
from gui.controls.tooltips import tooltip
from gui.controls.transport_bar import ON_THE_WAY
from gui.run_state import REWINDING, RunState
from gui.walk import Walk

if TYPE_CHECKING:
    from gui.main_window import MainWindow

PLAY_TEXTS = {PLAY: "&Play", PAUSE: "&Pause", CANCEL: "Cance&l the rewind"}
"""What the menu says where the large button says something shorter."""


class RunDisplay(QObject):
    """Follows the window's controllers. ``changed`` follows every change of state and every frame."""

    changed = Signal()

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._task_shown = ""
        self._compiled_share: float | None = None
        self._is_rewinding_shown = False
        self._file_label = QLabel()
        self._file_label.setObjectName("file_label")
        controller, walker = window.controller, window.walker
        controller.run_began.connect(self._on_run_began)
        controller.run_refused.connect(self._on_run_refused)
        controller.recognised.connect(self._on_recognised)
        controller.state_changed.connect(self._on_state_changed)
        window.frames.shown.connect(self._on_frame_shown)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.refused.connect(window.words.say_problem)
        window.words.changed.connect(self.changed)
        controller.saved.connect(self._on_saved)
        controller.compiling.connect(self._on_compiling)
        controller.rewinding.connect(self._on_rewinding)
        walker.walked.connect(self._on_walked)
        walker.playing_changed.connect(self._on_walk_played)
        window.setup_controller.refused.connect(self._on_wish_refused)
        window.setup_controller.noted.connect(window.setup.show_note)
        window.undo.changed.connect(self._show_undo)
        window.undo.said.connect(window.words.say_problem)
        self._show_undo()

    def _on_settings_changed(self, settings: Settings) -> None:
        self._show_settings(settings)
        self._window.frames.request_soon()

    def _on_wish_refused(self, message: str) -> None:
        self._show_settings(self._window.controller.wanted_settings)
        self._window.words.say_problem(message)

    def _show_settings(self, settings: Settings) -> None:
        """Show ``settings`` in all controls, silently."""
        values = settings.to_dict()
        network_fields = fields_of(NetworkSettings) | fields_of(type(settings.network.options))
        self._window.setup.set_settings(
            settings.task.name,
            type(settings.task.fields),
            values["task"],
            network_fields,
            values["network"],
            fields_of(TrainingSettings),
            values["training"],
        )
        self._window.quick_strip.set_settings(settings.task.name, values["task"], values["network"], values["training"])
        self._window.transport.set_seed(settings.training.seed)

    def show_story(self) -> None:
        """Tell the story of the preset that the run began with, if there is one."""
        name = self._window.setup_controller.preset
        self._window.setup.story.show_preset(name, presets().get(name) if name else None)

    def _on_run_began(self, settings: Settings) -> None:
        if self._is_rewinding_shown:
            self._on_rewinding(None)
        self._window.frames.begin()
        self._show_settings(settings)
        self.show_story()
        self._say_file()
        self._window.transport.set_step(0)
        if settings.task.name != self._task_shown and registry.tasks()[settings.task.name].is_about_text:
            self._window.bench.bring_forward("prediction")
        self._task_shown = settings.task.name

    def _on_run_refused(self, message: str) -> None:
        self._show_settings(self._window.controller.settings)
        unusable = self._window.setup_controller.unusable
        if unusable:
            self._window.setup.show_unusable(unusable, message)
        self._window.words.say_problem(message)
        self.changed.emit()

    def _on_recognised(self, settings: Settings, recognition: Recognition | None) -> None:
        """Say what the file holds; not for a run of another task that was refused."""
        if settings.task.name == self._window.controller.settings.task.name:
            self._window.setup.show_recognition(recognition)

    def show_playing(self) -> None:
        """In slow motion it plays, also while the run stands still between two updates. A race that has the transport says itself."""
        if self._window.race.is_driven:
            return
        shown = RunState.RUNNING if self._window.walker.is_playing else self._window.state
        self._window.transport.set_state(REWINDING if self._window.controller.is_rewinding else shown.value)
        self._window.menu_actions["play"].setText(PLAY_TEXTS[self._window.transport.play_button.text()])

    def _on_walked(self, walk: Walk) -> None:
        self._window.words.set_walk(walk, self._window.walker.is_playing)

    def _on_walk_played(self, is_playing: bool) -> None:
        self._window.words.set_walk(self._window.walker.walk, is_playing)
        self.show_playing()
        self.changed.emit()

    def _on_state_changed(self, state: RunState, said: str) -> None:
        self.show_playing()
        if self._compiled_share is not None:
            self._show_compiling()
        self._window.frames.set_state(state)
        self._window.words.set_state(state, said)
        self.changed.emit()

    def _on_compiling(self, share: float | None) -> None:
        """Show how far the fast kernels are; training goes on meanwhile."""
        self._compiled_share = share
        self._show_compiling()

    def _show_compiling(self) -> None:
        words = "Compiling fast kernels" + ("; training already runs" if self._window.state is RunState.RUNNING else "")
        self._window.status_line.set_progress(self._compiled_share, words if self._compiled_share is not None else "")

    def _on_rewinding(self, share: float | None) -> None:
        """Show how far the rewind is, and at its beginning and end what can be done now."""
        if share is not None:
            self._window.status_line.set_progress(share, "Rewinding")
        else:
            self._show_compiling()
            self._window.frames.request_soon()
        if self._is_rewinding_shown is not (share is not None):
            self._is_rewinding_shown = share is not None
            self.show_playing()
            self._window.words.say()
            self._show_undo()
            for name, action in self._window.menu_actions.items():
                if name.startswith("step"):
                    action.setEnabled(share is None)
                    action.setToolTip(tooltip(ON_THE_WAY) if share is not None else "")

    def _show_undo(self) -> None:
        """Say in the menu and on the buttons what would be undone."""
        texts = {"undo": self._window.undo.undo_text, "redo": self._window.undo.redo_text}
        for name, text in texts.items():
            action = self._window.menu_actions[name]
            action.setEnabled(bool(text) and not self._is_rewinding_shown)
            action.setText(f"&{name.capitalize()} {text}".strip().replace("& ", "&& "))
        self._window.transport.set_undo(**{f"{name}_text": text for name, text in texts.items()})

    def _on_frame_shown(self, snapshot: Snapshot) -> None:
        if not self._window.race.is_driven:
            self._window.transport.set_step(snapshot.step)
        self._window.words.note_frame(snapshot)
        self.changed.emit()
        if snapshot.step:
            settled_objects.settle()

    def _on_saved(self, path: str) -> None:
        self._say_file()
        self._window.words.say_problem(f"Saved to {path}.")

    def _say_file(self) -> None:
        path = self._window.controller.session_path
        name = path.name if path is not None else "not saved"
        self._file_label.setText(name)
        self._window.menuBar().setCornerWidget(self._file_label)
        self._window.setWindowTitle(f"{name} – RNN Playground" if path is not None else "RNN Playground")
