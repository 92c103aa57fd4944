"""Draws all controls to PNG in both themes, to be looked at. Run by hand: python -m tests.gui.gallery FOLDER [PAGE …]."""

import math
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.fields import fields_of
from core.settings import NetworkSettings, Settings, TrainingSettings
from gui.controls.caption import Caption
from gui.controls.dock_header import DockHeader
from gui.controls.quick_strip import QuickStrip
from gui.controls.rail import Rail
from gui.controls.segments import Segments
from gui.controls.setup_column import SetupColumn
from gui.controls.status_line import StatusLine
from gui.controls.transport_bar import TransportBar
from gui.icons import icon, icon_names
from gui.style import Look, apply_look, current_look
from gui.theme import THEMES


def show(column: SetupColumn, settings: Settings) -> None:
    """Feed the column as the window does."""
    values = settings.to_dict()
    task = dict(values["task"])
    name = task.pop("name")
    network = fields_of(NetworkSettings) | fields_of(type(settings.network.options))
    column.set_settings(name, type(settings.task.fields), task, network, values["network"], fields_of(TrainingSettings), values["training"])


def setup_column(settings: Settings, height: int) -> QWidget:
    column = SetupColumn()
    show(column, settings)
    column.resize(column.width(), current_look().px(height))
    return column


def open_column() -> QWidget:
    column = SetupColumn()
    show(column, Settings().with_changes({"network.cell": "gru", "training.clip_norm": 0.0, "training.batch_size": 48}))
    for button in [button for button in column.findChildren(QWidget) if type(button).__name__ == "FoldButton"]:
        button.setChecked(True)
    column.row_of("training", "learning_rate").show_error("200: must be a number from 1e-6 to 100")
    column.resize(column.width(), current_look().px(1250))
    return column


def text_column() -> QWidget:
    column = SetupColumn()
    show(column, Settings().with_changes({"task.name": "completion", "task.file": "/home/ada/texts/on-the-road.txt"}))
    column.show_error("task", "file", "on-the-road.txt: is not a text file in UTF-8")
    column.resize(column.width(), current_look().px(860))
    return column


def transport(width: int, is_running: bool, is_compact: bool) -> QWidget:
    bar = TransportBar()
    bar.set_state("Running" if is_running else "Paused")
    bar.set_step(1240)
    bar.set_seed(3)
    bar.set_speed(40 if is_running else math.inf)
    bar.set_compact(is_compact)
    bar.resize(width, bar.height())
    return bar


def status(word: str, remedies: list[tuple[str, str]], share: float | None) -> QWidget:
    line = StatusLine()
    line.set_state(word)
    line.set_sentence("Solved at update 760. Through the cell state alone, 70 % of the gradient comes back to the first step.")
    line.set_remedies(remedies)
    line.set_facts(["1,610 steps/s", "4,513 parameters", "float32"])
    line.set_progress(share, "Compiling fast kernels, training already runs")
    line.resize(1600, line.height())
    return line


def bars() -> QWidget:
    page = QWidget()
    rows = QVBoxLayout(page)
    rows.setSpacing(12)
    rows.addWidget(transport(1600, True, False))
    rows.addWidget(status("Running", [("longer", "Try length 100"), ("rnn", "Race against RNN")], None))
    rows.addWidget(status("Diverged", [("clip", "clip at 1.0"), ("slower", "learning rate ÷10"), ("rewind", "rewind to step 1,240")], None))
    rows.addWidget(status("Loading", [], 0.4))
    head = DockHeader("Gates", "What each gate does")
    head.add_options([Segments([("activity", "Activity"), ("index", "Index")], "Sort", 24, 12)])
    head.set_subtitle("32 units, sorted by activity; 3 % of forget values saturated")
    rows.addWidget(head)
    page.resize(1600, page.sizeHint().height())
    return page


def compact() -> QWidget:
    page = QWidget()
    settings = Settings()
    values = settings.to_dict()
    strip = QuickStrip(fields_of(TrainingSettings))
    strip.set_settings(settings.task.name, values["task"], values["network"], values["training"])
    rail = Rail()
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(8)
    rows.addWidget(transport(1280, False, True))
    below = QHBoxLayout()
    below.setContentsMargins(7, 0, 7, 0)
    below.setSpacing(6)
    below.addWidget(rail)
    below.addWidget(strip, 1, Qt.AlignmentFlag.AlignTop)
    rows.addLayout(below)
    page.resize(1280, 240)
    return page


def icons() -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    for k, name in enumerate(icon_names()):
        picture = Caption()
        picture.setPixmap(icon(name, current_look().theme.text_2).pixmap(QSize(16, 16), 2.0))
        grid.addWidget(picture, k // 7 * 2, k % 7, Qt.AlignmentFlag.AlignHCenter)
        grid.addWidget(Caption(name, 11), k // 7 * 2 + 1, k % 7, Qt.AlignmentFlag.AlignHCenter)
    page.resize(560, 360)
    return page


PAGES: dict[str, Callable[[], QWidget]] = {
    "column": lambda: setup_column(Settings(), 858),
    "column-short": lambda: setup_column(Settings(), 500),
    "column-open": open_column,
    "column-text": text_column,
    "bars": bars,
    "compact": compact,
    "icons": icons,
}


def draw(widget: QWidget, ratio: float) -> QPixmap:
    """A picture of ``widget`` as a screen of pixel density ``ratio`` shows it."""
    widget.ensurePolished()
    size: QSize = widget.size()
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(current_look().color("window"))
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    QApplication.processEvents()
    painter = QPainter(pixmap)
    widget.render(painter, QPoint(), QRegion(QRect(QPoint(), size)), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return pixmap


def main(folder: Path, wanted: list[str]) -> None:
    """Draw every page in both themes, and in large type."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    looks = {name: Look(theme) for name, theme in THEMES.items()} | {"large": Look(THEMES["dark"], 1.4)}
    for look_name, look in looks.items():
        apply_look(application, look)
        for page_name, make in PAGES.items():
            if not wanted or page_name in wanted:
                page = make()
                draw(page, 2.0).save(str(folder / f"{page_name}-{look_name}.png"))
                page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
