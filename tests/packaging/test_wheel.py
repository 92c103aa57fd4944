"""What `pip install .` puts on a machine."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import core

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as the build backend makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_holds_the_code_and_every_asset(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"core", "gui", "assets"}
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in ("core", "gui", "assets")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert any(name.startswith("assets/presets/") for name in wanted)
    assert wanted <= names


def test_names_the_command_the_version_and_the_license(wheel: zipfile.ZipFile) -> None:
    texts = {Path(name).name: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name}
    assert "rnn-playground = gui.__main__:main" in texts["entry_points.txt"]
    assert f"\nVersion: {core.__version__}\n" in texts["METADATA"]
    assert texts["LICENSE"].startswith("MIT License")
