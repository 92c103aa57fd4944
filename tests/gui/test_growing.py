"""Raising the hidden size of a run that has learned keeps what it learned; lowering it begins anew, and says so."""

from gui.controls.caption import Caption
from gui.run_state import RunState
from gui.setup_controller import REBUILT
from tests.gui.windows import train


def test_larger_grows(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 10)
    begun = []
    window.controller.run_began.connect(begun.append)
    window.setup.changed.emit("network", "hidden_size", 12)
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))
    assert window.controller.history.marks[-1].label == "hidden size 8 → 12"
    assert window.step_count == 10 and not begun
    assert window.controller.settings.network.hidden_size == 12
    train(qtbot, window, 10)
    assert window.step_count == 20
    assert window.controller.history.trace.layers[0].values["hidden"].shape[1] == 12


def test_smaller_begins_anew_and_says_so(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 10)
    row = window.setup.row_of("network", "hidden_size")
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "hidden_size", 6)
    assert row.note == REBUILT
    qtbot.waitUntil(lambda: window.step_count == 0 and window.state is RunState.PAUSED)
    train(qtbot, window, 5)
    window.setup.changed.emit("network", "hidden_size", 7)
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))
    assert row.note == ""


def test_a_network_that_learned_nothing_begins_anew(qtbot, make_window):
    """So that the same settings give the same run, however they were come by."""
    window = make_window()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.changed.emit("network", "hidden_size", 12)
    assert window.setup.row_of("network", "hidden_size").note == ""


def test_the_field_says_that_growing_keeps_learning(qtbot, make_window):
    window = make_window()
    row = window.setup.row_of("network", "hidden_size")
    assert "growing keeps learning" in [label.text() for label in row.findChildren(Caption)]
