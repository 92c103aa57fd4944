"""A session whose file is gone still answers; training on it says what is missing."""

import json

import pytest

from core.cli import main


@pytest.fixture
def session_without_file(tmp_path, capsys):
    text = tmp_path / "mine.txt"
    text.write_text("the rain in spain stays mainly in the plain. " * 60)
    folder = tmp_path / "run"
    assert main(["train", "completion", "--set", f"task.file={text}", "--steps", "150", "--out", str(folder), "--quiet"]) == 0
    capsys.readouterr()
    text.unlink()
    return folder / "session.rnnp"


def test_it_still_answers(session_without_file, capsys):
    words = ["predict", str(session_without_file), "--input", "the rain in", "--length", "3", "--temperature", "0", "--json"]
    assert main(words) == 0
    result = json.loads(capsys.readouterr().out)
    assert "spain" in result["text"] and len(result["output"]) == 3
    assert max(result["probabilities"], key=result["probabilities"].get) == "spain"


def test_training_on_says_which_file_is_missing_and_changes_nothing(session_without_file, capsys):
    before = session_without_file.read_bytes()
    words = ["train", str(session_without_file), "--steps", "5", "--out", str(session_without_file.parent), "--quiet"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "mine.txt" in said and len(said.strip().splitlines()) == 1
    assert session_without_file.read_bytes() == before
