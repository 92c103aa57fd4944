"""The loss panel rewinds the run, and returns to curves that were left."""

from typing import TYPE_CHECKING

from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.loss import LossPanel


def _connect(window: "MainWindow", panel: "LossPanel") -> None:
    panel.rewind_requested.connect(window.controller.rewind)
    panel.return_requested.connect(window.controller.return_to)


WIRING = Wiring("loss", _connect)
