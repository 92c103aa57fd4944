"""What tests do with a whole window, which is small enough to train at once."""

from typing import Any

from core.compile import combination_for
from core.settings import Settings
from gui.run_state import RunState

SMALL = {"network.hidden_size": 8, "task.seq_len": 10, "training.batch_size": 8}
SMALLER = {"network.hidden_size": 4, "task.seq_len": 6, "training.batch_size": 4}


def compile_kernels(**changes: Any) -> None:
    """Those of the small window, where no test before needed them: what is compared bit for bit must not begin on NumPy steps."""
    combination = combination_for(Settings.preset("adding").with_changes(SMALL | changes))
    if not combination.is_ready:
        combination.compile()


def train(qtbot, window, updates: int) -> None:
    target = window.step_count + updates
    window.controller.train(updates)
    qtbot.waitUntil(lambda: window.step_count == target and window.state is RunState.PAUSED)


def rewind(qtbot, window, step: int) -> None:
    with qtbot.waitSignal(window.controller.travelled):
        window.controller.rewind(step)
    qtbot.waitUntil(lambda: window.step_count == step)
