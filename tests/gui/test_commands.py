"""The commands that draw: shot, self-test, list panels, and what happens without a display or without Qt's libraries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from gui.__main__ import main
from gui.system_libraries import Library

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without a display."""
    kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    return subprocess.run(
        [sys.executable, "-m", "gui", *words],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(("size", "theme"), [((1280, 800), "light"), ((1600, 1000), "dark")])
def test_shot_draws_the_window_in_the_size_asked_for(tmp_path, size, theme):
    path = tmp_path / "window.png"
    width, height = size
    done = run("shot", "adding", "--steps", "20", "--size", f"{width}x{height}", "--theme", theme, "--out", str(path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    image = QImage(str(path))
    assert (image.width(), image.height()) == size
    colors = {image.pixel(x, y) for x in range(0, width, 7) for y in range(0, height, 7)}
    assert len(colors) > 100
    assert (image.pixelColor(width // 2, 5).lightness() < 128) == (theme == "dark")


def test_shot_scales(tmp_path):
    path = tmp_path / "sharp.png"
    done = run("shot", "adding", "--size", "800x600", "--scale", "2", "--out", str(path), cwd=tmp_path)
    assert done.returncode == 0
    assert QImage(str(path)).width() == 1600


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "big"), "1600x1000"),
        (("--size", "99999x1000"), "7680x4320"),
        (("--scale", "9"), "from 0.5 to 4"),
        (("--steps", "-1"), "--steps -1"),
        (("--panels", "loss,nonsense"), "'nonsense'"),
        (("--set", "network.cell=quantum"), "quantum"),
        (("--theme", "pink"), "pink"),
    ],
)
def test_shot_refuses_in_one_line_and_writes_nothing(tmp_path, words, said):
    done = run("shot", "adding", "--out", str(tmp_path / "x.png"), *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_self_test_passes_and_says_so(tmp_path):
    done = run("self-test", "--json", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert done.returncode == 0 and result["ok"] is True
    assert isinstance(result["compiled_kernels"], int)
    assert all(check["ok"] for check in result["checks"].values()) and len(result["checks"]) >= 6


def test_self_test_fails_where_kernels_are_wrong(capsys, monkeypatch):
    from core.cells.lstm import LSTM

    right = LSTM.step

    def wrong(self, options, parameters, x, h_prev, c_prev):
        return right(self, options, {**parameters, "W_h": 2 * parameters["W_h"]}, x, h_prev, c_prev)

    monkeypatch.setattr(LSTM, "step", wrong)
    monkeypatch.setattr("gui.self_test._check_window", lambda: "")
    assert main(["self-test", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert not result["ok"] and not result["checks"]["lstm: kernels equal the NumPy step"]["ok"]


def test_list_panels(capsys):
    assert main(["list", "panels", "--json"]) == 0
    assert {"loss", "gradient_flow", "gates", "prediction"} <= {entry["name"] for entry in json.loads(capsys.readouterr().out)}


def test_without_a_display_it_trains_and_leaves_a_picture(tmp_path):
    preset = "prices"
    done = run("--preset", preset, "--theme", "light", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stderr and "loss" in done.stderr
    assert "rnn-playground.png" in done.stdout
    assert QImage(str(tmp_path / "rnn-playground.png")).width() == 1600
    assert [path.name for path in tmp_path.iterdir()] == ["rnn-playground.png"]


def test_a_display_that_does_not_answer_is_no_display(tmp_path):
    done = run("--preset", "prices", cwd=tmp_path, DISPLAY=":4711")
    assert done.returncode == 0, done.stderr
    assert "The display :4711 does not answer" in done.stderr
    assert (tmp_path / "rnn-playground.png").exists()


def test_missing_libraries_are_named_with_the_line_that_installs_them(capsys, monkeypatch):
    monkeypatch.setattr("gui.platform_check.missing_libraries", lambda with_display: [Library("libEGL.so.1", "libegl1")])
    assert main(["list", "panels"]) == 1
    said = capsys.readouterr().err
    assert "libegl1" in said and "install" in said and len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense"),
        (["missing.rnnp"], "missing.rnnp"),
        (["--preset", "nonsense"], "adding"),
        (["--seed", "x"], "--seed"),
        (["--theme", "pink"], "pink"),
    ],
)
def test_the_windows_own_arguments_are_checked_before_anything_opens(capsys, words, said):
    try:
        code = main(words)
    except SystemExit as exit_:
        code = exit_.code
    captured = capsys.readouterr()
    assert code == 2 and said in captured.err and len(captured.err.strip().splitlines()) == 1
