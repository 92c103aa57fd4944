"""Rewinding in the window: the run goes back, the curve that it leaves stays, and nothing waits for it."""

import threading
from itertools import count

import numpy as np
import pytest

from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer
from gui.explain import Remedy, explain
from gui.run_state import RunState
from tests.gui.windows import SMALLER, rewind, train

EXPLOSIVE = {
    "network.cell": "rnn", "network.activation": "relu", "network.num_layers": 2, "training.optimizer": "sgd", "training.clip_norm": 0.0,
}  # fmt: skip


@pytest.fixture
def make_window(make_window):
    """Windows whose runs are smaller still: a rewind trains its way."""
    return lambda **changes: make_window(settings=Settings.preset("adding").with_changes(SMALLER | changes))


def test_the_curve_goes_back_and_repeats(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 120)
    history = window.controller.history
    losses = history.losses.copy()
    rewind(qtbot, window, 70)
    assert len(history.losses) == 70 and window.state is RunState.PAUSED
    assert [(mark.label, mark.is_rewind) for mark in history.marks] == [("rewound from 120", True)]
    assert [evaluation.step for evaluation in history.evaluations] == [50]
    (branch,) = history.branches
    assert (branch.first_step, branch.last_step) == (70, 120)
    np.testing.assert_allclose(branch.losses, losses[70:])
    train(qtbot, window, 50)
    np.testing.assert_array_equal(history.losses, losses)


def test_returning_to_the_branch(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    losses = window.controller.history.losses.copy()
    rewind(qtbot, window, 20)
    window.controller.apply({"training.learning_rate": 0.05})
    train(qtbot, window, 20)
    with qtbot.waitSignal(window.controller.travelled):
        window.controller.return_to(window.controller.history.branches[0].number)
    qtbot.waitUntil(lambda: window.step_count == 60)
    np.testing.assert_array_equal(window.controller.history.losses, losses)
    assert window.controller.settings.training.learning_rate == 0.004
    assert [(branch.first_step, branch.last_step) for branch in window.controller.history.branches] == [(20, 40)]


def test_rewinding_a_run_that_plays_pauses_it(qtbot, make_window):
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 30)
    rewind(qtbot, window, 10)
    assert window.state is RunState.PAUSED and not window.controller.is_playing_wanted


def test_what_is_commanded_meanwhile_waits_for_the_end(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 80)
    with qtbot.waitSignal(window.controller.travelled):
        window.controller.rewind(33)
        window.controller.apply({"training.learning_rate": 0.05})
        window.controller.train(2)
    qtbot.waitUntil(lambda: window.step_count == 35)
    assert [(mark.step, mark.label) for mark in window.controller.history.marks] == [
        (33, "rewound from 80"),
        (33, "learning rate 0.004 → 0.05"),
    ]


def test_what_can_not_be_is_said(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 20)
    for wish in (lambda: window.controller.rewind(21), lambda: window.controller.return_to(7)):
        with qtbot.waitSignal(window.controller.refused) as refused:
            wish()
        assert "can't" in refused.args[0] and window.state is RunState.PAUSED
    train(qtbot, window, 5)


def test_divergence_offers_the_best_moment_and_goes_on_from_there(qtbot, make_window):
    window = make_window(**EXPLOSIVE)
    train(qtbot, window, 60)
    window.controller.apply({"training.learning_rate": 10.0})
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.DIVERGED and window.frames.snapshot.divergence is not None)
    explanation = explain(window.state, window.explanation, window.frames.snapshot, window.controller.history)
    remedy = explanation.remedies[0]
    assert remedy.rewind_to == 50 and remedy.label == "Rewind to 50"
    assert remedy.label in [button.text() for button in window.status_line.remedies]
    window.status_line.remedies[0].click()
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING and window.step_count > 55)
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    assert [mark.label for mark in window.controller.history.marks][0].startswith("rewound from")
    assert window.controller.settings.training.learning_rate == 0.004
    assert window.undo.undo_text == "rewind to update 50"


