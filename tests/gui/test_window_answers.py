"""What a person asks of the network in the whole window, and how it does on longer sequences."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt

from core.sampling import GREEDY
from tests.gui.windows import train


def test_enter_in_the_own_input_asks_and_does_not_step(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    qtbot.waitUntil(lambda: panel.own_input.isVisible())
    panel.own_input.line.setFocus()
    panel.own_input.line.setText("0.5* 0.2 0.9* 0.1")
    with qtbot.waitSignal(window.controller.answered):
        qtbot.keyClick(panel.own_input.line, Qt.Key.Key_Return)
    assert window.step_count == 0


def test_try_your_own_answers_and_explains_what_is_wrong(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    with qtbot.waitSignal(window.controller.answered) as answered:
        panel.try_requested.emit("0.5* 0.2 0.9* 0.1", GREEDY, 0)
    assert len(answered.args[0].output) == 1
    with qtbot.waitSignal(window.controller.answer_refused):
        panel.try_requested.emit("banana", GREEDY, 0)


def test_an_answer_follows_the_network_as_it_learns(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    qtbot.waitUntil(lambda: panel.view is not None)
    steps = []
    window.controller.answered.connect(lambda _answer, step: steps.append(step))
    panel.own_input.ask("0.5* 0.2 0.9* 0.1")
    qtbot.waitUntil(lambda: steps == [0])
    assert "before the first update" in panel.own_input.answer_view.note.text()
    train(qtbot, window, 40)
    qtbot.waitUntil(lambda: steps[-1] == 40)
    assert panel.own_input.answer_view.note.text() == "after 40 updates"
    qtbot.keyClicks(panel.own_input.line, "x")
    count = len(steps)
    train(qtbot, window, 5)
    assert len(steps) == count


def test_longer_sequences_are_tested_on_request_and_once_solved(qtbot, make_window):
    window = make_window()
    panel = window.bench.docks["prediction"].panel
    with qtbot.waitSignal(window.controller.lengths_tested) as tested:
        panel.length_button.click()
    assert [round(result.steps) for result in tested.args[0]] == [10, 20, 40] and tested.args[1] == 0
    assert panel.length_row.isVisible()
    solved = replace(window.frames.snapshot, solved_at=3, losses=np.empty(0), evaluations=(), marks=())
    with qtbot.waitSignal(window.controller.lengths_tested):
        window.controller._on_snapshot_made(window.controller._worker.run_id, solved)
    with qtbot.assertNotEmitted(window.controller.lengths_tested):
        window.controller._on_snapshot_made(window.controller._worker.run_id, solved)
        train(qtbot, window, 2)


def test_that_nothing_is_longer_is_said_only_when_asked(qtbot, make_window):
    controller = make_window().controller
    run_id, said = controller._worker.run_id, []
    controller.lengths_tested.connect(lambda results, _step: said.append(results))
    controller._worker.lengths_tested.emit(run_id, "no length", 5)
    assert said == []
    controller.test_lengths()
    controller._worker.lengths_tested.emit(run_id, "no length", 5)
    assert said == ["no length"]
