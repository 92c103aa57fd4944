"""What the current run says that is passed on as it is; late messages of other runs are dropped."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.weight_edit import WeightEdit
from gui.time_travel import Journey
from gui.worker import Worker


class RunMessages(QObject):
    """The signals are those of Worker, without the number of the run."""

    answered = Signal(object, int)
    answer_refused = Signal(str)
    refused = Signal(str)
    travelled = Signal(object)
    rewinding = Signal(object)
    weight_edited = Signal(object, float, str)

    def __init__(self, is_current: Callable[[int], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._is_current = is_current
        self.is_rewinding = False

    def pass_on(self, worker: Worker) -> None:
        """Listen to ``worker``, from now on and as long as its run is the current one."""
        worker.answered.connect(self._on_answered)
        worker.answer_refused.connect(self._on_answer_refused)
        worker.refused.connect(self._on_refused)
        worker.travelled.connect(self._on_travelled)
        worker.rewinding.connect(self._on_rewinding)
        worker.weight_edited.connect(self._on_weight_edited)
        worker.loaded.connect(self._on_loaded)

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
            self.is_rewinding = share is not None
            self.rewinding.emit(share)

    def _on_loaded(self, _run_id: int, _settings: object) -> None:
        self.is_rewinding = False

    def _on_weight_edited(self, run_id: int, edit: WeightEdit, before: float, text: str) -> None:
        if self._is_current(run_id):
            self.weight_edited.emit(edit, before, text)
