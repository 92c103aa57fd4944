"""What the current run says that is passed on as it is; late messages of other runs are dropped."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from gui.time_travel import Journey
from gui.worker import Worker


class RunMessages(QObject):
    """The signals are those of Worker, without the number of the run."""

    answered = Signal(object, int)
    answer_refused = Signal(str)
    refused = Signal(str)
    travelled = Signal(object)
    rewinding = Signal(object)

    def __init__(self, is_current: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._is_current = is_current

    def pass_on(self, worker: Worker) -> None:
        """Listen to ``worker``, from now on and as long as its run is the current one."""
        worker.answered.connect(self._on_answered)
        worker.answer_refused.connect(self._on_answer_refused)
        worker.refused.connect(self._on_refused)
        worker.travelled.connect(self._on_travelled)
        worker.rewinding.connect(self._on_rewinding)

    def _on_answered(self, run_id: int, answer: object, step: int) -> None:
        if self._is_current(run_id):
            self.answered.emit(answer, step)

    def _on_answer_refused(self, run_id: int, message: str) -> None:
        if self._is_current(run_id):
            self.answer_refused.emit(message)

    def _on_refused(self, run_id: int, message: str) -> None:
        if self._is_current(run_id):
            self.refused.emit(message)

    def _on_travelled(self, run_id: int, journey: Journey) -> None:
        if self._is_current(run_id):
            self.travelled.emit(journey)

    def _on_rewinding(self, run_id: int, share: float | None) -> None:
        if self._is_current(run_id):
            self.rewinding.emit(share)
