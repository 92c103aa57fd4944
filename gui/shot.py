"""``rnn-playground shot``: draws the window to a picture, without a display."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from core import command_line, session
from core.compile import combination_for
from core.errors import InputError
from core.presets import preset_ids
from core.settings import Settings
from gui.panel_spec import panel_specs
from gui.platform_check import exit_code_without_qt

# The smallest is the window's own least size: a smaller one would be drawn larger than asked for.
SMALLEST, LARGEST = (960, 600), (7680, 4320)


def main(arguments: Sequence[str]) -> int:
    """Parse ``shot WHAT --out PICTURE.png …``, train, draw, write."""
    parser = command_line.OneLineParser(prog="rnn-playground shot", description="Draw the window to a picture, without a display.")
    command_line.add_source_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="PICTURE.png")
    parser.add_argument("--steps", type=int, default=0, metavar="N", help="updates to train before drawing")
    parser.add_argument("--size", default="1600x1000", metavar="WxH")
    parser.add_argument("--scale", type=float, default=1.0, help="pixels for each point, for sharp pictures")
    parser.add_argument("--theme", choices=("dark", "light", "system"), default="dark")
    parser.add_argument("--panels", metavar="A,B", help="show only these panels; see: rnn-playground list panels")
    options = parser.parse_args(arguments[1:])
    return command_line.guarded(lambda: _draw(options))


def _draw(options: argparse.Namespace) -> int:
    width, height = _parse_size(options.size)
    if not 0.5 <= options.scale <= 4:
        raise InputError(f"--scale {options.scale:g}: must be from 0.5 to 4")
    if options.steps < 0:
        raise InputError(f"--steps {options.steps}: must be 0 or more")
    if options.out.suffix.lower() != ".png":
        raise InputError(f"--out {options.out}: must end in .png")
    is_session = options.what is not None and options.what.endswith(".rnnp")
    if is_session and (options.overrides or options.seed is not None):
        raise InputError("a session has its own settings: leave out --set and --seed")
    settings = None if is_session else command_line.settings_for(options.what or "adding", options.overrides, options.seed)
    used = session.load_state(options.what).settings if settings is None else settings
    code = exit_code_without_qt(has_display=False)
    if code:
        return code
    panels = None if options.panels is None else _parse_panels(options.panels)
    _compile_first(used)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    from gui.app import create_application, create_main_window
    from gui.picture import draw_trained_window

    application = create_application([])
    window = create_main_window(
        preset=options.what if options.what in preset_ids() else None,
        session=options.what if is_session else None,
        settings=settings,
        theme=options.theme,
        panels=panels,
        is_remembering=False,
    )
    window.resize(width, height)
    draw_trained_window(application, window, options.steps, options.out)
    return command_line.EXIT_DONE


def _compile_first(settings: Settings) -> None:
    """A picture needs no responsive window: compile here and now what is missing."""
    combination = combination_for(settings)
    if not combination.is_ready:
        combination.compile()


def _parse_panels(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError(f"--panels {text!r}: names no panel: there are {', '.join(panel_specs())}")
    return names


def _parse_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(low <= value <= high for low, value, high in zip(SMALLEST, size, LARGEST, strict=True)):
        raise InputError(f"--size {text}: must be WIDTHxHEIGHT from 960x600 to 7680x4320, for example 1600x1000")
    return size
