"""``rnn-playground [SESSION]``: opens the window; without a display trains in the terminal and leaves a picture."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import cli, command_line, session
from core.errors import InputError
from core.settings import Settings
from gui.platform_check import display_answers, exit_code_without_qt
from gui.system_libraries import has_display

PICTURE = "rnn-playground.png"
DEFAULT_PRESET = "adding"


def main(arguments: Sequence[str]) -> int:
    """Parse the window's arguments and open it."""
    parser = command_line.OneLineParser(
        prog="rnn-playground",
        description="Watch a recurrent network learn. "
        "Commands without a window: train, compare, predict, inspect, runs, list, shot, self-test (each has --help).",
    )
    parser.add_argument("session", nargs="?", metavar="SESSION", help="a session file (.rnnp) to open")
    parser.add_argument("--preset", metavar="ID", help="a bundled preset; see: rnn-playground list presets")
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--theme", choices=("dark", "light", "system"), help="left out: as last time")
    options = parser.parse_args(arguments)
    return command_line.guarded(lambda: _open(options.session, options.preset, options.seed, options.theme))


def _open(session_path: str | None, preset: str | None, seed: int | None, theme: str | None) -> int:
    settings = _settings(session_path, preset, seed)
    if not has_display():
        return _train_in_terminal("There is no display", session_path, preset, seed, theme)
    if not display_answers():
        return _train_in_terminal(f"The display {os.environ.get('DISPLAY', '')} does not answer", session_path, preset, seed, theme)
    code = exit_code_without_qt(has_display=True)
    if code:
        return code
    from gui.app import create_application, create_main_window

    application = create_application([])
    window = create_main_window(preset=preset, session=session_path, settings=settings, theme=theme)
    window.show()
    return int(application.exec())


def _settings(session_path: str | None, preset: str | None, seed: int | None) -> Settings | None:
    """Settings of the first run, checked before anything opens; None for a session."""
    if session_path is not None:
        if preset is not None or seed is not None:
            raise InputError("a session has its own settings: leave out --preset and --seed")
        session.load_state(session_path)
        return None
    return command_line.settings_for(preset or DEFAULT_PRESET, seed=seed)


def _train_in_terminal(reason: str, session_path: str | None, preset: str | None, seed: int | None, theme: str | None) -> int:
    """What the program does where there is no display: train with a progress bar, then draw the window to a picture."""
    print(f"{reason}: training in the terminal; the window is then drawn to a picture.", file=sys.stderr)
    what = session_path or preset or DEFAULT_PRESET
    seeded = [] if seed is None else ["--seed", str(seed)]
    with tempfile.TemporaryDirectory(prefix="rnn-playground-") as folder:
        code = cli.main(["train", what, *seeded, "--out", folder])
        code = code or exit_code_without_qt(has_display=False)
        if code:
            return code
        from gui.shot import main as draw

        trained = str(Path(folder) / "session.rnnp")
        code = draw(["shot", trained, "--out", PICTURE, *(["--theme", theme] if theme else [])])
    if code == 0:
        print(f"The window is drawn to {PICTURE}")
    return code
