"""The walk: forward step by step, backward, and again; in words, by commands, and by itself in slow motion."""

import math

import pytest
from PySide6.QtCore import Qt

from core.settings import Settings
from gui.controls.speed_scale import SpeedScale
from gui.run_state import RunState
from gui.speed import slow_motion, speed_text, steps_per_second
from gui.walk import Phase, Walk, walk_sentence

SMALL = {"network.hidden_size": 4, "task.seq_len": 5, "training.batch_size": 4}
FASTEST_PACE = 2000


def states_of_a_round(seq_len: int) -> list[tuple[Phase, int]]:
    walk, seen = Walk(Phase.NONE, 0, seq_len), []
    while not walk.is_complete:
        walk = walk.advanced()
        seen.append((walk.phase, walk.step))
    return seen


@pytest.mark.parametrize("seq_len", [1, 2, 5])
def test_a_round_goes_forward_and_comes_back(seq_len: int) -> None:
    forward = [(Phase.FORWARD, step) for step in range(seq_len)]
    backward = [(Phase.BACKWARD, step) for step in reversed(range(seq_len))]
    assert states_of_a_round(seq_len) == forward + backward
    assert Walk(Phase.BACKWARD, 0, seq_len).advanced() == Walk(Phase.FORWARD, 0, seq_len)


def test_a_pass_at_once() -> None:
    walk = Walk(Phase.NONE, 0, 5).at_end_of_pass()
    assert walk == Walk(Phase.FORWARD, 4, 5)
    assert walk.at_end_of_pass() == Walk(Phase.BACKWARD, 0, 5)
    assert Walk(Phase.FORWARD, 2, 5).at_end_of_pass() == Walk(Phase.FORWARD, 4, 5)
    assert Walk(Phase.BACKWARD, 3, 5).at_end_of_pass() == Walk(Phase.BACKWARD, 0, 5)


def test_how_far_it_has_come() -> None:
    forward, backward = Walk(Phase.FORWARD, 2, 10), Walk(Phase.BACKWARD, 6, 10)
    assert forward.values_seen() == (0, 3) and forward.values_seen(is_backward=True) == (7, 10)
    assert len(range(*forward.gradients_seen())) == len(range(*forward.gradients_seen(is_backward=True))) == 0
    assert backward.values_seen() == backward.values_seen(is_backward=True) == (0, 10)
    assert backward.gradients_seen() == (6, 10) and backward.gradients_seen(is_backward=True) == (0, 4)
    assert Walk(Phase.NONE, 0, 10).gradients_seen() == (0, 10)


def test_in_words() -> None:
    assert walk_sentence(Walk(), False) == ""
    assert walk_sentence(Walk(Phase.FORWARD, 11, 50), False) == "Forward: the network reads step 12 of 50 of the shown sequence."
    assert walk_sentence(Walk(Phase.BACKWARD, 30, 50), False) == "Backward: the gradient has come back to step 31."
    assert walk_sentence(Walk(Phase.BACKWARD, 0, 50), False) == "Both done: Enter changes the weights by the next batch."
    assert walk_sentence(Walk(Phase.BACKWARD, 0, 50), True) == "Both done: the weights change by the next batch."


def test_speeds_from_slow_motion_to_unlimited() -> None:
    scale = SpeedScale()
    assert list(scale.ticks) == sorted(scale.ticks)
    positions = [scale.position(tick) for tick in scale.ticks]
    assert positions == sorted(positions) and positions[0] == 0 and positions[-1] == 1
    assert [scale.value_at(position) for position in positions] == list(scale.ticks)
    assert [speed_text(speed) for speed in (slow_motion(2), slow_motion(20), 1, math.inf)] == [
        "2 time steps/s",
        "20 time steps/s",
        "1 update/s",
        "unlimited",
    ]
    assert scale.stepped(slow_motion(20), 1) == 1 and scale.stepped(1.0, -1) == slow_motion(20)
    assert scale.moved(1.0, -0.1) == slow_motion(20) and scale.moved(40.0, 0.1) > 40
    assert steps_per_second(slow_motion(5)) == pytest.approx(5)


# In the window


