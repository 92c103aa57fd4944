"""What leaves a panel: pictures in pixels and in lines, tables that follow, words of help."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QPushButton, QWidget

from gui import dialogs, panel_actions
from gui.focus_help import help_on
from gui.panel_dock import PanelDock
from gui.panel_picture import as_png, as_svg, save_picture
from gui.panel_specs.gates import PANEL as GATES
from gui.panel_specs.gradient_flow import PANEL as GRADIENT_FLOW
from gui.panel_specs.loss import PANEL as LOSS
from gui.run_history import RunHistory
from gui.table_dialog import EXACT_ROLE, RowsModel, TableDialog
from gui.theme import DARK, LIGHT
from tests.gui.snapshots import run_of_snapshots

SPECS = (LOSS, GRADIENT_FLOW, GATES)


class FakeFrames(QObject):
    """As much of Frames as a table follows."""

    shown = Signal(object)


def fed(qtbot, spec, theme=DARK, updates=900) -> PanelDock:
    dock = PanelDock(spec, theme)
    qtbot.addWidget(dock)
    dock.resize(620, 300)
    dock.show()
    history = RunHistory()
    for snapshot in run_of_snapshots(updates, 100):
        history.add(snapshot)
        dock.panel.show_snapshot(snapshot, history)
    qtbot.waitExposed(dock)
    return dock


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_panel_is_drawn_as_lines_and_letters(qtbot, spec, theme) -> None:
    panel = fed(qtbot, spec, theme).panel
    content = as_svg(panel, spec.name)
    root = ElementTree.fromstring(content)
    kinds = [element.tag.split("}")[1] for element in root.iter()]
    assert kinds.count("text") > 5
    if spec is LOSS:
        # Pixels are only the dot at the curve's end.
        assert kinds.count("image") <= 1 and kinds.count("polyline") >= 3
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    assert (width, height) == (panel.width(), panel.height())
    # Read again it looks like what is on the screen, but for the edges of letters and lines.
    picture = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    drawn = QImage(picture.size(), QImage.Format.Format_RGB32)
    drawn.fill(Qt.GlobalColor.magenta)
    with QPainter(drawn) as painter:
        QSvgRenderer(content).render(painter)
    differing = total = 0
    for x in range(0, picture.width(), 3):
        for y in range(0, picture.height(), 3):
            one, other = picture.pixelColor(x, y), drawn.pixelColor(x, y)
            total += 1
            differing += sum(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) > 90
    assert differing / total < 0.08


def test_pictures_are_written_as_their_ending_says(qtbot, tmp_path: Path) -> None:
    panel = fed(qtbot, LOSS).panel
    save_picture(panel, tmp_path / "loss.png", "loss")
    save_picture(panel, tmp_path / "loss.SVG", "loss")
    image = QImage(str(tmp_path / "loss.png"))
    assert (image.width(), image.height()) == (panel.width(), panel.height())
    assert b"<svg" in (tmp_path / "loss.SVG").read_bytes() and as_png(panel)[1:4] == b"PNG"
    # Drawing lines once leaves the screen's pictures as they were.
    count = panel.plot.picture_count
    panel.plot.repaint()
    assert panel.plot.picture_count == count


def test_an_unwritable_picture_is_said(qtbot, tmp_path: Path, monkeypatch) -> None:
    dock, frames, window = fed(qtbot, LOSS), FakeFrames(), QWidget()
    qtbot.addWidget(window)
    panel_actions.connect(window, dock, frames)
    said = []
    monkeypatch.setattr(dialogs, "show_help", lambda parent, title, text: said.append((title, text)))
    monkeypatch.setattr(dialogs, "ask_to_save", lambda *words: tmp_path / "file" / "x.svg")
    (tmp_path / "file").write_text("no folder")
    dock.header.save_picture_requested.emit()
    assert said and said[0][0] == "Not saved"


def test_a_table_follows_its_panel_and_is_copied(qtbot) -> None:
    dock, frames = fed(qtbot, GRADIENT_FLOW), FakeFrames()
    window = QWidget()
    qtbot.addWidget(window)
    panel_actions.connect(window, dock, frames)
    dock.header.table_requested.emit()
    dialog = window.findChild(TableDialog)
    rows = dock.panel.as_table()
    assert [dialog.model.head, *dialog.model.rows] == rows and dialog.view.accessibleName() == "Gradient flow"
    assert dialog.sentence.text() == dock.panel.as_sentence()
    dialog.copy_all()
    assert QGuiApplication.clipboard().text() == panel_actions.table_as_csv(dock.panel)
    dialog.view.setCurrentIndex(dialog.model.index(1, 1))
    dialog.copy_selection()
    assert QGuiApplication.clipboard().text() == rows[2][1]
    dock.panel.clear()
    dialog.refresh()
    assert dialog.model.rowCount() == len(dock.panel.as_table()) - 1
    dialog.close()


def test_rows_come_and_go_and_the_selection_stays(qtbot) -> None:
    model = RowsModel()
    model.show_rows([["t", "x"], ["1", "2"]])
    model.show_rows([["t", "x"], ["1", "3"], ["2", "4"], ["3"]])
    assert (model.rowCount(), model.columnCount()) == (3, 2)
    assert model.data(model.index(0, 1)) == "3" and model.data(model.index(2, 1)) == ""
    model.show_rows([["t", "x"], ["9", "9"]])
    assert model.rowCount() == 1 and model.data(model.index(0, 0)) == "9"
    model.show_rows([["other"]])
    assert (model.rowCount(), model.columnCount()) == (0, 1)
    assert model.headerData(0, Qt.Orientation.Horizontal) == "other"
    model.show_rows([])
    assert model.columnCount() == 0


def test_numbers_of_a_column_have_the_same_digits_and_are_copied_exactly(qtbot) -> None:
    model = RowsModel()
    model.show_rows(
        [["t", "x", "y", "name"], ["1", "0.763449", "-0.5", "1.5 a"], ["2", "-0.8941", "1e-05", "b-1"], ["-3", "0", "2500.25", ""]]
    )
    shown = [[model.data(model.index(row, column)) for column in range(4)] for row in range(3)]
    assert shown == [["1", "0.7634", "−0.5000", "1.5 a"], ["2", "−0.8941", "1.000·10⁻⁵", "b-1"], ["−3", "0", "2,500", ""]]
    assert model.data(model.index(0, 1), EXACT_ROLE) == "0.763449"


def test_help_is_on_what_has_the_keyboard(qtbot) -> None:
    dock = fed(qtbot, LOSS)
    title, text = help_on(dock.panel.plot)
    assert title == "Loss" and LOSS.help in text and dock.panel.as_sentence() in text
    title, text = help_on(dock.header.float_button)
    assert title == "Loss" and "window of its own" in text
    button = QPushButton()
    qtbot.addWidget(button)
    assert help_on(button) is None and help_on(None) is None
    button.setAccessibleName("Race")
    button.setToolTip("Starts a race.")
    assert help_on(button) == ("Race", "<p>Starts a race.</p>")


def test_svg_keeps_words_as_words(qtbot) -> None:
    content = as_svg(fed(qtbot, LOSS).panel, "loss").decode()
    assert re.search(r">\s*updates\s*<", content)