def test_rewind_with_a_change_is_undone_in_two_steps(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 60)
    window.setup_controller.carry_out(Remedy("Rewind to 50, rate ÷ 10", {"training.learning_rate": 0.0004}, rewind_to=50))
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING and window.step_count > 52)
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    marks = [(mark.step, mark.label) for mark in window.controller.history.marks]
    assert marks == [(50, "rewound from 60"), (50, "learning rate 0.004 → 0.0004")]
    assert window.undo.undo_text == "learning rate 0.004 → 0.0004"
    window.commands.on_undo()
    assert window.undo.undo_text == "rewind to update 50"
    with qtbot.waitSignal(window.controller.travelled):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == 60)


def test_long_way_back_can_be_given_up(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 300)
    worker = window.controller._worker
    machine = worker._travel.machine
    del machine._moments[1:]  # as if they had been thinned out: the way is long
    worker.pace.seconds_per_update = 1.0  # one update a piece
    before = window.controller.history.losses.copy()
    with qtbot.waitSignal(window.controller.rewinding, check_params_cb=lambda share: share is None):
        window.controller.rewind(290)
        window.controller.pause()
    train(qtbot, window, 1)
    assert window.step_count == 301 and window.controller.history.branches == ()
    np.testing.assert_array_equal(window.controller.history.losses[:300], before)


class Hold:
    """Where a way back stands still: whether it has come there, and whether it may go on."""

    def __init__(self) -> None:
        self.is_reached, self.may_go_on = threading.Event(), threading.Event()


def held_on_its_way(window, monkeypatch, method: str = "train_to") -> Hold:
    """A way back that stands still at the trainer's second call of ``method``."""
    worker, hold, calls = put_on_a_long_way(window), Hold(), count()
    go = getattr(worker._trainer, method)

    def go_when_let(where):
        if next(calls):
            hold.is_reached.set()
            assert hold.may_go_on.wait(60)
        go(where)

    monkeypatch.setattr(worker._trainer, method, go_when_let)
    return hold


def says_that_it_rewinds(window) -> None:
    """Every control says what is going on and what Space will do; what would have to wait is grey, and says why."""
    transport, actions = window.transport, window.menu_actions
    assert window.status_line.state.word == "Rewinding"
    assert "Space cancels the rewind" in window.status_line.sentence.text()
    assert transport.play_button.text() == transport.play_button.accessibleName() == "Cancel"
    assert actions["play"].text() == "Cance&l the rewind" and actions["play"].isEnabled() and transport.play_button.isEnabled()
    for button in (transport.step_button, transport.undo_button, transport.redo_button):
        assert not button.isEnabled() and "on its way back" in button.toolTip() and "Space" in button.toolTip()
    for name in ("undo", "redo", "step", "step_time step", "step_sequence", "step_update", "step_epoch"):
        assert not actions[name].isEnabled(), name


def test_space_gives_a_rewind_up(qtbot, make_window, monkeypatch):
    window = make_window()
    train(qtbot, window, 100)
    window.controller.apply({"training.learning_rate": 0.02})
    transport = window.transport
    qtbot.waitUntil(transport.undo_button.isEnabled)
    hold = held_on_its_way(window, monkeypatch)
    with qtbot.waitSignal(window.controller.rewinding):
        window.controller.rewind(90)
    assert window.controller.is_rewinding
    says_that_it_rewinds(window)
    with qtbot.waitSignal(window.controller.rewinding, check_params_cb=lambda share: share is None):
        window.commands.on_play_toggled()
        hold.may_go_on.set()
    assert not window.controller.is_rewinding and window.state is RunState.PAUSED
    assert transport.play_button.text() == "Play" and window.menu_actions["play"].text() == "&Play"
    assert transport.step_button.isEnabled() and transport.undo_button.isEnabled() and window.menu_actions["step"].isEnabled()
    assert window.status_line.state.word == "Paused" and "rewind" not in transport.undo_button.toolTip()
    assert window.controller._worker._trainer.step_count == 100


def test_what_pauses_a_run_by_a_refusal_is_no_wish_to_play(qtbot, make_window, monkeypatch):
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.RUNNING)

    def refuse(changes):
        raise InputError("not this time")

    monkeypatch.setattr(window.controller._worker._trainer, "apply", refuse)
    with qtbot.waitSignal(window.controller.refused):
        window.controller.apply({"training.learning_rate": 0.02})
    assert window.state is RunState.PAUSED and not window.controller.is_playing_wanted


