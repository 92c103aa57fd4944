"""Everything that can be pressed, pressed in any order, whatever the run is doing: nothing breaks, and the window says where it stands."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu

from core.settings import Settings
from gui import dialogs
from gui.controls import file_field
from gui.run_state import RunState
from tests.gui.windows import SMALL, train

SEEDS = (1,)
PRESSES = 40
TURNS = 4
EXPLOSIVE = {"network.cell": "rnn", "network.activation": "relu", "training.optimizer": "sgd", "training.clip_norm": 0.0}
KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_F11, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip


def no_file(*_arguments: object) -> None:
    """Whoever is asked for a file gives none."""


@pytest.fixture(autouse=True)
def answered_dialogs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Nobody is there to choose files: now and then one is given, good or bad, now and then none. Modal dialogs are dismissed."""
    chance = random.Random(request.node.name)
    (tmp_path / "some.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 40, encoding="utf-8")
    (tmp_path / "broken.rnnp").write_text("no session at all", encoding="utf-8")

    def to_open(*_arguments: object) -> Path | None:
        return chance.choice([None, tmp_path / "broken.rnnp", tmp_path / "missing.rnnp", tmp_path / "some.txt"])

    def to_save(_parent: object, _title: str, proposal: str, *_kinds: str) -> Path | None:
        return chance.choice([None, tmp_path / proposal, tmp_path / "no such folder" / proposal])

    monkeypatch.setattr(dialogs, "ask_to_open", to_open)
    monkeypatch.setattr(dialogs, "ask_to_save", to_save)
    monkeypatch.setattr(file_field.QFileDialog, "getOpenFileName", lambda *_arguments: ("", ""))
    monkeypatch.setattr(QDialog, "exec", lambda _self: QDialog.DialogCode.Rejected)
    monkeypatch.setattr(QMenu, "exec", no_file)


# How a window comes to each state.


def empty(qtbot, make_window):
    return make_window()


def loading(qtbot, make_window):
    window = make_window()
    window.commands.on_reset()
    assert window.controller._candidate is not None
    return window


def training(qtbot, make_window):
    window = make_window()
    window.play()
    qtbot.waitUntil(lambda: window.step_count > 5)
    return window


def paused(qtbot, make_window):
    window = make_window()
    train(qtbot, window, 20)
    return window


def rewinding(qtbot, make_window):
    window = paused(qtbot, make_window)
    worker = window.controller._worker
    del worker._travel.machine._moments[1:]
    worker.pace.seconds_per_update = 1.0
    with qtbot.waitSignal(window.controller.rewinding):
        window.controller.rewind(19)
    return window


def racing(qtbot, make_window):
    window = paused(qtbot, make_window)
    window.commands.on_race()
    qtbot.waitUntil(lambda: window.race.is_driven)
    return window


def walking(qtbot, make_window):
    window = paused(qtbot, make_window)
    qtbot.waitUntil(lambda: window.frames.snapshot is not None)
    window.commands.on_step_requested("time step")
    return window


def diverged(qtbot, make_window):
    window = make_window(settings=Settings.preset("adding").with_changes(SMALL | EXPLOSIVE))
    train(qtbot, window, 20)
    window.controller.apply({"training.learning_rate": 10.0})
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.DIVERGED)
    return window


def solved(qtbot, make_window):
    window = paused(qtbot, make_window)
    window.controller._worker._trainer.solved_at = 20
    train(qtbot, window, 1)
    qtbot.waitUntil(lambda: window.frames.snapshot.solved_at == 20)
    return window


def failed(qtbot, make_window):
    window = make_window()

    def fail(*_arguments):
        raise RuntimeError("not foreseen")

    window.controller._worker._trainer.train = window.controller._worker._trainer.train_to = fail
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.FAILED)
    return window


STATES: dict[str, Callable] = {
    state.__name__: state for state in (empty, loading, training, paused, rewinding, racing, walking, diverged, solved, failed)
}


class Clicker:
    """Presses what there is, each once before any again, in an order of chance; keeps what it did."""

    def __init__(self, window, seed: str) -> None:
        self.window, self.chance, self.done = window, random.Random(seed), []
        self._left: list[Callable[[], str]] = []

    def press(self) -> None:
        """One thing, and a few turns of the event loop, so that its answer may or may not have come before the next."""
        if not self._left:
            self._left = self._everything()
            self.chance.shuffle(self._left)
        self.done.append(self._left.pop()())
        for _ in range(self.chance.randrange(TURNS)):
            QCoreApplication.processEvents()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                self.done.append(f"closed {type(dialog).__name__}")
                self.chance.choice([dialog.reject, dialog.accept])()

    def _everything(self) -> list[Callable[[], str]]:
        window = self.window
        entries = {id(a): a for a in (*window.menu_actions.values(), *window.menuBar().findChildren(QAction)) if a.menu() is None}
        actions = [a for a in entries.values() if a.text() and "Quit" not in a.text()]
        buttons = window.transport.findChildren(QAbstractButton)
        return [
            *(lambda action=action: self._trigger(action) for action in actions),
            *(lambda button=button: self._click(button) for button in buttons),
            *(lambda key=key: self._key(key) for key in KEYS),
        ]

    def _trigger(self, action: QAction) -> str:
        if not shiboken6.isValid(action):
            return "an entry that is gone"
        text = action.text()
        action.trigger()
        return text

    def _click(self, button: QAbstractButton) -> str:
        if button.isVisible():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return button.accessibleName() or button.text()

    def _key(self, key: Qt.Key) -> str:
        QTest.keyClick(QApplication.focusWidget() or self.window, key)
        return key.name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("state", STATES)
def test_nothing_breaks_whatever_is_pressed(qtbot, make_window, capsys, state: str, seed: int) -> None:
    """Exceptions in slots fail the test by themselves; threads and timers that stay are found when it has ended."""
    window = STATES[state](qtbot, make_window)
    capsys.readouterr()
    clicker = Clicker(window, f"{state} {seed}")
    for _ in range(PRESSES):
        clicker.press()
        assert window.status_line.state.word, clicker.done
        assert window.status_line.sentence.text(), clicker.done
    assert window.isVisible(), clicker.done
    worker = window.controller._worker
    window.close()
    assert not window.isVisible()
    assert worker is None or not shiboken6.isValid(worker) or worker.isFinished(), clicker.done
    if state != "failed":
        assert "Traceback" not in capsys.readouterr().err, clicker.done
