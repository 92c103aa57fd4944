"""Going back in time on the loss curve: ghosts, marks, the handle at its newest point, keys and menu."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from core.branch import Branch
from core.settings import Settings
from core.snapshot import Divergence, Mark
from core.update_log import NO_UPDATES
from gui.panel_specs.loss import PANEL
from gui.panels.loss import LossPanel
from gui.plots.change_marks import joined
from gui.plots.ghosts import branch_words, ghost_curve, ghost_label, value_at
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.snapshots import losses_until, make_snapshot

REWOUND = Mark(600, "rewound from 900", is_rewind=True)


def make_branch(first: int = 600, last: int = 900, number: int = 0, **more) -> Branch:
    updates = np.arange(first + 1, last + 1, dtype=float)
    losses = np.geomspace(0.2, 0.02, len(updates))
    values = {"evaluations": (), "marks": (), "solved_at": None, "divergence": None} | more
    return Branch(number=number, first_step=first, last_step=last, updates=updates, losses=losses, settings=Settings(), **values)


@pytest.fixture
def panel(qtbot) -> LossPanel:
    panel = PANEL.make(DARK)
    qtbot.addWidget(panel)
    panel.resize(640, 240)
    panel.show()
    return panel


def feed(panel: LossPanel, *branches: Branch, marks=(REWOUND,), step: int = 1240, earliest: int = 0) -> RunHistory:
    history = RunHistory()
    snapshot = replace(make_snapshot(step), marks=tuple(marks))
    history.add(snapshot)
    history.branches, history.earliest = branches, earliest
    panel.show_snapshot(snapshot, history)
    panel.grab()
    return history


def press(qtbot, panel: LossPanel, *keys: Qt.Key) -> None:
    panel.plot.setFocus()
    for key in keys:
        qtbot.keyClick(panel.plot, key)


def newest(panel: LossPanel) -> QPoint:
    assert panel.plot.handle.newest is not None
    return panel.plot.handle.newest.toPoint()


def test_ghosts_are_drawn_where_they_were(panel: LossPanel) -> None:
    feed(panel, make_branch())
    updates, losses = panel.curve_data()["before the rewind 1"]
    np.testing.assert_array_equal(updates, np.arange(601, 901))
    # Smoothed: only at its ends it leans towards the middle.
    np.testing.assert_allclose(losses[40:-40], np.geomspace(0.2, 0.02, 300)[40:-40], rtol=0.01)
    assert [entry.name for entry in panel.options()[0].entries] == ["training", "held out", "before the rewind"]
    assert "1 earlier curve kept" in panel.as_sentence()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_ghost_has_its_own_colour_on_the_panel(panel: LossPanel, theme) -> None:
    panel.set_theme(theme)
    feed(panel, make_branch(first=600, last=1100))
    picture = panel.plot.grab().toImage()
    color = theme.ghost.lower()
    x_from, x_to = (round(float(panel.plot.to_x(step))) for step in (900, 1100))
    seen = {picture.pixelColor(x, y).name() for x in range(x_from, x_to) for y in range(picture.height())}
    assert color in seen


def test_without_ghosts_there_is_nothing_of_them(panel: LossPanel) -> None:
    feed(panel, make_branch())
    feed(panel, marks=())
    assert [entry.name for entry in panel.options()[0].entries] == ["training", "held out"]
    assert panel.plot.ghosts() == [] and len(panel.curve_data()) == 3
    feed(panel, make_branch())
    panel.clear()
    assert len(panel.options()[0].entries) == 2


def test_axes_hold_the_ghost(panel: LossPanel) -> None:
    feed(panel, make_branch(first=100, last=2900), step=300)
    assert panel.plot.full_range()[1] >= 2900


def test_ghosts_are_drawn_once_while_the_run_goes_on(panel: LossPanel) -> None:
    history = feed(panel, make_branch())
    frames = panel.plot.frame_count
    assert frames and panel.plot.ghosts()
    for step in (1242, 1244):
        newer = replace(make_snapshot(step, step - 2), evaluations=())
        history.add(newer)
        panel.show_snapshot(newer, history)
        panel.grab()
    assert panel.plot.frame_count == frames
    history.branches = (*history.branches, make_branch(number=1))
    panel.show_snapshot(newer, history)
    panel.grab()
    assert panel.plot.frame_count > frames


def test_values_of_the_ghost(panel: LossPanel) -> None:
    branch = make_branch()
    feed(panel, branch)
    rows = {name: (value, color) for name, value, color in panel.plot.readout_at(700)}
    assert float(rows["before the rewind"][0]) == pytest.approx(branch.losses[99], rel=0.01)
    assert rows["before the rewind"][1] == DARK.ghost
    assert "before the rewind" not in {name for name, _, _ in panel.plot.readout_at(500)}
    assert np.isnan(value_at(branch, 600)) and np.isnan(value_at(branch, 901))


def test_table_has_a_column_for_it(panel: LossPanel) -> None:
    branch = make_branch(first=1235, last=1245)
    feed(panel, branch)
    header, *rows = panel.as_table()
    assert header[-1] == "before the rewind, up to 1245"
    by_update = {int(row[0]): row for row in rows}
    assert float(by_update[1240][4]) == pytest.approx(branch.losses[4], rel=1e-5)
    assert by_update[1245][1:4] == ["", "", ""] and by_update[1235][4] == ""


def test_gaps_in_a_ghost_do_no_harm(panel: LossPanel) -> None:
    branch = make_branch()
    branch.losses[50:60] = np.nan
    branch.losses[70] = 0.0
    feed(panel, branch)
    assert np.isnan(ghost_curve(branch, 3.0)[1][55])


def test_marks_of_one_update_share_a_label() -> None:
    marks = [Mark(20, "a"), REWOUND, Mark(600, "rate 1 → 2")]
    assert joined(marks) == [Mark(20, "a"), Mark(600, "rewound from 900, rate 1 → 2", is_rewind=True)]


def test_mark_of_a_rewind_wears_the_warning_colour(panel: LossPanel) -> None:
    feed(panel, marks=(REWOUND, Mark(900, "rate 0.01 → 0.004")))
    picture, top = panel.plot.grab().toImage(), panel.plot.plot_rect().top() - 12
    colors = [picture.pixelColor(round(float(panel.plot.to_x(step))), round(top)).name() for step in (600, 900)]
    assert colors == [DARK.warn.lower(), DARK.text_2.lower()]


def test_dragging_the_newest_point_rewinds(panel: LossPanel, qtbot) -> None:
    feed(panel)
    goal = QPoint(round(float(panel.plot.to_x(800))), 100)
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=newest(panel))
    qtbot.mouseMove(panel.plot, goal)
    assert panel.plot.handle.words().startswith("rewind to ")
    with qtbot.waitSignal(panel.rewind_requested) as asked:
        qtbot.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=goal)
    assert asked.args == [pytest.approx(800, abs=2), False]
    assert panel.plot.zoom is None and panel.plot.handle.step is None


def test_a_click_on_the_newest_point_does_nothing(panel: LossPanel, qtbot) -> None:
    feed(panel)
    with qtbot.assertNotEmitted(panel.rewind_requested):
        qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=newest(panel))
    assert panel.plot.handle.step is None


def test_dragging_elsewhere_still_zooms(panel: LossPanel, qtbot) -> None:
    feed(panel)
    start, end = (QPoint(round(float(panel.plot.to_x(step))), 100) for step in (400, 800))
    qtbot.mousePress(panel.plot, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(panel.plot, end)
    qtbot.mouseRelease(panel.plot, Qt.MouseButton.LeftButton, pos=end)
    assert panel.plot.zoom is not None


def test_choosing_with_the_keys(panel: LossPanel, qtbot) -> None:
    feed(panel, earliest=40)
    press(qtbot, panel, Qt.Key.Key_PageUp)
    assert panel.plot.handle.step == 1180
    press(qtbot, panel, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right)
    assert panel.plot.handle.step == 1179
    press(qtbot, panel, Qt.Key.Key_Home)
    assert panel.plot.handle.step == 40
    press(qtbot, panel, Qt.Key.Key_PageDown)
    assert panel.plot.handle.words() == "rewind to 100"
    with qtbot.waitSignal(panel.rewind_requested) as asked:
        press(qtbot, panel, Qt.Key.Key_Return)
    assert asked.args == [100, False]


def test_escape_and_leaving_give_up(panel: LossPanel, qtbot) -> None:
    feed(panel)
    for give_up in (lambda: press(qtbot, panel, Qt.Key.Key_Escape), panel.plot.clearFocus):
        press(qtbot, panel, Qt.Key.Key_Home)
        assert panel.plot.handle.step == 0
        give_up()
        assert panel.plot.handle.step is None


def test_it_keeps_keys_of_the_window_only_while_it_needs_them(panel: LossPanel, qtbot) -> None:
    feed(panel)
    assert Qt.Key.Key_Return not in panel.plot.kept_keys and Qt.Key.Key_Left not in panel.plot.kept_keys
    press(qtbot, panel, Qt.Key.Key_PageUp)
    assert {Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Escape} <= panel.plot.kept_keys
    press(qtbot, panel, Qt.Key.Key_Escape)
    assert Qt.Key.Key_Return not in panel.plot.kept_keys


def test_choosing_draws_only_the_overlay(panel: LossPanel, qtbot) -> None:
    feed(panel)
    before, count = panel.plot.grab().toImage(), panel.plot.picture_count
    press(qtbot, panel, Qt.Key.Key_PageUp)
    assert panel.plot.grab().toImage() != before and panel.plot.picture_count == count


def test_nothing_to_rewind(panel: LossPanel, qtbot) -> None:
    press(qtbot, panel, Qt.Key.Key_Home)
    assert panel.plot.handle.step is None
    feed(panel, earliest=1240)
    press(qtbot, panel, Qt.Key.Key_Home)
    assert panel.plot.handle.step is None and not panel.plot.handle.is_at(panel.plot.handle.newest)


def actions(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_menu_names_the_place_the_changes_and_the_curves(panel: LossPanel, qtbot) -> None:
    branch = make_branch(divergence=Divergence(901, "the loss"))
    feed(panel, branch, marks=(REWOUND, Mark(900, "rate 1 → 2")))
    menu = panel.menu_at(1100)
    assert actions(menu) == [
        "&Rewind to update 1,100",
        "Rewind to before “rate 1 → 2”",
        "Return to the curve that ended at 900, where it diverged at 901",
        "Show &all of it",
    ]
    rewind, change, back, _all = (action for action in menu.actions() if not action.isSeparator())
    for action, right in ((rewind, [1100, False]), (change, [900, True])):
        with qtbot.waitSignal(panel.rewind_requested) as asked:
            action.trigger()
        assert asked.args == right
    with qtbot.waitSignal(panel.return_requested) as returned:
        back.trigger()
    assert returned.args == [0]
    assert not panel.menu_at(1240).actions()[0].isEnabled()
    assert branch_words(make_branch()) == "Return to the curve that ended at 900"


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_menu_opens_at_the_pointer_and_by_key(panel: LossPanel, qtbot, monkeypatch, reason) -> None:
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, place: opened.append((actions(menu)[0], place)))
    feed(panel)
    press(qtbot, panel, Qt.Key.Key_PageUp)
    at = QPoint(round(float(panel.plot.to_x(500))), 100)
    with qtbot.waitSignal(panel.plot.menu_requested) as asked:
        QApplication.sendEvent(panel.plot, QContextMenuEvent(reason, at, panel.plot.mapToGlobal(at)))
    assert asked.args[0] == (pytest.approx(500, abs=2) if reason is QContextMenuEvent.Reason.Mouse else 1178)
    (text, place), plot = opened[0], panel.plot
    assert text.startswith("&Rewind to update")
    assert place == plot.mapToGlobal(at if reason is QContextMenuEvent.Reason.Mouse else plot.plot_rect().center().toPoint())


def test_history_keeps_gradient_rows_of_the_past() -> None:
    history = RunHistory()
    for step in (100, 200, 300):
        history.add(make_snapshot(step, step - 100))
    known = history.updates.norms.values.copy()
    replaced = replace(make_snapshot(250), is_replaced=True, unchanged_until=250, updates=NO_UPDATES)
    history.add(replace(replaced, trace=None))
    assert history.gradient_rows(0).steps == [100, 200]
    np.testing.assert_array_equal(history.updates.norms.values, known[:250])
    np.testing.assert_array_equal(history.losses, losses_until(250))
    best = history.best_evaluation()
    assert best is not None and best.loss == min(evaluation.loss for evaluation in history.evaluations)


def test_ghosts_say_which_they_are() -> None:
    slow = Settings().with_changes({"training.learning_rate": 0.004})
    branch = Branch(1, 600, 900, np.array([700.0]), np.array([0.1]), (), (), slow, None, None)
    assert ghost_label(branch) == "to 900, rate 0.004"
