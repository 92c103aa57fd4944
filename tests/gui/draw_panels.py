"""Draws every panel, and all of them on a bench, to PNG files: run by hand, to look at.

Usage: QT_QPA_PLATFORM=offscreen python -m tests.gui.draw_panels FOLDER [TEXT_SIZE]
"""

import sys
from pathlib import Path

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QVBoxLayout, QWidget

from core.prediction import Answer
from gui.controls.dock_header import DockHeader
from gui.controls.painting import draw_card
from gui.panel_spec import PanelSpec, panel_specs
from gui.panels.panel import Panel
from gui.run_history import RunHistory
from gui.style import Look, apply_look, current_look
from gui.theme import GAP, THEMES, Theme
from tests.gui.races import six_runs, three_runs
from tests.gui.snapshots import CELLS, TASK_OF_KIND, run_of_snapshots

SIZES = {"small": (400, 240), "wide": (640, 230), "large": (1000, 620), "maximised": (1290, 860)}
DRAWN = ("unrolled", "cell", "loss", "gradient_flow", "gates", "connectivity", "prediction", "weights", "state_space", "updates")
FOR_OTHER_CELLS = ("unrolled", "cell", "gradient_flow", "gates")
CURSOR, UNIT = 27, 28


class Frame(QWidget):
    """A panel under its title bar, on a card, as the window shows it."""

    def __init__(self, spec: PanelSpec, theme: Theme) -> None:
        super().__init__()
        self.panel: Panel = spec.make(theme)
        header = DockHeader(spec.title, spec.help)
        header.add_options(self.panel.options())
        self.panel.subtitle_changed.connect(header.set_subtitle)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header)
        layout.addWidget(self.panel, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_card(self, current_look())


class Desk(QWidget):
    """The panels in two columns."""

    def __init__(self, frames: list[Frame]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setSpacing(GAP)
        for k, frame in enumerate(frames):
            grid.addWidget(frame, k // 2, k % 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), current_look().color("window"))


def make_frame(name: str, theme: Theme, history: RunHistory, snapshots) -> Frame:
    frame = Frame(panel_specs()[name], theme)
    for snapshot in snapshots[-3:]:
        frame.panel.show_snapshot(snapshot, history)
    frame.panel.set_cursor(CURSOR)
    if name == "gates":
        frame.panel.follow(UNIT % snapshots[-1].settings.network.hidden_size)
    return frame


def snap(widget: QWidget, size: tuple[int, int], path: Path) -> None:
    widget.resize(*size)
    widget.show()
    QApplication.processEvents()
    widget.grab().save(str(path))
    widget.close()


def main(folder: Path, text_size: float) -> None:
    application = QApplication.instance() or QApplication([])
    races = {"three": three_runs(), "six": six_runs(), "none": []}
    folder.mkdir(parents=True, exist_ok=True)
    runs = {f"{cell}-number": list(run_of_snapshots(cell=cell)) for cell in CELLS}
    runs |= {f"lstm-{kind}": list(run_of_snapshots(200, kind=kind)) for kind in TASK_OF_KIND if kind != "number"}
    for theme in THEMES.values():
        apply_look(application, Look(theme, text_size))
        for name, raced in races.items():
            for size_name, size in {**SIZES, "whole": (1580, 900)}.items():
                frame = Frame(panel_specs()["compare"], theme)
                frame.panel.show_race(raced, True, name == "three")
                snap(frame, size, folder / f"compare-{name}-{size_name}-{theme.name}.png")
        for run, snapshots in runs.items():
            history = RunHistory()
            for snapshot in snapshots:
                history.add(snapshot)
            names = DRAWN if run == "lstm-number" else ("prediction",) if run.startswith("lstm") else FOR_OTHER_CELLS
            for name in names:
                for size_name, size in SIZES.items():
                    frame = make_frame(name, theme, history, snapshots)
                    if name == "prediction" and size_name == "large":
                        frame.panel.show_answer(Answer((1.4,), None, "an answer of the network's, in a sentence"))
                    snap(frame, size, folder / f"{name}-{run}-{size_name}-{theme.name}.png")
            if run.endswith("number"):
                desk = Desk([make_frame(name, theme, history, snapshots) for name in DRAWN])
                snap(desk, (1290, 960), folder / f"bench-{run}-{theme.name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
