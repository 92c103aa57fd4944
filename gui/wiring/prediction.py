"""The prediction panel asks the network, and is told what it answers."""

from typing import TYPE_CHECKING

from gui.run_state import RunState
from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.prediction import PredictionPanel


def _connect(window: "MainWindow", panel: "PredictionPanel") -> None:
    controller = window.controller
    panel.try_requested.connect(controller.ask)
    panel.question_forgotten.connect(controller.forget_question)
    panel.length_test_requested.connect(controller.test_lengths)
    controller.answered.connect(panel.show_answer)
    controller.answer_refused.connect(panel.show_problem)
    controller.lengths_tested.connect(panel.show_lengths)

    def show_state(state: RunState, _said: str = "") -> None:
        panel.set_run_state(is_running=state is RunState.RUNNING, is_diverged=state is RunState.DIVERGED)

    controller.state_changed.connect(show_state)
    show_state(controller.state)


WIRING = Wiring("prediction", _connect)
