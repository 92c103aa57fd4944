"""Data of a person's own in the window: the columns to choose from, what was recognised, dropping, typing, drawing."""

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from core.fields import column, file
from core.readers.recognition import ColumnSummary, Recognition
from core.settings import Settings
from gui import made_data
from gui.controls.column_field import ColumnField
from gui.controls.curve_canvas import PLACES
from gui.controls.file_field import FileField
from gui.controls.settings_form import SettingsForm
from gui.controls.text_field import LineField
from gui.draw_dialog import DrawDialog
from gui.made_data import Maker, makers_for
from gui.type_dialog import LETTERS, NUMBERS, TypeDialog, typed_numbers

COLUMNS = (ColumnSummary("day", "dates"), ColumnSummary("price", "numbers"), ColumnSummary("shop", "2 classes"))
COLUMN = column("Column", "The column to predict.", holds="numbers").metadata["info"]
FILE = file((".csv",), "Table", "Your own table.", holds="numbers").metadata["info"]
SMALL = {"network.hidden_size": 8, "task.seq_len": 10, "training.batch_size": 8}
LEFT, NONE, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def table(folder: Path, name: str = "mine.csv") -> Path:
    path = folder / name
    rows = (
        f"2026-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d},{100 + 10 * math.sin(i / 4):.3f},{'north' if i % 2 else 'south'}" for i in range(200)
    )
    path.write_text("day,price,shop\n" + "\n".join(rows))
    return path


