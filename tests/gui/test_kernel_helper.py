"""The helper process that compiles, played by a shell script: what it says is passed on, and it is ended with the window."""

from pathlib import Path

import pytest

from core.compile import Combination
from gui.kernel_helper import KernelHelper

LSTM, GRU = (Combination(cell, "adam", "squared_error", "float32") for cell in ("lstm", "gru"))


@pytest.fixture
def starts_no_helper() -> None:
    """Here it is started: what it starts compiles nothing."""


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Makes helpers whose process is a script; a combination is ready when the script has left a file of its cell's name."""
    helpers = []

    def make(script: str) -> KernelHelper:
        program = tmp_path / "compiler"
        program.write_text(f"#!/bin/sh\ncell=$3\ncd {tmp_path}\n{script}\n")
        program.chmod(0o700)
        monkeypatch.setattr("gui.kernel_helper.sys.executable", str(program))
        monkeypatch.setattr(Combination, "is_ready", property(lambda self: (tmp_path / self.cell).exists()))
        helpers.append(KernelHelper())
        return helpers[-1]

    yield make
    for each in helpers:
        each.stop()


def test_it_says_how_far_it_is_and_when_it_is_done(qtbot, helper):
    compiling = helper('echo "progress 0.40"; touch $cell')
    shares = []
    compiling.progressed.connect(lambda combination, share: shares.append((combination, share)))
    with qtbot.waitSignal(compiling.became_ready) as ready:
        compiling.ask_for(LSTM)
    assert ready.args == [LSTM] and shares == [(LSTM, 0.0), (LSTM, 0.4)] and compiling.compiling is None
    with qtbot.waitSignal(compiling.became_ready):
        compiling.ask_for(LSTM)
    assert len(shares) == 2, "what is ready is not compiled again"


def test_one_after_the_other_the_latest_first(qtbot, helper):
    compiling = helper("[ -e go ] || read line; touch $cell")
    done = []
    compiling.became_ready.connect(done.append)
    third = Combination("rnn", "adam", "squared_error", "float32")
    for combination in (LSTM, GRU, third, LSTM):
        compiling.ask_for(combination)
    assert compiling.compiling == LSTM and done == []
    (Path(compiling._process.program()).parent / "go").touch()
    compiling._process.closeWriteChannel()
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == [LSTM, third, GRU]


def test_why_it_failed_is_said_and_the_next_one_has_its_turn(qtbot, helper):
    compiling = helper('if [ $cell = lstm ]; then echo "first" >&2; echo "no room" >&2; exit 3; fi; touch $cell')
    failures = []
    compiling.failed.connect(lambda combination, message: failures.append((combination, message)))
    with qtbot.waitSignal(compiling.became_ready) as ready:
        compiling.ask_for(LSTM)
        compiling.ask_for(GRU)
    assert failures == [(LSTM, "The fast kernels could not be compiled (no room); training goes on slowly")]
    assert ready.args == [GRU]


def test_a_helper_that_can_not_be_started(qtbot, helper, monkeypatch, tmp_path):
    compiling = helper("")
    monkeypatch.setattr("gui.kernel_helper.sys.executable", str(tmp_path / "gone"))
    with qtbot.waitSignal(compiling.failed) as failed:
        compiling.ask_for(LSTM)
    assert "could not be started" in failed.args[1] and compiling.compiling is None


def test_stopped_it_is_ended_and_forgets_what_waits(qtbot, helper):
    compiling = helper("read line")
    compiling.ask_for(LSTM)
    compiling.ask_for(GRU)
    process = compiling._process
    qtbot.waitUntil(lambda: process.processId() > 0)
    with qtbot.assertNotEmitted(compiling.failed):
        compiling.stop()
    assert process.state() == process.ProcessState.NotRunning and compiling.compiling is None
