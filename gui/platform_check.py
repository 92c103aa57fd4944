"""Says in one line what keeps Qt from starting, instead of letting it abort."""

import ctypes
import importlib
import os
import sys
from collections.abc import Mapping

from gui.system_libraries import explain, missing_libraries

EXIT_FAILED = 1


def display_answers(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the X server that DISPLAY names can be reached; Qt would abort where it can't.

    True wherever Qt would not use X11, or where X11's library is missing, which is said elsewhere.
    """
    platform = environment.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or environment.get("WAYLAND_DISPLAY") or (platform and not platform.startswith("xcb")):
        return True
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(environment.get("DISPLAY", "").encode() or None, None))
    is_reached = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return is_reached


def exit_code_without_qt(has_display: bool) -> int:
    """0 where Qt can start; else print the one line that says what is missing and how to get it, and return 1."""
    missing = missing_libraries(has_display)
    if missing:
        print(f"rnn-playground: {explain(missing)}", file=sys.stderr)
        return EXIT_FAILED
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        print(f"rnn-playground: Qt can't be loaded: {error}", file=sys.stderr)
        return EXIT_FAILED
    return 0
