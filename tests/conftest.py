"""What every test runs under: no display, and no file of the person's own read or written."""

import itertools
import os
from pathlib import Path

import hypothesis
import pytest

from core.folders import cache_folder

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Compiled kernels are filed by the contents and the place of their sources, so tests and the processes they start share one folder
# with the program.
os.environ["RNN_PLAYGROUND_CACHE_DIR"] = str(cache_folder())

# A busy machine is no failure, and a first call compiles.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")

_numbers = itertools.count()


@pytest.fixture(scope="session")
def _config_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("config")


@pytest.fixture(autouse=True)
def config_folder(_config_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The test's own folder for the program's settings; not made here."""
    folder = _config_root / str(next(_numbers))
    monkeypatch.setenv("RNN_PLAYGROUND_CONFIG_DIR", str(folder))
    monkeypatch.setenv("RNN_PLAYGROUND_DATA_DIR", str(folder / "data"))
    return folder