def test_it_quits_on_its_way_back(qtbot, make_window, monkeypatch):
    window = make_window()
    train(qtbot, window, 300)
    worker = window.controller._worker
    hold = held_on_its_way(window, monkeypatch)
    with qtbot.waitSignal(window.controller.rewinding):
        window.controller.rewind(290)
    worker.requestInterruption()
    hold.may_go_on.set()
    window.close()
    assert worker.isFinished() and worker._trainer.step_count == 300


def put_on_a_long_way(window) -> object:
    """As if all moments but the first had been thinned out, and an update took a second."""
    worker = window.controller._worker
    del worker._travel.machine._moments[1:]
    worker.pace.seconds_per_update = 1.0
    return worker


@pytest.mark.parametrize(("held_in", "stands_at"), [("train_to", 60), ("stand_at", 50)])
def test_a_run_left_on_its_way_back_stands_where_it_stood(qtbot, make_window, monkeypatch, held_in, stands_at):
    """Or where the rewind put it, where just that was being done; what was changed meanwhile is changed in either case."""
    window = make_window()
    train(qtbot, window, 60)
    losses = window.controller.history.losses.copy()
    worker = window.controller._worker
    hold = held_on_its_way(window, monkeypatch, held_in)
    with qtbot.waitSignal(window.controller.rewinding):
        window.controller.rewind(50)
    window.controller.apply({"training.learning_rate": 0.05})
    qtbot.waitUntil(hold.is_reached.is_set)
    with qtbot.waitSignal(window.controller.run_began):
        window.commands.on_reset()
    hold.may_go_on.set()
    qtbot.waitUntil(worker.isFinished)
    assert worker._trainer.step_count == stands_at and not worker._travel.is_under_way
    with qtbot.waitSignal(window.controller.run_began):
        window.commands.on_undo()
    qtbot.waitUntil(lambda: window.step_count == stands_at)
    np.testing.assert_array_equal(window.controller.history.losses, losses[:stands_at])
    assert window.controller.settings.training.learning_rate == 0.05
    assert window.controller._worker._trainer.settings.training.learning_rate == 0.05


def test_an_error_on_the_way_back_ends_the_rewind(qtbot, make_window, monkeypatch, capsys):
    window = make_window()
    train(qtbot, window, 60)
    rewind(qtbot, window, 40)
    worker = put_on_a_long_way(window)

    def fail(step):
        raise RuntimeError("not foreseen")

    monkeypatch.setattr(worker._trainer, "train_to", fail)
    with qtbot.waitSignal(window.controller.rewinding, check_params_cb=lambda share: share is None):
        window.controller.rewind(30)
        window.controller.apply({"training.learning_rate": 0.05})
    qtbot.waitUntil(lambda: window.state is RunState.FAILED)
    monkeypatch.undo()
    assert "not foreseen" in capsys.readouterr().err
    qtbot.waitUntil(lambda: worker._trainer.settings.training.learning_rate == 0.05)
    assert worker._trainer.step_count == 40
    train(qtbot, window, 1)


def test_numpy_steps_give_way_to_kernels_after_a_rewind(qtbot, make_window, monkeypatch):
    from core.compile import Combination

    is_ready = False
    monkeypatch.setattr(Combination, "is_ready", property(lambda self: is_ready))
    monkeypatch.setattr("gui.kernel_helper.KernelHelper.ask_for", lambda self, combination: None)
    window = make_window()
    train(qtbot, window, 60)
    rewind(qtbot, window, 30)
    train(qtbot, window, 10)
    worker = window.controller._worker
    assert worker._trainer.engine == "numpy"
    is_ready = True
    worker.use_kernels()
    qtbot.waitUntil(lambda: worker._trainer.engine == "kernels")
    assert worker._travel.machine.trainer is worker._trainer
    rewind(qtbot, window, 20)
    train(qtbot, window, 20)
    straight = Trainer(window.controller.settings)
    straight.train_to(40)
    np.testing.assert_array_equal(window.controller.history.losses, straight.losses)
    assert [branch.last_step for branch in window.controller.history.branches] == [60, 40]


def test_gradient_rows_of_the_past_stay(qtbot, make_window):
    window = make_window()
    for _ in range(3):
        train(qtbot, window, 20)
    rows = window.controller.history.gradient_rows(0)
    rewind(qtbot, window, 25)
    assert rows is window.controller.history.gradient_rows(0)
    assert rows.steps[0] <= 20 and rows.steps[-1] == 25