def dragged(path: Path) -> QMimeData:
    """To be kept as long as the event that carries it: Qt does not."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


@pytest.fixture
def window(make_window):
    return make_window(settings=Settings.preset("prices").with_changes(SMALL))


# Controls


def test_columns_are_offered_with_what_they_hold(qtbot) -> None:
    field = ColumnField(COLUMN)
    qtbot.addWidget(field)
    chosen: list[str] = []
    field.value_changed.connect(chosen.append)
    assert field.list_box.currentText() == "Automatic"
    field.set_columns(COLUMNS, "price")
    items = [field.list_box.itemText(k) for k in range(field.list_box.count())]
    assert items == ["Automatic: price", "day – dates", "price – numbers", "shop – 2 classes"]
    field.list_box.activated.emit(2)
    assert chosen == ["price"] and field.value() == "price" and field.list_box.currentIndex() == 2
    field.set_value("PRICE")
    assert field.list_box.currentIndex() == 2
    field.set_value("gone")
    assert field.list_box.currentText() == "gone" and field.value() == "gone"
    field.list_box.activated.emit(0)
    assert chosen == ["price", ""]


def test_the_form_shows_what_was_recognised(qtbot) -> None:
    form = SettingsForm({"task.file": FILE, "task.column": COLUMN})
    qtbot.addWidget(form)
    form.show_recognition(Recognition("200 rows.", COLUMNS, {"column": "price"}))
    assert form.row("task.file").note == "200 rows."
    box = form.control("task.column")
    assert isinstance(box, ColumnField) and box.list_box.currentText() == "Automatic: price"
    assert "200 rows." in form.control("task.file").focus_target().accessibleDescription()
    form.show_recognition(None)
    assert form.row("task.file").note == "" and box.list_box.count() == 1


def test_a_new_file_is_being_read_until_it_is_recognised(qtbot) -> None:
    form = SettingsForm({"task.file": FILE})
    qtbot.addWidget(form)
    form.control("task.file").value_changed.emit("/home/ada/sales.csv")
    assert form.row("task.file").note == "Reading sales.csv …"


def test_data_can_be_made_where_the_file_field_says_what_it_holds(qtbot) -> None:
    asked: list[QWidget] = []
    field = FileField(FILE, makers=[Maker("Type numbers…", lambda parent: asked.append(parent) or "/made.csv")])
    qtbot.addWidget(field)
    field.show()
    chosen: list[str] = []
    field.value_changed.connect(chosen.append)
    qtbot.mouseClick(field.make_button, LEFT)
    assert asked and chosen == ["/made.csv"] and field.line.text() == "/made.csv"
    assert [maker.text for maker in makers_for("numbers")] == ["Draw a curve…", "Type numbers…"]
    assert [maker.text for maker in makers_for("text")] == ["Type a text…"]
    plain = FileField(file((".mid",), "Tunes", "Tunes.").metadata["info"])
    qtbot.addWidget(plain)
    assert plain.make_button.isHidden() and not makers_for("labelled texts")


def test_a_line_takes_no_file_names(qtbot, tmp_path: Path) -> None:
    line = LineField()
    qtbot.addWidget(line)
    data = dragged(tmp_path / "a.csv")
    enter = QDragEnterEvent(QPoint(2, 2), COPY, data, LEFT, NONE)
    enter.accept()
    line.dragEnterEvent(enter)
    assert not enter.isAccepted()


# Dialogs


def test_typed_numbers_are_checked_before_they_are_used(qtbot) -> None:
    dialog = TypeDialog(None, "Type a series", "Numbers.", typed_numbers, NUMBERS)
    qtbot.addWidget(dialog)
    assert not dialog.use_button.isEnabled()
    for text, says in (
        ("1, 2, pear" + ", 3" * 20, "'pear' is not a number"),
        ("5 " * 30, "nothing to learn"),
    ):
        dialog.box.setPlainText(text)
        dialog.use_button.click()
        assert says in dialog.note.text() and dialog.result() == 0
    dialog.box.setPlainText("1, 2; 3")
    assert dialog.note.text() == "3 numbers; at least 20 numbers are needed" and not dialog.use_button.isEnabled()
    dialog.box.setPlainText(" ".join(map(str, range(30))))
    assert dialog.note.text() == "30 numbers"
    dialog.use_button.click()
    assert dialog.result() == 1
    np.testing.assert_array_equal(typed_numbers(dialog.text()), np.arange(30.0))


def test_a_typed_text_says_how_much_is_missing(qtbot) -> None:
    dialog = TypeDialog(None, "Type a text", "A text.", lambda text: None, LETTERS)
    qtbot.addWidget(dialog)
    dialog.box.setPlainText("tea")
    assert dialog.note.text() == "1 word, 3 letters; at least 10 letters are needed" and not dialog.use_button.isEnabled()
    dialog.box.setPlainText("tea and cakes")
    assert dialog.note.text() == "3 words, 11 letters" and dialog.use_button.isEnabled()


def test_a_curve_is_drawn_with_the_mouse_and_with_keys(qtbot) -> None:
    dialog = DrawDialog(None)
    qtbot.addWidget(dialog)
    dialog.show()
    canvas = dialog.canvas
    assert not dialog.use_button.isEnabled()
    bottom, top = QPoint(0, canvas.height() - 1), QPoint(canvas.width() - 1, 0)
    qtbot.mousePress(canvas, LEFT, pos=bottom)
    qtbot.mouseMove(canvas, top)
    qtbot.mouseRelease(canvas, LEFT, pos=top)
    assert dialog.use_button.isEnabled()
    dialog.lowest.value_changed.emit(0.0)
    values = dialog.values()
    assert len(values) == 150
    np.testing.assert_allclose(values, np.linspace(0, 100, 150), atol=1)
    dialog.clear_button.click()
    assert not dialog.use_button.isEnabled() and not np.isfinite(canvas.heights).any()
    for _ in range(12):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        qtbot.keyClick(canvas, Qt.Key.Key_Up)
    drawn = canvas.heights[np.isfinite(canvas.heights)]
    assert len(drawn) > PLACES // 10 and drawn[-1] > drawn[0] and (np.diff(drawn) >= 0).all()
    assert dialog.use_button.isEnabled()


def test_a_flat_curve_is_not_taken(qtbot) -> None:
    dialog = DrawDialog(None)
    qtbot.addWidget(dialog)
    dialog.canvas.draw_line((0, 0.5), (PLACES - 1, 0.5))
    assert not dialog.use_button.isEnabled() and "flat" in dialog.note.text()


def test_what_was_typed_is_saved_and_read(qtbot, window, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_in(dialog: TypeDialog) -> int:
        dialog.box.setPlainText(", ".join(str((k * 7) % 23) for k in range(60)))
        dialog.accept()
        return dialog.result()

    monkeypatch.setattr(made_data.TypeDialog, "exec", fill_in)
    control = window.setup.row_of("task", "file").control
    with qtbot.waitSignal(window.controller.run_began):
        control.make(makers_for("numbers")[1])
    path = Path(window.controller.settings.task.fields.file)
    assert path.name.startswith("typed ") and path.read_text().splitlines()[:3] == ["value", "0", "7"]


# The window


def test_the_window_says_what_it_recognised_and_offers_the_columns(qtbot, window, tmp_path: Path) -> None:
    row, box = window.setup.row_of("task", "file"), window.setup.row_of("task", "column").control
    qtbot.waitUntil(lambda: "1,300 rows" in row.note)
    assert box.list_box.currentText() == "Automatic: price"
    with qtbot.waitSignal(window.controller.recognised):
        row.control.line.setText(str(table(tmp_path)))
        row.control.line.editingFinished.emit()
    assert row.note.startswith("200 rows, header, comma between cells, UTF-8. Column 'price'") and not row.error
    assert [box.list_box.itemText(k) for k in (1, 2, 3)] == ["day – dates", "price – numbers", "shop – 2 classes"]


def test_what_can_not_be_used_stays_to_be_mended(qtbot, window, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(table(tmp_path).read_text().replace("100.000", "banana", 1))
    file_row, column_row = window.setup.row_of("task", "file"), window.setup.row_of("task", "column")
    with qtbot.waitSignal(window.controller.run_refused):
        window.setup_controller.change("task.file", str(path))
    qtbot.waitUntil(lambda: column_row.control.list_box.count() == 4)
    assert "line 2: 'banana' in column 'price' is not a number" in file_row.error
    assert file_row.control.value() == str(path) and window.controller.settings.task.fields.file == ""
    # Another column of the file that is still to be mended.
    with qtbot.waitSignal(window.controller.run_refused):
        window.setup_controller.change("task.column", "shop")
    assert "'shop' is not a number" in file_row.error and column_row.control.value() == "shop"
    path.write_text(table(tmp_path).read_text())
    with qtbot.waitSignal(window.controller.run_began):
        window.setup_controller.change("task.column", "price")
    assert window.controller.settings.task.fields.file == str(path) and not file_row.error
    # A column belongs to its file.
    with qtbot.waitSignal(window.controller.run_began):
        window.setup_controller.change("task.file", str(table(tmp_path, "other.csv")))
    assert window.controller.settings.task.fields.column == ""


def test_while_a_file_is_dragged_the_window_says_what_will_happen(qtbot, window, tmp_path: Path) -> None:
    reviews = tmp_path / "reviews.csv"
    reviews.write_text("text,label\n" + "".join(f"this was film number {k},{'good' if k % 2 else 'bad'}\n" for k in range(40)))
    (tmp_path / "words.txt").write_text("some words")
    plans = {
        table(tmp_path): ("Train on mine.csv", "The task Prices goes on with it as its data.", True),
        reviews: ("Train on reviews.csv", "The task Sentiment takes it as its data.", True),
        tmp_path / "words.txt": ("Train on words.txt", "The task Completion takes it as its data.", True),
        tmp_path / "run.rnnp": ("Open this session", "run.rnnp", True),
    }
    for path, plan in plans.items():
        data = dragged(path)
        enter = QDragEnterEvent(QPoint(300, 300), COPY, data, LEFT, NONE)
        window.dragEnterEvent(enter)
        assert enter.isAccepted() and window.drop_overlay.isVisible()
        assert (window.drop_overlay.plan.headline, window.drop_overlay.plan.detail, window.drop_overlay.plan.is_usable) == plan
        window.dragLeaveEvent(QDragLeaveEvent())
        assert not window.drop_overlay.isVisible()
    assert not window.setup_controller.plan_for(tmp_path).is_usable
    unknown = window.setup_controller.plan_for(tmp_path / "notes.docx")
    assert not unknown.is_usable and unknown.detail.startswith("notes.docx: files that can be opened end in .txt, ")


@pytest.mark.parametrize("name", ["notes.docx", "gone.csv", "folder"])
def test_a_file_that_no_task_takes_is_refused_in_words(qtbot, window, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.docx").write_text("x")
    data = dragged(tmp_path / name)
    window.dropEvent(QDropEvent(QPointF(9, 9), COPY, data, LEFT, NONE))
    assert name in window.problem and window.controller.settings.task.fields.file == ""
    assert not window.drop_overlay.isVisible()


def test_a_dropped_file_that_can_not_be_used_is_marked_at_its_field(qtbot, window, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    days = [f"2024-01-{k % 28 + 1:02d},{'' if k % 2 else 20 + k},{5 * k % 17}" for k in range(60)]
    path.write_text("day,temperature,sold\n" + "\n".join(days).replace(",20,", ",hot,", 1))
    row = window.setup.row_of("task", "file")
    with qtbot.waitSignal(window.controller.run_refused):
        window.open_data(path)
    assert "bad.csv" in row.error and "choose" in row.error and row.control.value() == str(path)
    qtbot.waitUntil(lambda: window.setup.row_of("task", "column").control.list_box.count() == 4)


def test_the_canvas_says_its_values(qtbot) -> None:
    dialog = DrawDialog(None)
    qtbot.addWidget(dialog)
    before = dialog.canvas.grab().toImage()
    dialog.highest.set_value(5000.0)
    dialog.highest.value_changed.emit(5000.0)
    assert dialog.canvas.grab().toImage() != before


def test_tab_goes_from_the_transport_to_the_setup_to_the_panels(window) -> None:
    widget, seen = window.transport, []
    parts = [window.transport, window.setup, window.bench]
    for _ in range(2000):
        widget = widget.nextInFocusChain()
        part = next((part for part in parts if part.isAncestorOf(widget)), None)
        if part is not None and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and (not seen or seen[-1] is not part):
            seen.append(part)
        if widget is window.transport:
            break
    first = seen.index(window.transport)
    assert [*seen[first:], *seen[:first]][:3] == parts
