"""When the current run is tested on longer sequences, and what is told of it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from core.length_test import LengthResult, has_longer
from core.snapshot import Snapshot
from gui.worker import Worker


class LengthTests(QObject):
    """A run is tested when asked for, and once by itself when it has solved its task.

    ``tested`` carries results, and after which update.
    """

    tested = Signal(object, int)

    def __init__(self, is_current: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._is_current = is_current
        self.begin()

    def begin(self) -> None:
        """Another run: nothing was tested yet."""
        self._is_tested = self._is_asked = False

    def ask(self, worker: Worker | None) -> None:
        """Somebody wants to know."""
        self._is_asked = True
        if worker is not None:
            worker.test_lengths()

    def note(self, snapshot: Snapshot, worker: Worker | None) -> None:
        """Test a run that has solved its task, once."""
        if snapshot.solved_at is not None and not self._is_tested:
            self._is_tested = True
            if worker is not None:
                worker.test_lengths()

    def pass_on(self, worker: Worker) -> None:
        """Listen to ``worker``."""
        worker.lengths_tested.connect(self._on_tested)

    def _on_tested(self, run_id: int, results: Sequence[LengthResult] | str, step: int) -> None:
        if not self._is_current(run_id):
            return
        is_telling = not isinstance(results, str) and has_longer(results)
        # That there is nothing longer to test is no news to who did not ask.
        if is_telling or self._is_asked:
            self.tested.emit(results, step)
        self._is_asked = False
