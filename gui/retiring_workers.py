"""Workers of runs that another one took the place of: kept until their threads have ended, never terminated."""

from PySide6.QtCore import QObject

from gui.worker import Worker


class RetiringWorkers(QObject):
    """Tells workers to end, and waits for them only when asked to."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers: list[Worker] = []

    def retire(self, worker: Worker) -> None:
        """Tell ``worker`` to end and keep it until it has, and no longer: it holds its run."""
        self._workers = [old for old in self._workers if not old.isFinished()]
        worker.finished.connect(self._on_finished)
        worker.stop()
        if not worker.isFinished():
            self._workers.append(worker)

    def wait(self) -> None:
        """Wait for all of them."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.wait()

    def _on_finished(self) -> None:
        worker = self.sender()
        if isinstance(worker, Worker) and worker in self._workers:
            # It says so shortly before it has.
            worker.wait()
            self._workers.remove(worker)
