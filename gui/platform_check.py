"""Says in one line what keeps Qt from starting, instead of letting it abort."""

import importlib
import sys

from gui.system_libraries import explain, missing_libraries

EXIT_FAILED = 1


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
