"""A weight set in the window reaches the network of the run, running or paused; what is wrong with it is said."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.trainer import Trainer
from gui.controls.weight_editor import WeightEditor
from gui.run_state import RunState
from tests.gui.windows import compile_kernels, train

ENTRY = ("layers.0.W_h", (1, 3, 4))


@pytest.fixture
def window(qtbot, make_window):
    compile_kernels()
    window = make_window()
    for name, dock in window.bench.docks.items():
        dock.setVisible(name in ("weights", "loss"))
    return window


def test_edit_of_a_paused_run(qtbot, window):
    train(qtbot, window, 10)
    panel = window.bench.docks["weights"].panel
    qtbot.waitUntil(lambda: panel.weights is not None and panel.weights.step == 10)
    panel.edit_requested.emit(*ENTRY, 0.75)
    qtbot.waitUntil(lambda: panel.weights.parameters["W_h"][1, 3, 4] == 0.75)
    assert window.controller.history.marks[-1].label.startswith("W_h forget [3, 4]")
    assert window.state is RunState.PAUSED
    train(qtbot, window, 10)
    twin = Trainer(window.controller.settings)
    twin.train_to(10)
    twin.edit_weight(*ENTRY, 0.75)
    twin.train_to(20)
    np.testing.assert_array_equal(window.controller.history.losses, twin.losses)


def test_edit_while_it_runs(qtbot, window):
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 5)
    window.bench.docks["weights"].panel.edit_requested.emit(*ENTRY, 0.25)
    qtbot.waitUntil(lambda: bool(window.controller.history.marks))
    assert window.state is RunState.RUNNING
    window.pause()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)


def test_edit_that_is_refused(qtbot, window):
    with qtbot.waitSignal(window.controller.refused) as refused:
        window.controller.edit_weight("layers.9.W_h", (0, 0, 0), 1.0)
    assert "there is no parameter" in refused.args[0]


def test_updates_panel_of_a_run(qtbot, window):
    window.bench.show_panel("updates")
    train(qtbot, window, 12)
    panel = window.bench.docks["updates"].panel
    qtbot.waitUntil(lambda: panel._sizes is not None and panel._sizes.step == 12)
    twin = Trainer(window.controller.settings)
    twin.train_to(12)
    np.testing.assert_array_equal(window.controller.history.updates.norms.values, twin.snapshot().updates.norms)
    assert len(panel.as_table()) == 1 + 12 + len(twin.network.parameters())


def test_set_takes_what_is_typed_and_refuses_what_is_no_number(qtbot):
    editor = WeightEditor()
    qtbot.addWidget(editor)
    editor.resize(700, 40)
    editor.show_weight("W_h forget [3, 4] is 0.5", 0.5)
    editor.show()
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow)
    asked = []
    editor.set_requested.connect(asked.append)
    for text in ("-1.25", "5000", "one"):
        editor.field.setFocus()
        editor.field.selectAll()
        qtbot.keyClicks(editor.field, text)
        qtbot.mouseClick(editor.set_button, Qt.MouseButton.LeftButton)
        assert asked == [-1.25]
        assert editor.field.is_bad == (text != "-1.25")
    # What is wrong is said in words, also while new values arrive.
    editor.show_value("W_h forget [3, 4] is 0.6", 0.6)
    assert "must be a number" in editor.caption.text()
    editor.field.set_value(0.25)
    assert editor.caption.text() == "W_h forget [3, 4] is 0.6"
