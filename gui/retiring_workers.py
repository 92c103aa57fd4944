"""Workers of runs that another one took the place of: kept until their threads have ended, never terminated."""

from gui.worker import Worker


class RetiringWorkers:
    """Tells workers to end, and waits for them only when asked to."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def retire(self, worker: Worker) -> None:
        """Tell ``worker`` to end and keep it until it has."""
        worker.stop()
        self._workers = [old for old in self._workers if not old.isFinished()]
        self._workers.append(worker)

    def wait(self) -> None:
        """Wait for all of them."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.wait()
