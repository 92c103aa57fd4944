"""Panels take turns in drawing while a run trains, and miss nothing; the clock asks for one frame at a time."""

from dataclasses import replace
from types import SimpleNamespace

from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.frame_clock import FrameClock
from gui.look_budget import PREDICTION_SECONDS
from gui.panel_turns import DRAWING_SHARE, PanelTurns
from gui.plots.settled import LEAST_GROWTH, SettledCurves
from tests.gui.snapshots import make_snapshot

FRAMES_A_SECOND = 30


class Played:
    """The clocks of the processor and of the wall, set by hand."""

    def __init__(self) -> None:
        self.worked = self.time = 0.0

    def turns(self) -> PanelTurns:
        return PanelTurns(lambda: self.worked, lambda: self.time)


class Costly(QWidget):
    """Takes ``cost`` seconds of the processor whenever it is shown something; with ``of_trace`` only where that holds a trace."""

    def __init__(self, qtbot, cost: float, played: Played, of_trace: bool = False) -> None:
        super().__init__()
        qtbot.addWidget(self)
        self.cost, self.played, self.of_trace, self.seen = cost, played, of_trace, []

    def show_snapshot(self, snapshot) -> None:
        self.seen.append(snapshot)
        self.played.worked += self.cost if snapshot.trace is not None or not self.of_trace else 0.0


def shown(turns, panels, snapshot, is_sharing=True) -> None:
    turns.show(panels, snapshot, lambda panel, given: panel.show_snapshot(given), is_sharing)


def test_dear_panels_take_turns_within_their_share_and_cheap_ones_are_always_drawn(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, cost, played) for cost in (0.005, 0.005, 0.005, 0.0)]
    snapshot = make_snapshot(100)
    frames = 10 * FRAMES_A_SECOND
    for step in range(frames):
        played.time += 1 / FRAMES_A_SECOND
        shown(turns, panels, replace(snapshot, step=100 + step))
    counts = [len(panel.seen) for panel in panels]
    assert max(counts[:3]) - min(counts[:3]) <= 1
    assert 0.9 * DRAWING_SHARE <= played.worked / played.time <= 1.1 * DRAWING_SHARE
    assert counts[3] == frames


def test_what_costs_nothing_without_a_trace_waits_only_with_one(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panel = Costly(qtbot, 0.02, played, of_trace=True)
    full = make_snapshot(100)
    bare = replace(full, trace=None)
    for snapshot in (full, bare, bare, full):
        shown(turns, [panel], snapshot)
    assert panel.seen == [full, bare, bare]
    # Together with what it missed, and not before there is time for that.
    shown(turns, [panel], bare)
    assert len(panel.seen) == 3
    played.time += 1.0
    shown(turns, [panel], bare)
    assert panel.seen[-1].trace is full.trace


def test_a_panel_that_waited_gets_what_it_missed(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, 0.02, played) for _ in range(2)]
    full = replace(make_snapshot(100), is_replaced=True, looks={"spectrum": 1})
    bare = replace(make_snapshot(140), trace=None, prediction=None, looks={"other": 2})
    for snapshot in (full, bare):
        shown(turns, panels, snapshot)
    played.time += 1.0
    shown(turns, panels, full)
    waiting = next(panel for panel in panels if panel.seen[-1] is not full)
    played.time += 1.0
    shown(turns, panels, bare)
    late = waiting.seen[-1]
    assert late.step == bare.step and late.trace is full.trace and late.prediction is full.prediction
    assert late.is_replaced and late.looks == {"spectrum": 1, "other": 2}


def test_panels_that_missed_the_same_since_different_frames_share_one_snapshot(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, 0.02, played, of_trace=True) for _ in range(3)]
    full = replace(make_snapshot(100), looks={})
    for _ in range(2):
        shown(turns, panels, full, is_sharing=False)
    shown(turns, panels[:1], full)
    for end in (2, 3):
        shown(turns, panels[:end], full)
    shown(turns, panels, replace(full, trace=None), is_sharing=False)
    assert len({id(panel.seen[-1]) for panel in panels}) == 1 and panels[0].seen[-1].trace is full.trace


def test_a_run_that_stands_still_is_drawn_at_once_everywhere(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, 1.0, played) for _ in range(3)]
    for _ in range(2):
        shown(turns, panels, make_snapshot(100), is_sharing=False)
    assert [len(panel.seen) for panel in panels] == [2, 2, 2]


def test_what_was_missed_of_another_run_is_forgotten(qtbot) -> None:
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, 0.02, played) for _ in range(2)]
    for step in (50, 100):
        shown(turns, panels, make_snapshot(step))
    shown(turns, panels, replace(make_snapshot(1, run_id=2), trace=None), is_sharing=False)
    assert all(panel.seen[-1].run_id == 2 and panel.seen[-1].trace is None for panel in panels)


def test_the_clock_asks_again_only_after_a_frame(qtbot, monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("gui.frame_clock.time", SimpleNamespace(perf_counter=lambda: now[0]))
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
    now[0] += 2 * PREDICTION_SECONDS
    with qtbot.waitSignal(clock.frame_due):
        clock.note_frame()
    assert asked == [True, False, True]
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
    played = Played()
    turns = played.turns()
    panels = [Costly(qtbot, 0.0, played) for _ in range(3)]
    reported = []
    monkeypatch.setattr("sys.excepthook", lambda _kind, error, _trace: reported.append(str(error)))

    def fail(_snapshot) -> None:
        raise OverflowError("too large to be drawn")

    panels[0].show_snapshot = fail
    for step in range(5):
        shown(turns, panels, replace(make_snapshot(100), step=100 + step), is_sharing=False)
    assert [len(panel.seen) for panel in panels[1:]] == [5, 5]
    assert reported == ["too large to be drawn"]
