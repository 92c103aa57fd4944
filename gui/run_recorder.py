"""Sees to it that runs are kept: while they train, when they rest, when another takes their place, when the window closes."""

from PySide6.QtCore import QObject, QTimer, Signal

from core.folders import library_folder
from core.run_record import RunRecord
from core.settings import Settings
from gui.librarian import Librarian, RunLabel
from gui.preferences import Preferences
from gui.run_controller import RunController
from gui.run_state import RunState
from gui.setup_controller import SetupController

KEEP_EVERY_MILLISECONDS = 30_000
# A run that stands still for this long is kept: stepping by single updates does not write the disk full.
REST_MILLISECONDS = 800


class RunRecorder(QObject):
    """Asks the current run for what is to be kept, and hands it to the librarian.

    ``librarian`` is None in a window that remembers nothing. A reopened run that trains on becomes a row of its own: the old one stays
    as it was. ``reopened`` is the row that the present run was reopened from, None where it was not. ``keeping_changed`` follows
    when keeping is switched on or off.
    """

    keeping_changed = Signal(bool)

    def __init__(self, controller: RunController, setup: SetupController, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller, self._setup, self._preferences = controller, setup, preferences
        self.librarian = Librarian(library_folder(), self) if preferences.is_remembering else None
        self._reopening: tuple[int, RunRecord] | None = None
        self.reopened: int | None = None
        self._timer = self._single_shot(KEEP_EVERY_MILLISECONDS, self._on_due)
        self._rest = self._single_shot(REST_MILLISECONDS, controller.take_moment)
        if self.librarian is not None:
            controller.run_began.connect(self._on_run_began)
            controller.state_changed.connect(self._on_state_changed)
            self.librarian.start()
            self._apply()

    @property
    def is_keeping(self) -> bool:
        """Whether runs are kept now."""
        return self.librarian is not None and self._preferences.is_keeping_runs

    def set_keeping(self, is_keeping: bool) -> None:
        """Keep runs from now on, the current one included, or keep none; what is there stays."""
        self._preferences.is_keeping_runs = is_keeping
        self._apply()
        self.keeping_changed.emit(self.is_keeping)

    def reopen(self, record: RunRecord, path: object) -> None:
        """Load a past run from its session in place of the current one, which is kept first."""
        self._setup.stop()
        self._setup.preset = record.preset
        self._reopening = (self._controller.reopen(path), record)  # type: ignore[arg-type]

    def close(self) -> None:
        """Wait until all is written. To be called when all runs have ended."""
        self._timer.stop()
        self._rest.stop()
        if self.librarian is not None:
            self.librarian.close()

    def _apply(self) -> None:
        self._controller.keep_moments(self.librarian.keep if self.librarian is not None and self.is_keeping else None)

    def _on_run_began(self, settings: Settings) -> None:
        run_id = self._controller.run_id
        if self.librarian is None or run_id is None:
            return
        if self._controller.resumed_id is not None:
            self._reopening = None
            self._timer.stop()
            self._rest.stop()
            self.librarian.resume_run(run_id, self._controller.resumed_id)
            return
        label = RunLabel(self._setup.preset)
        if self._reopening is not None and self._reopening[0] == run_id:
            record = self._reopening[1]
            label = RunLabel(self._setup.preset, record.id, record.seconds)
        self._reopening, self.reopened = None, label.parent
        self._timer.stop()
        self._rest.stop()
        self.librarian.begin_run(run_id, label)

    def _on_state_changed(self, state: RunState, said: str) -> None:
        if state is RunState.RUNNING:
            self._rest.stop()
            self._timer.start()
        else:
            self._timer.stop()
            self._rest.start()

    def _on_due(self) -> None:
        self._controller.take_moment()
        self._timer.start()

    def _single_shot(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer
