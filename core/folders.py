"""Where the program keeps what it makes on this machine, and where its bundled files are."""

import os
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PRESETS = ASSETS / "presets"
CORPORA = ASSETS / "corpora"


@cache
def cache_folder() -> Path:
    """The user's private cache folder (mode 0700); RNN_PLAYGROUND_CACHE_DIR overrides it.

    Where it can't be made or written, a private temporary folder serves for this process.
    """
    wanted = os.environ.get("RNN_PLAYGROUND_CACHE_DIR") or platformdirs.user_cache_dir("rnn-playground", appauthor=False)
    folder = Path(wanted).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="rnn-playground-"))


def config_folder() -> Path:
    """The user's settings folder; RNN_PLAYGROUND_CONFIG_DIR overrides it. Not made here."""
    wanted = os.environ.get("RNN_PLAYGROUND_CONFIG_DIR") or platformdirs.user_config_dir("rnn-playground", appauthor=False)
    return Path(wanted).absolute()


def data_folder() -> Path:
    """The user's folder for data made in the window; RNN_PLAYGROUND_DATA_DIR overrides it. Not made here."""
    wanted = os.environ.get("RNN_PLAYGROUND_DATA_DIR") or platformdirs.user_data_dir("rnn-playground", appauthor=False)
    return Path(wanted).absolute() / "data"


def library_folder() -> Path:
    """The user's folder for the library of past runs; RNN_PLAYGROUND_DATA_DIR overrides where it stands. Not made here."""
    return data_folder().parent / "runs"
