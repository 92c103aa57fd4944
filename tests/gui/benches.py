"""Benches of plain panels, and what tests of them ask."""

from PySide6.QtWidgets import QApplication, QLineEdit

from gui.bench import Bench
from gui.panel_spec import PanelSpec
from gui.panels.panel import Panel
from gui.theme import DARK

NAMES = ("unrolled", "cell", "loss", "gradient_flow", "gates", "prediction", "weights", "updates", "compare", "library")


class PlainPanel(Panel):
    """Counts for nothing but its place."""

    def __init__(self, theme, parent=None) -> None:
        super().__init__(theme, parent)
        self.setMinimumSize(60, 30)
        self.field = QLineEdit(self)


def spec(name: str) -> PanelSpec:
    return PanelSpec(name, name.replace("_", " ").capitalize(), f"What {name} shows. And more of it.", 10, PlainPanel)


def shown_bench(qtbot, names=NAMES, size=(1300, 860)) -> Bench:
    """On the screen, and at rest."""
    bench = Bench([spec(name) for name in names], DARK)
    qtbot.addWidget(bench)
    bench.resize(*size)
    bench.show()
    qtbot.waitExposed(bench)
    settle(qtbot)
    return bench


def settle(qtbot) -> None:
    """Let docks and what follows them come to rest."""
    for _ in range(5):
        QApplication.processEvents()


def place(bench: Bench, name: str) -> tuple[int, int, int, int]:
    return bench.docks[name].geometry().getRect()


def open_panels(bench: Bench) -> set[str]:
    return {name for name in bench.docks if bench.is_open(name)}
