"""The bench: panels open, close, float, tab, fill it, and stand where they stood."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTabBar, QToolButton

from gui.arrangement import CLOSED, COMPACT, WIDE
from gui.controls.dock_header import DockHeader
from gui.controls.tab_overflow import TabOverflow
from tests.gui.benches import NAMES, open_panels, place, settle


def test_wide_windows_show_the_network_left_and_what_it_does_right(qtbot, make_bench) -> None:
    bench = make_bench()
    middle = bench.width() / 2
    assert bench.docks["unrolled"].x() < middle and bench.docks["cell"].x() < middle
    tops = [bench.docks[name].y() for name in ("loss", "gradient_flow", "gates", "prediction")]
    assert tops == sorted(tops) and all(bench.docks[name].x() >= middle for name in ("loss", "gates", "prediction"))
    tabs = {dock.spec.name for dock in bench.tabifiedDockWidgets(bench.docks["prediction"])}
    assert tabs == {"weights", "updates"}
    assert open_panels(bench) == set(NAMES) - set(CLOSED)
    # The cell has more room than the unrolled network, and both columns as much as the other.
    assert bench.docks["cell"].height() > bench.docks["unrolled"].height()
    assert abs(bench.docks["cell"].width() - bench.docks["loss"].width()) <= 12


def test_narrow_windows_have_three_rows(qtbot, make_bench) -> None:
    bench = make_bench(size=(1190, 600))
    bench.arrange(COMPACT)
    settle(qtbot)
    assert {dock.spec.name for dock in bench.tabifiedDockWidgets(bench.docks["gates"])} == {"prediction", "weights", "updates"}
    assert bench.docks["gates"].panel.isVisible() and bench.docks["weights"].panel not in bench.visible_panels()


def test_panels_that_are_not_named_have_a_place_too(qtbot, make_bench) -> None:
    bench = make_bench(("loss", "gates", "brand_new"))
    assert open_panels(bench) == {"loss", "gates", "brand_new"}
    assert WIDE.of(["gates"]).columns == (((("gates",), 22),),)


@pytest.mark.parametrize("name", ["cell", "loss", "weights", "library"])
def test_one_panel_fills_the_bench_and_gives_it_back(qtbot, make_bench, name: str) -> None:
    bench = make_bench()
    before = open_panels(bench)
    places = {panel: place(bench, panel) for panel in ("unrolled", "cell", "loss", "gates")}
    bench.docks[name].show()
    before_opened = open_panels(bench)
    bench.enlarge(name)
    settle(qtbot)
    assert open_panels(bench) == {name} and bench.docks[name].width() > 0.95 * bench.width()
    assert bench.docks[name].header.back_button.isVisible()
    bench.docks[name].header.back_button.click()
    settle(qtbot)
    assert open_panels(bench) == before_opened and bench.enlarged is None
    assert not bench.docks[name].header.back_button.isVisible()
    if name in before:
        assert {panel: place(bench, panel) for panel in places} == places


def test_a_double_click_on_a_title_enlarges_and_another_goes_back(qtbot, make_bench) -> None:
    bench = make_bench()
    header = bench.docks["gates"].header
    qtbot.mouseDClick(header, Qt.MouseButton.LeftButton, pos=QPoint(header.width() // 2, 4))
    assert bench.enlarged == "gates" and not bench.docks["gates"].isFloating()
    qtbot.mouseDClick(header, Qt.MouseButton.LeftButton, pos=QPoint(header.width() // 2, 4))
    assert bench.enlarged is None


def test_closing_the_enlarged_panel_brings_the_others_back(qtbot, make_bench) -> None:
    bench = make_bench()
    bench.enlarge("loss")
    settle(qtbot)
    bench.docks["loss"].close()
    settle(qtbot)
    assert open_panels(bench) == set(NAMES) - set(CLOSED) - {"loss"}


def test_panels_open_close_and_float(qtbot, make_bench) -> None:
    bench = make_bench()
    bench.toggle_panel("library")
    assert bench.is_open("library")
    bench.toggle_panel("library")
    assert not bench.is_open("library")
    header: DockHeader = bench.docks["loss"].header
    header.float_button.click()
    assert bench.docks["loss"].isFloating()
    header.float_button.click()
    assert not bench.docks["loss"].isFloating()
    header._actions["C&lose"].trigger()
    assert not bench.is_open("loss")
    bench.show_panel("loss")
    assert bench.is_open("loss") and bench.docks["loss"].panel.field.hasFocus()


def test_showing_another_panel_leaves_the_enlarged_one(qtbot, make_bench) -> None:
    bench = make_bench()
    bench.enlarge("loss")
    bench.show_panel("cell")
    assert bench.enlarged is None and bench.docks["cell"].panel.isVisible()


def test_tabs_turn_by_keys_and_have_names(qtbot, make_bench) -> None:
    bench = make_bench()
    bar = next(bar for bar in bench.findChildren(QTabBar) if bar.isVisible())
    assert bar.accessibleName() == "Panels" and bar.focusPolicy() & Qt.FocusPolicy.TabFocus
    seen = []
    for _ in range(bar.count()):
        bench.turn_tab(1)
        seen.append(bar.tabText(bar.currentIndex()))
    assert sorted(seen) == ["Prediction", "Updates", "Weights"]
    bench.turn_tab(-1)
    assert bar.tabText(bar.currentIndex()) == seen[-2]


def test_tabs_without_room_stand_in_a_menu_that_keys_reach(qtbot, make_bench) -> None:
    names = ("loss", "prediction", "connectivity", "weights", "state_space", "updates")
    bench = make_bench(names, size=(1300, 860))
    bar = max((bar for bar in bench.findChildren(QTabBar) if bar.isVisible()), key=QTabBar.count)
    overflow = bar.findChild(TabOverflow)
    assert overflow is not None and not overflow.isVisible() and overflow.hidden_tabs() == []
    bench.resize(560, 400)
    settle(qtbot)
    assert overflow.isVisible() and overflow.hidden_tabs()
    assert overflow.button.accessibleName() == "More panels" and overflow.button.focusPolicy() & Qt.FocusPolicy.TabFocus
    # Nothing is cut, and of Qt's two arrows nothing is seen.
    assert all(bar.tabRect(k).right() <= overflow.x() for k in range(bar.count()) if k not in overflow.hidden_tabs())
    assert all(arrow.width() == 0 for arrow in bar.findChildren(QToolButton))
    overflow.button.setFocus()
    qtbot.keyClick(overflow.button, Qt.Key.Key_Space)
    titles = [action.text() for action in overflow.menu.actions()]
    assert titles == [bar.tabText(k) for k in overflow.hidden_tabs()]
    last = titles[-1]
    overflow.menu.actions()[-1].trigger()
    overflow.menu.close()
    settle(qtbot)
    assert bar.tabText(bar.currentIndex()) == last and bar.currentIndex() not in overflow.hidden_tabs()
    bench.resize(1300, 860)
    settle(qtbot)
    assert not overflow.isVisible()


def test_what_a_person_sees_is_known_whatever_is_done(qtbot, make_bench) -> None:
    bench = make_bench()

    def check(*seen: str) -> None:
        settle(qtbot)
        by_region = [name for name, dock in bench.docks.items() if dock.panel.isVisible() and not dock.panel.visibleRegion().isEmpty()]
        assert bench.visible_panels() == [bench.docks[name].panel for name in by_region]
        assert set(seen) <= set(by_region)

    check("loss", "prediction")
    bench.turn_tab(1)
    check("weights")
    bench.docks["updates"].setFloating(True)
    check("weights", "updates")
    bench.docks["weights"].close()
    check("prediction")
    bench.enlarge("cell")
    check("cell")
    bench.leave_enlarged()
    check("loss", "cell")
    bench.hide()
    assert bench.docks["loss"].panel not in bench.visible_panels()
    bench.show()
    check("loss")
    bench.arrange(COMPACT)
    check("gates")


def test_a_tab_says_the_title_so_the_title_bar_need_not(qtbot, make_bench) -> None:
    bench = make_bench()
    assert bench.docks["weights"].header.title.isHidden() and not bench.docks["loss"].header.title.isHidden()
    bench.docks["weights"].setFloating(True)
    settle(qtbot)
    assert not bench.docks["weights"].header.title.isHidden()


def test_an_open_panel_comes_to_the_front_and_a_closed_one_stays_closed(qtbot, make_bench) -> None:
    bench = make_bench()
    bench.bring_forward("weights")
    settle(qtbot)
    assert bench.docks["weights"].panel in bench.visible_panels()
    bench.docks["updates"].close()
    bench.bring_forward("updates")
    assert not bench.is_open("updates")
    bench.bring_forward("no such panel")


# Remembered


def test_tooltips_say_one_sentence_and_the_help_more(qtbot, make_bench) -> None:
    header = make_bench().docks["loss"].header
    assert "What loss shows." in header.title.toolTip() and "And more" not in header.title.toolTip()
    assert header.title.whatsThis() == "What loss shows. And more of it."
