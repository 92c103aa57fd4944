"""Starts the helper process that compiles kernels while the window stays responsive, and tells when each set is ready."""

import os
import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from core.compile import PROGRESS, Combination
from core.folders import cache_folder


class KernelHelper(QObject):
    """Compiles combinations one after the other, the latest asked for first."""

    became_ready = Signal(object)
    progressed = Signal(object, float)
    failed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._compiling: Combination | None = None
        self._waiting: list[Combination] = []

    @property
    def compiling(self) -> Combination | None:
        """What is being compiled now."""
        return self._compiling

    def ask_for(self, combination: Combination) -> None:
        """See to it that ``combination`` becomes ready; ``became_ready`` follows, at once if it is already."""
        if combination.is_ready:
            self.became_ready.emit(combination)
            return
        if combination == self._compiling:
            return
        if combination in self._waiting:
            self._waiting.remove(combination)
        self._waiting.insert(0, combination)
        self._start_next()

    def stop(self) -> None:
        """End the helper process; the combinations still waiting are forgotten."""
        self._waiting.clear()
        if self._process is not None:
            process, self._process = self._process, None
            process.finished.disconnect()
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()
        self._compiling = None

    def _start_next(self) -> None:
        if self._process is not None or not self._waiting:
            return
        self._compiling = self._waiting.pop(0)
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONPATH", _import_path())
        environment.insert("RNN_PLAYGROUND_CACHE_DIR", str(cache_folder()))
        process.setProcessEnvironment(environment)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.readyReadStandardOutput.connect(self._on_said)
        self._process = process
        wanted = self._compiling
        self.progressed.emit(wanted, 0.0)
        process.start(sys.executable, ["-m", "core.compile", wanted.cell, wanted.optimizer, wanted.loss, wanted.dtype])

    def _on_said(self) -> None:
        if self._process is None or self._compiling is None:
            return
        for line in bytes(self._process.readAllStandardOutput().data()).decode(errors="replace").splitlines():
            word, _, share = line.partition(" ")
            if word == PROGRESS:
                self.progressed.emit(self._compiling, float(share))

    def _on_finished(self, exit_code: int, _status: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        combination, self._compiling = self._compiling, None
        if process is None or combination is None:
            return
        said = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        process.deleteLater()
        if combination.is_ready:
            self.became_ready.emit(combination)
        else:
            reason = said.splitlines()[-1] if said else f"exit {exit_code}"
            self.failed.emit(combination, f"The fast kernels could not be compiled ({reason}); training goes on slowly")
        self._start_next()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()
            self._process = None
            combination, self._compiling = self._compiling, None
            self.failed.emit(combination, "The helper that compiles the fast kernels could not be started; training goes on slowly")


def _import_path() -> str:
    """The folders this process imports from, so that the helper finds the same ``core``."""
    return os.pathsep.join(path for path in sys.path if path)
