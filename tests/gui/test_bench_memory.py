"""Panels stand where they stood: remembered, restored, and shared anew in windows of another size."""

import os

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt

from gui.arrangement import CLOSED, COMPACT
from gui.bench import Bench
from gui.bench_memory import BenchMemory
from gui.preferences import Preferences
from tests.gui.benches import NAMES, open_panels, place, settle


@pytest.fixture
def remembered(tmp_path, monkeypatch):
    monkeypatch.setattr("gui.preferences.config_folder", lambda: tmp_path)
    return lambda: Preferences(is_remembering=True)


def test_where_panels_stood_is_remembered_apart_for_narrow_and_wide_windows(qtbot, make_bench, remembered) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    bench.docks["loss"].close()
    bench.toggle_panel("library")
    wide = open_panels(bench)
    memory.fit(is_compact=True)
    bench.docks["cell"].close()
    bench.enlarge("gates")
    # What was open in the wide window is open in the narrow one.
    narrow = wide - {"cell"}
    memory.keep()

    other = make_bench()
    again = BenchMemory(other, remembered())
    again.fit(is_compact=True)
    assert open_panels(other) == narrow and other.enlarged is None
    again.fit(is_compact=False)
    assert open_panels(other) == narrow
    again.restore_first()
    assert open_panels(other) == set(NAMES) - set(CLOSED)
    third = make_bench()
    BenchMemory(third, remembered()).fit(is_compact=False)
    assert open_panels(third) == set(NAMES) - set(CLOSED)


@pytest.mark.parametrize("damage", ["bits", "cut", "text", "panels"])
def test_a_layout_that_is_damaged_or_of_other_panels_is_not_taken(qtbot, make_bench, remembered, damage: str) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    bench.docks["loss"].close()
    memory.keep()
    preferences = remembered()
    state = bytes(preferences.layout("wide", bench.docks).data())
    names = NAMES
    if damage == "bits":
        preferences._write("layout_wide", QByteArray(state[:60] + bytes(byte ^ 0xFF for byte in state[60:90]) + state[90:]))
    elif damage == "cut":
        preferences._write("layout_wide", QByteArray(state[:50]))
    elif damage == "text":
        preferences._write("layout_wide", "no layout")
    else:
        names = NAMES[:-1]
    other = make_bench(names)
    BenchMemory(other, preferences).fit(is_compact=False)
    assert other.is_open("loss")


def test_a_state_that_is_no_state_changes_nothing(qtbot, make_bench) -> None:
    bench = make_bench()
    before = {name: place(bench, name) for name in ("cell", "loss", "gates")}
    for state in (b"", b"\x00" * 40, os.urandom(300), bytes(bench.saveState(1).data())):
        assert not bench.restore_layout(QByteArray(state))
    settle(qtbot)
    assert {name: place(bench, name) for name in before} == before


def test_the_shares_follow_the_window_until_a_person_moves_something(qtbot, make_bench) -> None:
    bench = make_bench()
    share = bench.docks["cell"].height() / bench.height()
    bench.resize(1900, 1300)
    settle(qtbot)
    assert abs(bench.docks["cell"].height() / bench.height() - share) < 0.05


def heights(bench: Bench) -> dict[str, int]:
    return {name: bench.docks[name].height() for name in ("unrolled", "cell", "loss", "gradient_flow", "gates", "prediction")}


def turned(qtbot, bench: Bench, memory: BenchMemory, width: int, height: int) -> dict[str, int]:
    """The heights after the window has got another size."""
    bench.resize(width, height)
    memory.fit_soon(width < 1300)
    settle(qtbot)
    return heights(bench)


def test_a_window_that_was_narrow_and_is_wide_again_looks_as_before(qtbot, make_bench, remembered) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    settle(qtbot)
    wide = heights(bench)
    narrow = turned(qtbot, bench, memory, 1000, 560)
    assert turned(qtbot, bench, memory, 1300, 860) == wide
    assert turned(qtbot, bench, memory, 1000, 560) == narrow
    memory.keep()
    # Another start of the same size, and then a larger window.
    other = make_bench((*NAMES,), (1000, 560))
    again = BenchMemory(other, remembered())
    again.fit(is_compact=True)
    settle(qtbot)
    assert heights(other) == narrow and not other.is_touched
    assert turned(qtbot, other, again, 1300, 860) == wide
    large = turned(qtbot, other, again, 2000, 1720)
    assert abs(large["loss"] - 2 * wide["loss"]) < 20


def test_what_a_person_moved_stays_and_is_not_squeezed(qtbot, make_bench, remembered) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    settle(qtbot)
    low = bench.docks["unrolled"].geometry().bottom() + 3
    at = QPoint(200, low)
    qtbot.mousePress(bench, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(bench, at + QPoint(0, 90))
    qtbot.mouseRelease(bench, Qt.MouseButton.LeftButton, pos=at + QPoint(0, 90))
    settle(qtbot)
    assert bench.is_touched
    moved = heights(bench)
    turned(qtbot, bench, memory, 1000, 560)
    assert not bench.is_touched
    assert turned(qtbot, bench, memory, 1300, 860) == moved and bench.is_touched
    memory.keep()
    other = make_bench()
    BenchMemory(other, remembered()).fit(is_compact=False)
    settle(qtbot)
    assert other.is_touched and heights(other) == moved


def test_another_arrangement_shows_the_panels_that_a_person_looks_at(qtbot, make_bench, remembered) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    bench.show_panel("library")
    bench.docks["loss"].close()
    bench.bring_forward("weights")
    settle(qtbot)
    turned(qtbot, bench, memory, 1000, 560)
    assert bench.is_open("library") and not bench.is_open("loss") and bench.docks["weights"].panel in bench.visible_panels()
    bench.enlarge("library")
    settle(qtbot)
    turned(qtbot, bench, memory, 1300, 860)
    assert bench.enlarged == "library" and open_panels(bench) == {"library"}
    bench.leave_enlarged()
    settle(qtbot)
    assert open_panels(bench) == set(NAMES) - {"compare", "loss"}


def test_docks_stay_where_they_are_while_the_window_changes_its_size(qtbot, make_bench, remembered, monkeypatch) -> None:
    bench = make_bench()
    memory = BenchMemory(bench, remembered())
    memory.fit(is_compact=False)
    arranged = []
    monkeypatch.setattr(bench, "arrange", arranged.append)
    memory.fit_soon(is_compact=True)
    assert arranged == []
    settle(qtbot)
    assert arranged == [COMPACT]
