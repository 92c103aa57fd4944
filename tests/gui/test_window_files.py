"""Sessions and a person's own files in the whole window: opened, saved, refused."""

import math
import zipfile

import numpy as np
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from core.sampling import GREEDY
from core.session import save
from core.settings import Settings
from core.trainer import Trainer
from gui.run_state import RunState
from tests.gui.windows import train


def test_a_file_that_is_not_there_is_refused_and_nothing_is_lost(qtbot, make_window):
    window = make_window(preset="completion")
    train(qtbot, window, 5)
    with qtbot.waitSignal(window.controller.run_refused) as refused:
        window.setup.changed.emit("task", "file", "/nowhere/at/all.txt")
    assert "all.txt" in refused.args[0]
    assert "all.txt" in window.status_line.sentence.text()
    assert window.controller.settings.task.fields.file == ""
    train(qtbot, window, 5)
    assert window.step_count == 10


def test_a_persons_text_and_table_are_trained_on_by_dropping_them(qtbot, make_window, tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 50)
    table = tmp_path / "mine.csv"
    table.write_text("day,price\n" + "".join(f"2026-01-{i % 28 + 1:02d},{100 + 10 * math.sin(i / 4):.3f}\n" for i in range(300)))
    window = make_window()
    for path, task in ((text, "completion"), (table, "prices")):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        drop = QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        with qtbot.waitSignal(window.controller.run_began):
            window.dropEvent(drop)
        assert window.controller.settings.task.name == task
        assert window.controller.settings.task.fields.file == str(path)
        qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
        train(qtbot, window, 3)


def test_a_session_is_saved_and_opened_where_it_was(qtbot, make_window, tmp_path):
    window = make_window()
    train(qtbot, window, 25)
    path = tmp_path / "run.rnnp"
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(path))
    assert zipfile.is_zipfile(path)
    other = make_window(session=str(path))
    qtbot.waitUntil(lambda: other.step_count == 25)
    train(qtbot, window, 10)
    train(qtbot, other, 10)
    np.testing.assert_array_equal(window.controller.history.losses, other.controller.history.losses)


def test_a_damaged_session_is_refused_and_the_run_stays(qtbot, make_window, tmp_path):
    window = make_window()
    train(qtbot, window, 5)
    path = tmp_path / "broken.rnnp"
    path.write_bytes(b"PK\x03\x04 not really")
    with qtbot.waitSignal(window.controller.run_refused) as refused:
        window.open_session(path)
    assert "broken.rnnp" in refused.args[0]
    assert window.step_count == 5


def test_saving_never_goes_over_another_runs_session(qtbot, make_window, tmp_path, monkeypatch):
    """The path belongs to the run it was opened or saved with: a fresh run has none."""
    monkeypatch.setattr("gui.dialogs.ask_to_save", lambda *words: None)
    window = make_window()
    train(qtbot, window, 5)
    path = tmp_path / "first.rnnp"
    with qtbot.waitSignal(window.controller.saved):
        window.controller.save(str(path))
    before = path.read_bytes()
    (tmp_path / "broken.rnnp").write_bytes(b"no session")
    with qtbot.waitSignal(window.controller.run_refused):
        window.open_session(tmp_path / "broken.rnnp")
    assert window.controller.session_path == path
    with qtbot.waitSignal(window.controller.run_began):
        window.setup.task_selected.emit("copy")
    assert window.controller.session_path is None
    window.commands.on_save()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    assert path.read_bytes() == before
    with qtbot.waitSignal(window.controller.run_began):
        window.open_session(path)
    assert window.controller.session_path == path


def test_a_session_whose_file_is_gone_still_shows_and_answers(qtbot, make_window, tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 60)
    settings = Settings.preset("completion").with_changes({"task.file": str(text), "network.hidden_size": 8})
    trainer = Trainer(settings)
    trainer.train(5)
    save(tmp_path / "run.rnnp", trainer.state())
    text.unlink()
    window = make_window(session=str(tmp_path / "run.rnnp"))
    qtbot.waitUntil(lambda: window.step_count == 5)
    assert "mine.txt" in window.problem
    with qtbot.waitSignal(window.controller.answered):
        window.controller.ask("the rain in", GREEDY)
    window.play()
    qtbot.waitUntil(lambda: window.state is RunState.PAUSED)
    assert window.step_count == 5
