"""The kernels that the current run needs: asked for, compiled by a helper process, told of."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from core.compile import Combination
from gui.kernel_helper import KernelHelper


class RunKernels(QObject):
    """``needed`` says which ones the run needs now.

    ``compiling`` carries the share of them that is compiled, 0…1, and None when there is nothing to wait for; ``became_ready`` comes
    with whatever became ready: the run may have waited for it, or its past may need it. ``given_up`` comes where kernels will not
    come, and ``failed`` says why if they are those of the run.
    """

    compiling = Signal(object)
    became_ready = Signal()
    given_up = Signal()
    failed = Signal(str)

    def __init__(self, needed: Callable[[], Combination], parent: QObject) -> None:
        super().__init__(parent)
        self._needed = needed
        self._helper = KernelHelper(self)
        self._helper.became_ready.connect(self._on_ready)
        self._helper.progressed.connect(self._on_progressed)
        self._helper.failed.connect(self._on_failed)

    def ask_for(self, combination: Combination) -> None:
        """See to it that ``combination`` becomes ready."""
        if not combination.is_ready:
            self._helper.ask_for(combination)
            return
        self.compiling.emit(None)
        self.became_ready.emit()

    def stop(self) -> None:
        """End the helper process."""
        self._helper.stop()

    def _on_ready(self, combination: Combination) -> None:
        if combination == self._needed():
            self.compiling.emit(None)
        self.became_ready.emit()

    def _on_progressed(self, combination: Combination, share: float) -> None:
        if combination == self._needed():
            self.compiling.emit(share)

    def _on_failed(self, combination: Combination, message: str) -> None:
        self.given_up.emit()
        if combination == self._needed():
            self.compiling.emit(None)
            self.failed.emit(message)
