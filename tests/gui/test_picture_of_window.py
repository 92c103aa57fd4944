"""A picture of the window is written beside the window's thread, whole before the window is gone, and with words where it can't be."""

import threading

import pytest
from PySide6.QtGui import QImage

from gui import dialogs


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Where a person wants the picture: without a question."""
    places = [tmp_path / "window.png"]
    monkeypatch.setattr(dialogs, "ask_to_save", lambda *_: places[0])
    return places


def test_it_is_packed_in_another_thread(make_window, asked, monkeypatch) -> None:
    window = make_window()
    threads, save = [], QImage.save
    monkeypatch.setattr(QImage, "save", lambda image, path: threads.append(threading.current_thread()) or save(image, path))
    window.commands.on_save_picture()
    window.commands.finish()
    assert threads and threading.main_thread() not in threads
    assert QImage(str(asked[0])).size() == window.size()


def test_closing_waits_for_it(make_window, asked) -> None:
    window = make_window()
    window.commands.on_save_picture()
    window.close()
    assert not QImage(str(asked[0])).isNull()
    assert not [thread for thread in threading.enumerate() if thread.name == "picture"]


def test_what_cant_be_written_is_said(qtbot, make_window, asked, tmp_path, monkeypatch) -> None:
    window = make_window()
    asked[0] = tmp_path / "nowhere" / "window.png"
    said, say = [], window.words.say_problem
    monkeypatch.setattr(window.words, "say_problem", lambda problem: said.append(threading.current_thread()) or say(problem))
    window.commands.on_save_picture()
    qtbot.waitUntil(lambda: "can't be written" in window.problem)
    assert said == [threading.main_thread()]
