"""The weights panel sets a weight of the current run, and sees what became of it."""

from typing import TYPE_CHECKING

from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.weights import WeightsPanel


def _connect(window: "MainWindow", panel: "WeightsPanel") -> None:
    def edit(name: str, index: tuple[int, ...], value: float) -> None:
        window.controller.edit_weight(name, index, value)
        window.frames.request_soon()

    panel.edit_requested.connect(edit)


WIRING = Wiring("weights", _connect)
