"""Panels take turns in drawing while a run trains, and miss nothing; the clock asks for one frame at a time."""

from dataclasses import replace

from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.frame_clock import FrameClock
from gui.panel_turns import PanelTurns
from gui.plots.settled import LEAST_GROWTH, SettledCurves
from tests.gui.snapshots import make_snapshot


class Costly(QWidget):
    """Takes ``cost`` seconds of the played clock whenever it is shown something."""

    def __init__(self, qtbot, cost: float, clock: list[float]) -> None:
        super().__init__()
        qtbot.addWidget(self)
        self.cost, self.clock, self.seen = cost, clock, []

    def show_snapshot(self, snapshot) -> None:
        self.seen.append(snapshot)
        self.clock[0] += self.cost


def shown(turns, panels, snapshot, is_sharing=True) -> None:
    turns.show(panels, snapshot, lambda panel, given: panel.show_snapshot(given), is_sharing)


def test_dear_panels_take_turns_and_cheap_ones_are_always_drawn(qtbot) -> None:
    clock = [0.0]
    turns = PanelTurns(lambda: clock[0])
    panels = [Costly(qtbot, cost, clock) for cost in (0.005, 0.005, 0.005, 0.0)]
    snapshot = make_snapshot(100)
    for step in range(31):
        shown(turns, panels, replace(snapshot, step=100 + step))
    counts = [len(panel.seen) for panel in panels]
    assert max(counts[:3]) - min(counts[:3]) <= 1 and 9 <= counts[0] <= 12
    assert counts[3] == 31


def test_a_panel_that_waited_gets_what_it_missed(qtbot) -> None:
    clock = [0.0]
    turns = PanelTurns(lambda: clock[0])
    panels = [Costly(qtbot, 0.02, clock) for _ in range(2)]
    full = replace(make_snapshot(100), is_replaced=True, looks={"spectrum": 1})
    bare = replace(make_snapshot(140), trace=None, prediction=None, looks={"other": 2})
    shown(turns, panels, make_snapshot(50))
    shown(turns, panels, full)
    waiting = next(panel for panel in panels if len(panel.seen) == 1)
    shown(turns, panels, bare)
    late = waiting.seen[-1]
    assert late.step == bare.step and late.trace is full.trace and late.prediction is full.prediction
    assert late.is_replaced and late.looks == {"spectrum": 1, "other": 2}


def test_a_run_that_stands_still_is_drawn_at_once_everywhere(qtbot) -> None:
    clock = [0.0]
    turns = PanelTurns(lambda: clock[0])
    panels = [Costly(qtbot, 1.0, clock) for _ in range(3)]
    for _ in range(2):
        shown(turns, panels, make_snapshot(100), is_sharing=False)
    assert [len(panel.seen) for panel in panels] == [2, 2, 2]


def test_what_was_missed_of_another_run_is_forgotten(qtbot) -> None:
    clock = [0.0]
    turns = PanelTurns(lambda: clock[0])
    panels = [Costly(qtbot, 0.02, clock) for _ in range(2)]
    for step in (50, 100):
        shown(turns, panels, make_snapshot(step))
    shown(turns, panels, replace(make_snapshot(1, run_id=2), trace=None), is_sharing=False)
    assert all(panel.seen[-1].run_id == 2 and panel.seen[-1].trace is None for panel in panels)


def test_the_clock_asks_again_only_after_a_frame(qtbot) -> None:
    clock = FrameClock()
    asked = []
    clock.frame_due.connect(asked.append)
    with qtbot.waitSignal(clock.frame_due):
        clock.set_running(True)
    assert asked == [True]
    clock.note_prediction()
    with qtbot.waitSignal(clock.frame_due):
        clock.note_frame()
    assert asked == [True, False]
    clock.set_running(False)
    clock.note_frame()
    assert not clock._timer.isActive()


def test_settled_points_are_drawn_once(qtbot) -> None:
    ground, screen, drawn = QPixmap(40, 20), QPixmap(40, 20), []
    ground.fill()
    settled = SettledCurves()
    with QPainter(screen) as painter:

        def draw(key: int, done: int, count: int) -> list[tuple[int, int]]:
            drawn.clear()
            settled.draw(painter, ground, key, done, count, lambda _painter, first, last: drawn.append((first, last)))
            return list(drawn)

        assert draw(1, 0, 10) == [(0, 9)]
        assert draw(1, LEAST_GROWTH, 40) == [(0, LEAST_GROWTH - 1), (LEAST_GROWTH - 1, 39)]
        assert draw(1, LEAST_GROWTH + 3, 44) == [(LEAST_GROWTH - 1, 43)]
        # Other scales, or a run that was rewound: from the beginning.
        assert draw(2, LEAST_GROWTH + 3, 44)[0][0] == 0
        assert draw(2, 4, 10) == [(0, 9)]


def test_a_panel_that_fails_stops_no_other_and_is_reported_once(qtbot, monkeypatch) -> None:
    clock = [0.0]
    turns = PanelTurns(lambda: clock[0])
    panels = [Costly(qtbot, 0.0, clock) for _ in range(3)]
    reported = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: reported.append(str(error)))

    def fail(_snapshot) -> None:
        raise OverflowError("too large to be drawn")

    panels[0].show_snapshot = fail
    for step in range(5):
        shown(turns, panels, replace(make_snapshot(100), step=100 + step), is_sharing=False)
    assert [len(panel.seen) for panel in panels[1:]] == [5, 5]
    assert reported == ["too large to be drawn"]
