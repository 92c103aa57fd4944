"""The commands that draw: shot, self-test, list panels, and what happens without a display or without Qt's libraries."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gui import dialogs
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
    done = run("shot", "adding", "--size", "960x600", "--scale", "2", "--out", str(path), cwd=tmp_path)
    assert done.returncode == 0
    assert (QImage(str(path)).width(), QImage(str(path)).height()) == (1920, 1200)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "800x600"), "from 960x600"),
        (("--size", "big"), "1600x1000"),
        (("--size", "99999x1000"), "7680x4320"),
        (("--scale", "9"), "from 0.5 to 4"),
        (("--steps", "-1"), "--steps -1"),
        (("--panels", "loss,nonsense"), "'nonsense'"),
        (("--panels", ""), "names no panel: there are "),
        (("--panels", " , "), "gradient_flow"),
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


@pytest.mark.parametrize("error", [RuntimeError("no such kernel"), MemoryError()])
def test_self_test_goes_on_after_whatever_a_check_raises(capsys, monkeypatch, error):
    def broken():
        raise error

    monkeypatch.setattr("gui.self_test._check_training", broken)
    monkeypatch.setattr("gui.self_test._check_window", lambda: "")
    assert main(["self-test", "--json"]) == 1
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert [name for name, check in checks.items() if not check["ok"]] == ["training learns"]
    assert checks["training learns"]["shown"] == (str(error) or "MemoryError")


def test_self_test_checks_under_optimisation_too(tmp_path):
    """Where Python leaves out every ``assert``."""
    program = "import sys; from gui import self_test; self_test.TOLERANCE = -1; self_test._check_window = lambda: ''; "
    program += "sys.exit(self_test.main(['self-test']))"
    done = subprocess.run([sys.executable, "-O", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "FAILED  lstm: kernels equal the NumPy step" in done.stdout and "gradients differ" in done.stdout


@pytest.mark.parametrize("words", [["panels", "--json"], ["--json", "panels"]])
def test_list_panels(capsys, words):
    assert main(["list", *words]) == 0
    assert {"loss", "gradient_flow", "gates", "prediction"} <= {entry["name"] for entry in json.loads(capsys.readouterr().out)}


@pytest.mark.parametrize(("words", "code"), [(["planets"], 2), (["--help"], 0)])
def test_panels_are_among_the_kinds_that_are_listed(capsys, words, code):
    with pytest.raises(SystemExit) as exit_:
        main(["list", *words])
    captured = capsys.readouterr()
    assert exit_.value.code == code and "panels" in captured.out + captured.err


def test_listing_loads_qt_for_panels_alone(tmp_path):
    program = "import sys; from gui.__main__ import main; main(['list', 'tasks']); sys.exit('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


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


# Saving: under which name, and over what.


@pytest.fixture
def ask(qtbot, monkeypatch, tmp_path):
    """Type one name after the other into the dialog, then cancel; answers whether to replace a file with ``is_replacing``."""

    def call(*names, is_replacing=True):
        typed, asked = list(names), []

        def execute(dialog):
            if typed:
                dialog.selectFile(str(tmp_path / typed[0]))
            return bool(typed and typed.pop(0))

        def question(parent, title, text):
            asked.append(text)
            return QMessageBox.StandardButton.Yes if is_replacing else QMessageBox.StandardButton.No

        monkeypatch.setattr(QFileDialog, "exec", execute)
        monkeypatch.setattr(QMessageBox, "question", question)
        window = QWidget()
        qtbot.addWidget(window)
        path = dialogs.ask_to_save(window, "Save session", "adding-lstm.rnnp", dialogs.SESSIONS, ".rnnp")
        return path.name if path else None, asked

    return call


@pytest.mark.parametrize(
    ("name", "right"), [("run", "run.rnnp"), ("adding-0.003", "adding-0.003.rnnp"), ("run.rnnp", "run.rnnp"), ("run.RNNP", "run.RNNP")]
)
def test_a_saved_file_ends_as_its_kind_does(ask, name, right):
    assert ask(name) == (right, [])


def test_no_file_is_replaced_unasked(ask, tmp_path):
    (tmp_path / "adding-0.003.rnnp").touch()
    question = "adding-0.003.rnnp already exists. Replace it?"
    assert ask("adding-0.003") == ("adding-0.003.rnnp", [question])
    assert ask("adding-0.003", is_replacing=False) == (None, [question])
    assert ask("adding-0.003", "other-0.1", is_replacing=False) == ("other-0.1.rnnp", [question])


def test_nothing_is_saved_where_the_dialog_is_cancelled(ask):
    assert ask() == (None, [])
