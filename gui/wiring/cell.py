"""The cell panel is told how fast the training goes: what flows is only shown where a person can follow it."""

from typing import TYPE_CHECKING

from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.cell import CellPanel


def _connect(window: "MainWindow", panel: "CellPanel") -> None:
    panel.set_speed(window.transport.speed.speed())
    window.transport.speed_changed.connect(panel.set_speed)


WIRING = Wiring("cell", _connect)
