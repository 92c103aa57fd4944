"""The library panel: it shows past runs at any size, says them to everyone, and asks for what a person wants done."""

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from core.run_query import SORTS, RunQuery
from gui.panels.library import NOT_KEEPING, LibraryPanel
from gui.panels.library_views import words
from gui.panels.library_views.run_delegate import STAR
from gui.plots.numbers import NARROW_SPACE
from gui.style import Look, apply_look, current_look
from gui.theme import DARK, LIGHT
from tests.gui.past_runs import NOW, past_run, past_runs

SIZES = [(288, 700), (300, 180), (590, 250), (1200, 900)]


@pytest.fixture
def panel(qtbot) -> LibraryPanel:
    made = LibraryPanel(DARK, clock=lambda: NOW)
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    return made


def show(panel: LibraryPanel, records=None) -> None:
    records = past_runs() if records is None else records
    panel.show_runs(records, len(records), ("adding", "completion"), ("gru", "lstm", "rnn"))


def colors_of(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {QColor(image.pixel(x, y)).name().upper() for x in range(0, image.width(), 5) for y in range(0, image.height(), 3)}


def test_runs_of_one_network_can_be_told_apart() -> None:
    toml = '[task]\nname = "adding"\nseq_len = 50\n'
    assert words.setting(past_run(1, settings_toml=toml, learning_rate=0.004, seed=0)) == "length 50 · rate 0.004 · seed 0"
    assert words.setting(past_run(1, settings_toml="[[[", seed=7)) == "rate 0.003 · seed 7"


def test_what_can_be_done_stands_right_below_the_last_row(panel) -> None:
    panel.resize(900, 800)
    show(panel)
    QApplication.processEvents()
    last = panel.list.visualRect(panel.model.index(panel.model.rowCount() - 1)).bottom() + panel.list.y()
    assert 0 <= panel.actions_bar.y() - last < 24
    assert panel.actions_bar.hint.isVisible() and "Select a run" in panel.actions_bar.button("reopen").toolTip()
    panel.list.choose(0)
    assert not panel.actions_bar.hint.isVisible()
    panel.resize(900, 300)
    QApplication.processEvents()
    assert panel.actions_bar.geometry().bottom() <= panel.height()


def test_it_says_what_to_do_while_it_is_empty(panel) -> None:
    show(panel, ())
    assert "press play" in panel.as_sentence() and "Press play" in panel.list.hint
    assert len(panel.as_table()) == 1 and panel.subtitle == ""
    assert not any(panel.actions_bar.button(key).isEnabled() for key in ("reopen", "compare", "rename", "delete"))
    panel.set_keeping(False)
    assert panel.list.hint == NOT_KEEPING
    panel.set_problem("runs.sqlite: has version 9")
    assert "version 9" in panel.list.hint and panel.accessibleDescription() == panel.as_sentence()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text_size", [1.0, 1.4])
def test_it_draws_every_kind_of_run_at_any_size(panel, size, text_size, qapp: QApplication) -> None:
    try:
        apply_look(qapp, Look(LIGHT if text_size > 1 else DARK, text_size))
        show(panel)
        panel.set_current(1)
        panel.set_compared([2])
        panel.undo_bar.offer((3,), "a run")
        panel.resize(*size)
        assert panel.width() == size[0]
        bar = panel.actions_bar
        shown = [widget for widget in bar.children() if isinstance(widget, QWidget) and widget.isVisible()]
        assert shown and all(widget.geometry().right() <= bar.width() for widget in shown)
        assert len(colors_of(panel)) > 20
    finally:
        apply_look(qapp, Look())


def test_outcomes_are_words_and_not_colours_alone(panel) -> None:
    records = past_runs()
    assert [words.outcome(record)[0] for record in records[:3]] == ["solved at 740", "not solved", "diverged at 12"]
    assert words.outcome(replace(records[0], diverged_at=900))[0] == "solved at 740, then diverged"
    assert words.figure(records[0]) == "94\u202f%" and words.figure_in_full(records[0]) == "94\u202f% right within 0.04"
    assert words.figure(records[4]) == "bits per symbol 2.1" and words.figure(records[2]) == ""
    assert words.figure(replace(records[2], best_loss=0.25)) == "held out 0.25"
    shown = [words.percent_text(value) for value in (0, 0.2, 53.4, 99.7, 100)]
    assert [text.removesuffix(NARROW_SPACE + "%") for text in shown] == ["0", "0.2", "53", "99.7", "100"]


def test_times_are_said_as_people_do() -> None:
    noon = time.mktime((2026, 11, 21, 12, 0, 0, 0, 0, -1))
    ages = {5: "just now", 70: "1 min ago", 1500: "25 min ago", 2 * 3600: "10:00", 16 * 3600: "yesterday 20:00", 9 * 86400: "12 Nov"}
    assert [words.when_text(noon - age, noon) for age in ages] == list(ages.values())
    assert words.when_text(noon - 400 * 86400, noon) == "17 Oct 2025"
    assert words.when_text(noon + 30, noon) == "12:00"
    assert [words.duration_text(seconds) for seconds in (0.44, 12.4, 200, 5400)] == ["0.4 s", "12 s", "3 min", "1.5 h"]


def test_rows_are_said_in_full_to_screen_readers(panel) -> None:
    show(panel)
    panel.set_current(4)
    said = panel.model.index(3).data(Qt.ItemDataRole.AccessibleTextRole)
    for part in (
        "My first LSTM",
        "Adding, LSTM, 32 units",
        "solved at 740",
        "94",
        "1,240 updates in 12 s",
        "favourite",
        "plateau",
        "this run",
    ):
        assert part in said
    assert "weights are not kept" in panel.model.index(5).data(Qt.ItemDataRole.AccessibleTextRole)


def test_table_and_sentence(panel) -> None:
    show(panel)
    header, *rows = panel.as_table()
    assert {len(row) for row in rows} == {len(header)} and len(rows) == 7
    assert rows[0][header.index("outcome")] == "solved at 740" and rows[0][header.index("value")] == "94"
    assert panel.as_sentence() == "7 past runs, 3 solved; the first is Adding, LSTM, 32 units, solved at 740."
    panel.show_runs(past_runs()[:2], 7, (), ())
    assert panel.subtitle == "2 of 7 runs"


def test_typing_filters_and_escape_shows_all_again(panel, qtbot) -> None:
    show(panel)
    asked: list[RunQuery] = []
    panel.search_requested.connect(asked.append)
    QTest.keyClick(panel, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(panel.filters.field.hasFocus)
    QTest.keyClicks(panel.filters.field, "gru")
    assert [query.text for query in asked] == ["g", "gr", "gru"]
    QTest.keyClick(panel.filters.field, Qt.Key.Key_Escape)
    assert asked[-1] == RunQuery()
    QTest.keyClick(panel.filters.field, Qt.Key.Key_Down)
    assert panel.list.hasFocus() and panel.list.chosen()[0].id == 1


def test_menus_filter_and_order(panel) -> None:
    show(panel)
    asked: list[RunQuery] = []
    panel.search_requested.connect(asked.append)

    def choose(menu, *path: str) -> None:
        for text in path[:-1]:
            menu = next(action.menu() for action in menu.actions() if action.text().replace("&", "") == text)
        next(action for action in menu.actions() if action.text().replace("&", "") == path[-1]).trigger()

    choose(panel.filters.which_menu(), "Task", "Completion")
    choose(panel.filters.which_menu(), "Cell", "GRU")
    choose(panel.filters.which_menu(), "Solved")
    choose(panel.filters.which_menu(), "Favourites only")
    assert asked[-1] == RunQuery(task="completion", cell="gru", outcome="solved", is_favourite=True)
    assert panel.filters.which.text() == "Completion, GRU, Solved, Favourites"
    for name, (title, _) in SORTS.items():
        choose(panel.filters.order_menu(), title)
        assert panel.query.sort == name and panel.filters.order.text() == title
    choose(panel.filters.which_menu(), "Show all runs")
    assert not panel.query.is_filtering and panel.filters.which.text() == "All runs"


def test_keys_reopen_delete_and_move(panel) -> None:
    show(panel)
    reopened, deleted = [], []
    panel.reopen_requested.connect(reopened.append)
    panel.deleted.connect(deleted.append)
    panel.list.setFocus()
    panel.list.choose(0)
    QTest.keyClick(panel.list, Qt.Key.Key_Down)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert [record.id for record in reopened] == [2]
    QTest.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert len(reopened) == 1, "two runs can't be reopened at once"
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert deleted == [(2, 3)]


def test_what_was_deleted_can_be_had_back(panel) -> None:
    show(panel)
    restored = []
    panel.restored.connect(restored.append)
    panel.list.choose(3)
    panel.actions_bar.button("delete").click()
    assert panel.undo_bar.isVisible() and panel.undo_bar.words.text() == "Deleted “My first LSTM”."
    show(panel, [record for record in past_runs() if record.id != 4])
    assert [record.id for record in panel.list.chosen()] == [5], "the neighbour is next"
    panel.undo_bar.undo.click()
    assert restored == [(4,)] and panel.undo_bar.isHidden()


def test_a_name_is_edited_in_place(panel, qtbot) -> None:
    show(panel)
    renamed = []
    panel.renamed.connect(lambda run_id, name: renamed.append((run_id, name)))
    panel.list.setFocus()
    panel.list.choose(1)
    for text, result in (("  my  GRU ", [(2, "my GRU")]), ("", [(2, "my GRU"), (2, "")])):
        QTest.keyClick(panel.list, Qt.Key.Key_F2)
        editor = panel.list.findChild(QLineEdit)
        assert editor.text() == "Adding, GRU, 2 × 16 units"
        editor.setText(text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda result=result: renamed == result)
        qtbot.waitUntil(lambda: panel.list.findChild(QLineEdit) is None)


def test_the_star_is_clicked_or_asked_for_by_its_button(panel) -> None:
    show(panel)
    starred = []
    panel.favourite_changed.connect(lambda run_id, is_favourite: starred.append((run_id, is_favourite)))
    rect = panel.list.visualRect(panel.model.index(0))
    star = QPoint(rect.right() - current_look().px(STAR) // 2, rect.center().y())
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=star)
    panel.list.choose(3)
    assert panel.actions_bar.button("favourite").text() == "No favourite"
    panel.actions_bar.button("favourite").click()
    assert starred == [(1, True), (4, False)]


def test_a_run_without_weights_is_not_reopened_but_compared(panel) -> None:
    show(panel)
    reopened, compared, ended = [], [], []
    panel.reopen_requested.connect(reopened.append)
    panel.compare_requested.connect(compared.append)
    panel.compare_ended.connect(ended.append)
    panel.list.choose(5)
    assert not panel.actions_bar.button("reopen").isEnabled() and "make room" in panel.actions_bar.button("reopen").toolTip()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    panel.actions_bar.button("compare").click()
    panel.set_compared([6])
    assert panel.actions_bar.button("compare").text() == "Don't compare"
    panel.actions_bar.button("compare").click()
    assert reopened == [] and [record.id for record in compared] == [6] and ended == [6]


def test_the_menu_has_all_that_the_buttons_do(panel) -> None:
    show(panel)
    panel.resize(288, 600)
    panel.list.choose(0)
    assert panel.actions_bar.more.isVisible()
    noted = []
    panel.note_requested.connect(noted.append)
    menu = panel.actions_bar.menu()
    assert [action.text() for action in menu.actions()] == ["Reopen", "Compare", "Rename", "Note…", "Favourite", "Export…", "Delete"]
    menu.actions()[3].trigger()
    assert [record.id for record in noted] == [1]


def test_what_is_chosen_and_in_view_stays_so_when_the_list_is_filled_anew(panel) -> None:
    records = [past_run(number) for number in range(1, 3001)]
    show(panel, records)
    panel.list.choose(1500)
    scrolled = panel.list.verticalScrollBar().value()
    assert scrolled > 0
    show(panel, [past_run(0), *records])
    assert [record.id for record in panel.list.chosen()] == [1501]
    assert panel.list.verticalScrollBar().value() == scrolled


def test_everything_has_a_name_and_is_reached_by_tab(panel) -> None:
    show(panel)
    panel.list.choose(0)
    stops = [widget for widget in panel.findChildren(QWidget) if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(stops) >= 6
    assert [widget for widget in stops if not widget.accessibleName()] == []