@pytest.fixture
def window(qtbot, make_window):
    window = make_window(settings=Settings.preset("adding").with_changes(SMALL))
    qtbot.waitUntil(lambda: window.frames.snapshot is not None and window.frames.snapshot.trace is not None)
    return window


def walk_of(window) -> tuple[Phase, int]:
    return window.walker.walk.phase, window.walker.walk.step


def test_time_steps_lead_to_an_update_and_begin_again(qtbot, window) -> None:
    unrolled = window.bench.docks["unrolled"].panel
    seen = []
    for _ in range(10):
        qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        seen.append(walk_of(window))
        assert window.frames.cursor == unrolled.plot.cursor_step == window.walker.walk.step
        assert unrolled.plot.walk == window.walker.walk
        assert window.status_line.sentence.text() == walk_sentence(window.walker.walk, False)
    assert seen == states_of_a_round(5)
    assert window.step_count == 0 and window.state is RunState.PAUSED
    before = window.controller.history.trace
    window.commands.on_step_requested("time step")
    qtbot.waitUntil(lambda: walk_of(window) == (Phase.FORWARD, 0))
    assert window.step_count == 1 and window.state is RunState.PAUSED
    assert window.controller.history.trace is not before


def test_sequences_go_to_the_ends_of_the_passes(qtbot, window) -> None:
    window.transport.step_sizes.set_value("sequence")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert walk_of(window) == (Phase.FORWARD, 4)
    window.transport.step_button.click()
    assert walk_of(window) == (Phase.BACKWARD, 0)
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.step_count == 1 and not window.walker.walk.is_on)


def test_training_ends_the_walk(qtbot, window) -> None:
    window.commands.on_step_requested("time step")
    assert window.walker.walk.is_on
    window.commands.on_step_requested("epoch")
    qtbot.waitUntil(lambda: window.step_count == 100 and window.state is RunState.PAUSED)
    assert not window.walker.walk.is_on and not window.bench.docks["unrolled"].panel.plot.walk.is_on
    assert "step" not in window.status_line.sentence.text().split(":")[0]


def test_a_time_step_pauses_a_run_and_begins_the_walk(qtbot, window) -> None:
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING and window.step_count > 0)
    window.commands.on_step_requested("time step")
    qtbot.waitUntil(lambda: walk_of(window) == (Phase.FORWARD, 0))
    assert window.state is RunState.PAUSED


def test_slow_motion_walks_and_trains_by_itself_until_paused(qtbot, window) -> None:
    walked = []
    window.walker.walked.connect(lambda walk: walked.append((walk.phase, walk.step)))
    window.walker.set_speed(slow_motion(FASTEST_PACE))
    window.play()
    assert window.walker.is_playing and window.transport.play_button.text() == "Pause"
    qtbot.waitUntil(lambda: window.step_count >= 2)
    assert window.status_line.state.accessibleName() == "Running"
    window.pause()
    assert not window.walker._timer.isActive() and not window.walker.is_playing
    assert window.transport.play_button.text() == "Play"
    a_round = states_of_a_round(5)
    assert walked[:20] == [*a_round, *a_round]


def test_no_timer_at_ordinary_speeds_and_none_after_closing(qtbot, window) -> None:
    window.play()
    assert not window.walker._timer.isActive()
    window.transport.speed.speed_changed.emit(slow_motion(20))
    assert window.walker._timer.isActive()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    window.transport.speed.speed_changed.emit(math.inf)
    assert not window.walker._timer.isActive()
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING)
    window.walker.set_speed(slow_motion(20))
    window.close()
    assert not window.walker._timer.isActive()


def test_another_run_begins_without_a_walk(qtbot, window) -> None:
    window.commands.on_step_requested("time step")
    window.commands.on_reset()
    qtbot.waitUntil(lambda: not window.walker.walk.is_on)
    qtbot.waitUntil(lambda: window.frames.snapshot is not None)
    window.commands.on_step_requested("time step")
    assert walk_of(window) == (Phase.FORWARD, 0)


def test_a_sequence_of_another_length_ends_the_walk(qtbot, window) -> None:
    window.commands.on_step_requested("sequence")
    window.setup_controller.change("task.seq_len", 8)
    qtbot.waitUntil(lambda: window.controller.history.trace is not None and window.controller.history.trace.seq_len == 8)
    assert not window.walker.walk.is_on
