"""packaging/environment.py: .venv is made once, completed where it is half made, and made anew where it can't be used."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "environment.py"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with pip and venv replaced by a record of what was asked of them."""
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.asked = []

    def make(folder: Path, **options: bool) -> None:
        assert options["clear"] and options["with_pip"]
        module.asked.append("make")
        python = folder / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text("usable")

    def is_usable(python: Path) -> bool:
        return python.is_file() and python.read_text() == "usable"

    def install(root: Path, *arguments: str | Path) -> None:
        module.asked.append(str(arguments[-1]))

    monkeypatch.setattr(module.venv, "create", make)
    monkeypatch.setattr(module, "is_usable", is_usable)
    monkeypatch.setattr(module, "install", install)
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with nothing but what the script reads."""
    (tmp_path / "packaging").mkdir()
    for name in ("pyproject.toml", "packaging/requirements.txt", "packaging/requirements-test.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path


RUN_PINS = str(Path("packaging/requirements.txt"))
TEST_PINS = str(Path("packaging/requirements-test.txt"))


def test_fresh_machine_then_nothing(environment: ModuleType, root: Path) -> None:
    assert environment.main("run", root) == 0
    assert environment.asked == ["make", RUN_PINS, "."]
    assert environment.main("run", root) == 0
    assert environment.asked == ["make", RUN_PINS, "."]


def test_packages_for_tests_serve_to_run_but_not_the_reverse(environment: ModuleType, root: Path) -> None:
    environment.main("run", root)
    environment.main("test", root)
    assert environment.asked == ["make", RUN_PINS, ".", TEST_PINS, "."]
    environment.main("run", root)
    assert environment.asked == ["make", RUN_PINS, ".", TEST_PINS, "."]


@pytest.mark.parametrize("changed", ["pyproject.toml", "packaging/requirements.txt"])
def test_change_of_the_pins_installs_again(environment: ModuleType, root: Path, changed: str) -> None:
    environment.main("run", root)
    (root / changed).write_text("other")
    environment.asked.clear()
    environment.main("run", root)
    assert environment.asked == [RUN_PINS, "."]


def test_moved_checkout_installs_again(environment: ModuleType, root: Path, tmp_path: Path) -> None:
    environment.main("run", root)
    moved = tmp_path.with_name(tmp_path.name + "-moved")
    root.rename(moved)
    assert not environment.is_complete(moved, "run")


def test_environment_without_stamp_is_completed(environment: ModuleType, root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").write_text("usable")
    environment.main("run", root)
    assert environment.asked == [RUN_PINS, "."]


def test_unusable_environment_is_made_anew(environment: ModuleType, root: Path) -> None:
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").write_text("half made")
    environment.main("run", root)
    assert environment.asked == ["make", RUN_PINS, "."]


def test_interrupted_installation_leaves_no_stamp(
    environment: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.main("test", root)

    def fail(*arguments: object) -> None:
        raise subprocess.CalledProcessError(1, "pip")

    monkeypatch.setattr(environment, "install", fail)
    (root / "packaging" / "requirements-test.txt").write_text("other")
    assert environment.main("test", root) == 1
    assert not environment.is_complete(root, "test")
    assert not environment.is_complete(root, "run")
    assert capsys.readouterr().err.count("\n") == 1


def test_pip_is_kept_from_foreign_packages(environment: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("environment_with_pip", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    seen: dict[str, str] = {}
    monkeypatch.setattr(module.subprocess, "run", lambda command, **options: seen.update(options["env"]))
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    module.install(root, "-e", ".")
    assert "/elsewhere" not in seen.values()
    assert seen["PIP_USER"] == "0"
