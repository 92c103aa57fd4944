"""One soak from beginning to end, in this process."""

import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import numba  # noqa: F401  (before Qt)
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from gui.app import PLATFORM_CHATTER, create_application
from tests.benchmarks.soak import controls, files, library, races, runs, windows
from tests.benchmarks.soak.person import Person
from tests.benchmarks.soak.report import Report, print_report
from tests.benchmarks.soak.watch import Heart, Watch, megabytes

START_SECONDS = 2.0
ACTIONS = {**controls.ACTIONS, **runs.ACTIONS, **races.ACTIONS, **library.ACTIONS, **files.ACTIONS, **windows.ACTIONS}


def soak(minutes: float, seed: int, folder: str) -> int:
    """Try everything for so many minutes; returns the exit code."""
    create_application([])
    report = Report()
    heart = Heart(report)
    _listen(report, heart)
    watch = Watch(heart, report, 60 * minutes)
    watch.start()
    own = Path(folder) / "files"
    own.mkdir()
    person = Person(seed, report, heart, own)
    files.prepare(person)
    person.wait(START_SECONDS)
    report.forget_start()
    begin = time.perf_counter()
    end = begin + 60 * minutes
    while time.perf_counter() < end:
        (action,) = person.chance.choices(list(ACTIONS), list(ACTIONS.values()))
        person.act(action)
        report.memory.append((time.perf_counter() - begin, megabytes()))
    heart.action = "the end"
    person.window.close()
    heart.forget()
    windows.look_for_left_over(person, "closed at the end")
    person.stop()
    heart.stop()
    watch.end()
    qInstallMessageHandler(None)
    return print_report(report, 60 * minutes)


def _listen(report: Report, heart: Heart) -> None:
    """Errors that nobody catches, and all that Qt says, come into the report."""

    def on_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if message.startswith(PLATFORM_CHATTER):
            return
        report.note_words(f"{kind.name}: {message}", heart.action)
        if kind is QtMsgType.QtFatalMsg:
            # Nothing is printed any more after it.
            print(f"Qt gives up in {heart.action}: {message}", flush=True)

    def on_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report.note_error("in a slot", error, trace, heart.action)

    def on_unraisable(what: Any) -> None:
        report.note_error("unraisable", what.exc_value or Exception(str(what.err_msg)), what.exc_traceback, heart.action)

    def on_error_in_thread(what: Any) -> None:
        report.note_error("in a thread", what.exc_value or Exception(""), what.exc_traceback, heart.action)

    qInstallMessageHandler(on_message)
    sys.excepthook = on_error
    sys.unraisablehook = on_unraisable
    threading.excepthook = on_error_in_thread
