"""What a person sets, in the moments in which it means something else."""

from core.settings import all_fields
from gui.setup_controller import OF_THE_RUN_BEFORE
from tests.gui.windows import train


def test_control_of_a_task_that_is_being_left(qtbot, make_window):
    """While another task is loaded the controls are still those of the one before."""
    window = make_window()
    train(qtbot, window, 5)
    setup, controller = window.setup_controller, window.controller
    of_before = set(all_fields(controller.settings))
    refused = []
    setup.refused.connect(refused.append)
    setup.begin_task("copy")
    (key, *_) = sorted(of_before - set(all_fields(controller.wanted_settings)))
    setup.change(key, 3)
    assert refused == [OF_THE_RUN_BEFORE]
