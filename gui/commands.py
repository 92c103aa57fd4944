"""What menus, the transport bar and keys can ask of the window."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRandomGenerator
from PySide6.QtWidgets import QApplication

from core.trainer_state import TrainerState
from gui import dialogs
from gui.focus_help import help_on
from gui.picture_writer import PictureWriter
from gui.race_commands import RaceCommands
from gui.rewind_dialog import RewindDialog
from gui.run_state import RunState
from gui.style import current_look
from gui.training_pace import TrainingPace

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class Commands(QObject):
    """Carries wishes to the parts of the window that they belong to; dialogs stand over the window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.race = RaceCommands(window)
        self._pictures = PictureWriter(self)
        self._pictures.failed.connect(self._on_picture_failed)

    # The run.

    def on_play_toggled(self) -> None:
        """Play or pause: the race where it has the transport, else the run."""
        self._window.setup_controller.settle()
        if self._window.race.is_driven:
            self._window.race.toggle()
        elif self._window.controller.is_rewinding or self._window.state is RunState.RUNNING or self._window.walker.is_playing:
            self._window.pause()
        else:
            self._window.play()

    def on_step_requested(self, size: str) -> None:
        """One time step, sequence, update or epoch."""
        self._window.setup_controller.settle()
        if self._window.race.is_driven:
            self._window.race.do_step(size)
        elif not self._window.walker.step(size):
            self._window.controller.step(size)

    def on_step(self) -> None:
        """One step of the size that is chosen in the transport bar."""
        self.on_step_requested(self._window.transport.step_sizes.value())

    def on_reset(self) -> None:
        """The same seed, the same weights: the same curve again."""
        if self._window.race.is_driven:
            self._window.race.reset()
        else:
            self._window.setup_controller.reset()

    def on_new_seed(self) -> None:
        """Reset with another seed."""
        self.on_seed_chosen(QRandomGenerator.global_().bounded(1, 10_000))

    def on_seed_chosen(self, seed: int) -> None:
        """Begin anew from another seed: the race where it has the transport, else the run."""
        if self._window.race.is_driven:
            self._window.race.change_all({"training.seed": seed})
        else:
            self._window.setup_controller.set_seed(seed)

    def on_race(self, names: Sequence[str] = ()) -> None:
        """Show the race, and begin one of all cells, or of those in ``names``, where none is on. The own run pauses."""
        self.race.show(names)

    def on_run_taken(self, state: TrainerState, trained: TrainingPace) -> None:
        """A run of the race becomes the window's own, as it is now; the race waits."""
        self._window.race.give_up_transport()
        self._window.setup_controller.forget_preset()
        self._window.controller.begin_from(state, trained)

    def on_remedy_chosen(self, key: str) -> None:
        """Do what a button of the status line offers."""
        remedy = self._window.words.remedy(key)
        if remedy is not None and remedy.carry_out is not None:
            remedy.carry_out()
        elif remedy is not None and remedy.raced_cells:
            self.on_race(remedy.raced_cells)
        elif remedy is not None:
            self._window.setup_controller.carry_out(remedy)

    def on_open_session(self) -> None:
        """Ask for a session and open it."""
        path = dialogs.ask_to_open(self._window, "Open session", dialogs.SESSIONS)
        if path is not None:
            self._window.open_session(path)

    def on_open_data(self) -> None:
        """Ask for a text or table and train on it."""
        path = dialogs.ask_to_open(self._window, "Train on your own text or table", dialogs.data_kinds())
        if path is not None:
            self._window.open_data(path)

    def on_preset_chosen(self, preset_id: str) -> None:
        """Begin with a preset, and tell its story."""
        self._window.setup_controller.begin_preset(preset_id)
        if self._window.body.is_compact:
            self._window.drawer.open_drawer()

    def on_undo(self) -> None:
        """Take the last change back."""
        self._window.setup_controller.settle()
        self._window.undo.undo()

    def on_redo(self) -> None:
        """Make the change again that was taken back last."""
        self._window.setup_controller.settle()
        self._window.undo.redo()

    def on_rewind(self) -> None:
        """Ask how far back, and go there."""
        if self._window.race.is_driven:
            self._window.words.say_problem("Only your own run can be rewound, and the race has play, step and reset: press Own run first.")
            return
        history, timeline = self._window.controller.history, self._window.controller.timeline
        dialog = RewindDialog(self._window, timeline, history.step, history.marks)
        dialog.rewind_chosen.connect(self._window.controller.rewind)
        dialog.return_chosen.connect(self._window.controller.return_to)
        dialog.open()

    def on_story_closed(self) -> None:
        """The story has been read; the run goes on."""
        self._window.setup_controller.forget_preset()
        self._window.display.show_story()

    def on_save(self) -> None:
        """Save where the session was opened or saved before."""
        path = self._window.controller.session_path
        if path is None:
            self.on_save_as()
        else:
            self._window.controller.save(str(path))

    def on_save_as(self) -> None:
        """Ask where, and save."""
        settings = self._window.controller.settings
        proposal = f"{settings.task.name}-{settings.network.cell}.rnnp"
        path = dialogs.ask_to_save(self._window, "Save session", proposal, dialogs.SESSIONS, ".rnnp")
        if path is not None:
            self._window.controller.save(str(path))

    def on_keep_runs_toggled(self, is_keeping: bool) -> None:
        """Keep past runs, or keep none."""
        self._window.recorder.set_keeping(is_keeping)

    def on_save_picture(self) -> None:
        """Ask where, and save a picture of the window."""
        picture = self._window.grab().toImage()
        path = dialogs.ask_to_save(self._window, "Save picture", "rnn-playground.png", dialogs.PICTURES, ".png")
        if path is not None:
            self._pictures.write(picture, path)

    def _on_picture_failed(self, problem: str) -> None:
        # A method of an object of the window's thread: Qt calls it there.
        self._window.words.say_problem(problem)

    def finish(self) -> None:
        """Wait for what is still being written."""
        self._pictures.close()

    def on_theme_chosen(self, name: str) -> None:
        """Dress the window in another theme."""
        self._window.preferences.theme = name
        self._window.menu_actions[f"theme_{name}"].setChecked(True)
        self._window.apply_look()

    def on_theme_toggled(self) -> None:
        """Dark to light and back."""
        self.on_theme_chosen("light" if current_look().theme.is_dark else "dark")

    def on_text_size_chosen(self, factor: float) -> None:
        """Make all text larger or smaller."""
        self._window.preferences.text_size = factor
        self._window.apply_look()

    def on_restore_layout(self) -> None:
        """Every panel where it stood at first."""
        self._window.bench_memory.restore_first()

    def on_help(self) -> None:
        """Help on what has the keyboard; where that is nothing in particular, the keys and what to do first."""
        title, text = help_on(QApplication.focusWidget()) or ("RNN Playground", dialogs.keys_as_html())
        dialogs.show_help(self._window, title, text)

    def on_keys(self) -> None:
        """The keys, and what to do first."""
        dialogs.show_help(self._window, "RNN Playground", dialogs.keys_as_html())

    def on_about(self) -> None:
        """Name and version."""
        dialogs.show_help(self._window, "About RNN Playground", dialogs.about_text())

    def move_cursor(self, by: int) -> None:
        """Move the time cursor of all panels."""
        self._window.frames.move_cursor(by)

    def close(self) -> None:
        """Close the window."""
        self._window.close()
