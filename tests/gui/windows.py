"""What tests do with a whole window, which is small enough to train at once."""

from gui.run_state import RunState

SMALL = {"network.hidden_size": 8, "task.seq_len": 10, "training.batch_size": 8}


def train(qtbot, window, updates: int) -> None:
    target = window.step_count + updates
    window.controller.train(updates)
    qtbot.waitUntil(lambda: window.step_count == target and window.state is RunState.PAUSED)
