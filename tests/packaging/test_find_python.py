"""packaging/find_python.sh: takes the newest supported Python that can make an environment, or says in one line what is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "find_python.sh"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the Makefile and its shell script are for Linux and macOS")

GOOD = f'exec {sys.executable} "$@"'
TOO_OLD = "exit 1"
WITHOUT_VENV = f'case "$3" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'


def find(folder: Path, pythons: dict[str, str], chosen: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script where the PATH holds only stand-ins: name -> shell code."""
    commands = folder / "commands"
    commands.mkdir()
    for name, body in pythons.items():
        command = commands / name
        command.write_text(f"#!/bin/sh\n{body}\n")
        command.chmod(0o755)
    environment = {"PATH": str(commands), "PYTHON": chosen}
    return subprocess.run(["/bin/sh", str(SCRIPT)], cwd=folder, env=environment, capture_output=True, text=True)


def test_newest_is_taken(tmp_path: Path) -> None:
    assert find(tmp_path, {"python3.11": GOOD, "python3.13": GOOD, "python3": GOOD}).stdout == "python3.13\n"


def test_placeholder_and_old_ones_are_passed_over(tmp_path: Path) -> None:
    assert find(tmp_path, {"python3.14": "exit 127", "python3.12": TOO_OLD, "python3": GOOD}).stdout == "python3\n"


def test_one_without_venv_is_passed_over(tmp_path: Path) -> None:
    assert find(tmp_path, {"python3.13": WITHOUT_VENV, "python3.12": GOOD}).stdout == "python3.12\n"


def test_named_one_is_taken(tmp_path: Path) -> None:
    assert find(tmp_path, {"mine": GOOD, "python3.14": GOOD}, chosen="mine").stdout == "mine\n"


def test_own_environment_is_kept(tmp_path: Path) -> None:
    own = tmp_path / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text(f"#!/bin/sh\n{GOOD}\n")
    own.chmod(0o755)
    assert find(tmp_path, {"python3.14": GOOD}).stdout == ".venv/bin/python\n"


@pytest.mark.parametrize(
    ("pythons", "chosen", "wanted"),
    [
        ({}, "", "found no Python 3.11 to 3.14"),
        ({"python3": TOO_OLD}, "", "found no Python 3.11 to 3.14"),
        ({"python3": GOOD, "old": TOO_OLD}, "old", "PYTHON=old is not Python 3.11 to 3.14"),
        ({"python3": WITHOUT_VENV}, "", f"apt-get install python3.{sys.version_info[1]}-venv"),
    ],
)
def test_nothing_found_is_said_in_one_line(tmp_path: Path, pythons: dict[str, str], chosen: str, wanted: str) -> None:
    answer = find(tmp_path, pythons, chosen)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1
    assert wanted in answer.stderr
