"""Makes the application and its main window."""

import sys
from collections.abc import Sequence

import numba  # noqa: F401  (before Qt: the other order has crashed)
from PySide6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from core import registry
from core.errors import InputError
from core.folders import ASSETS
from core.settings import Settings
from gui import heap
from gui.main_window import MainWindow
from gui.panel_spec import PanelSpec, panel_specs
from gui.preferences import Preferences
from gui.style import apply_look, current_look, is_dressed

DEFAULT_PRESET = "adding"
# How long a thread may hold Python's lock while the other one waits: short, so that neither drawing nor training stutters.
SWITCH_SECONDS = 0.0002
PLATFORM_CHATTER = "This plugin does not support"


def create_application(argv: Sequence[str]) -> QApplication:
    """The one application object; made at the first call, dressed in the remembered look."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    heap.settle()
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    sys.setswitchinterval(SWITCH_SECONDS)
    qInstallMessageHandler(_print_message)
    application = QApplication(["rnn-playground", *argv])
    application.setApplicationName("RNN Playground")
    application.setDesktopFileName("rnn-playground")
    application.setWindowIcon(QIcon(str(ASSETS / "icons" / "app.svg")))
    return application


def _print_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's words go to stderr, but for what the platform without a display says of every window."""
    if not message.startswith(PLATFORM_CHATTER):
        print(message, file=sys.stderr)


def create_main_window(
    preset: str | None = None,
    session: str | None = None,
    settings: Settings | None = None,
    theme: str | None = None,
    panels: Sequence[str] | None = None,
    is_remembering: bool = True,
) -> MainWindow:
    """A main window that loads its first run; not shown yet.

    Parameters
    ----------
    preset, session, settings : what to begin with: a preset's id, the path of a session, or settings; left out: "adding". With both a
        preset and settings these are the preset's, changed; its story is told
    theme : "dark", "light" or "system"; left out: as last time
    panels : names of the only panels to show; left out: all
    is_remembering : whether theme, text size and the window's place are read from and written to the user's preferences

    Raises
    ------
    InputError
        For an unknown preset or panel.
    """
    application = create_application([])
    preferences = Preferences(is_remembering)
    if theme is not None:
        preferences.theme = theme
    look = preferences.look(application)
    if look != current_look() or not is_dressed():
        apply_look(application, look)
    if settings is None and session is None:
        settings = Settings.preset(preset or DEFAULT_PRESET)
    return MainWindow(preferences, settings, session, _panel_specs(panels), _told(preset))


def _told(preset: str | None) -> str:
    """The preset whose story is told from the start: one that is there for it, and not for its task."""
    return "" if preset is None or preset in registry.tasks() else preset


def _panel_specs(names: Sequence[str] | None) -> list[PanelSpec]:
    available = panel_specs()
    unknown = [name for name in names or () if name not in available]
    if unknown:
        raise InputError(f"there is no panel {unknown[0]!r}: there are {', '.join(available)}")
    return [spec for name, spec in available.items() if names is None or name in names]
