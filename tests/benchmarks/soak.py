"""A person who tries everything, for hours: ``python -m tests.benchmarks.soak --minutes 30 --seed 1``.

Everything that can be pressed, dragged, chosen, opened, closed, floated, tabbed, enlarged or typed into is found in the window itself,
so that new panels and controls take part by themselves. What went wrong is printed as a table, and the exit code is 1 where anything
did: errors anywhere, words of Qt, stalls of the window's thread (with what was on its stack), memory that grows, threads, timers and
widgets that stay. The same seed does the same things.
"""

import argparse
import gc
import os
import random
import resource
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numba  # noqa: F401  (before Qt)
from PySide6.QtCore import QEventLoop, QMessageLogContext, QObject, QPoint, Qt, QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QDialog, QLineEdit, QMenu, QWidget

from core import registry
from gui import dialogs
from gui.app import PLATFORM_CHATTER, create_application, create_main_window
from gui.controls.segments import Segments
from gui.controls.slider_track import SliderTrack
from gui.controls.stepper import Stepper
from gui.main_window import MainWindow
from gui.plots.canvas import Canvas
from gui.worker import Worker

BEAT_MILLISECONDS = 5
STALL_SECONDS = 0.1
SAMPLE_SECONDS = 0.05
WARM_UP_SHARE = 0.2
MOST_GROWTH_MEGABYTES = 60.0
# In a shorter run each task's data are read for the first time: that memory grows says nothing then.
LEAST_SECONDS_FOR_GROWTH = 600.0
SIZES = ((960, 600), (1280, 800), (1600, 1000), (1920, 1080), (2560, 1440))
TYPED = ("", "0", "1", "-3", "7.5", "1e9", "nan", "the rain in spain", "0.5* 0.2 0.9* 0.1", "()[]", "ÄÖ€")
# Entries that leave the window or ask where to save: these are done by hand.
LEFT_OUT = ("quit", "open session", "open a text", "save session", "save picture of the window")


@dataclass
class Report:
    """What was seen."""

    errors: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    stalls: list[tuple[float, float, str, str]] = field(default_factory=list)
    actions: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def note_error(self, kind: str, error: BaseException, trace: TracebackType | None, action: str) -> None:
        """An exception that nobody caught."""
        name = f"{kind}: {type(error).__name__}: {error}"
        self.errors[name] += 1
        self.details.setdefault(name, f"in {action}\n" + "".join(traceback.format_exception(type(error), error, trace)))


class Watch(threading.Thread):
    """Looks from beside at what the window's thread is doing while it does not beat."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.last_beat = time.perf_counter()
        self.sample = ""
        self.is_over = threading.Event()
        self._watched = threading.main_thread().ident

    def run(self) -> None:
        while not self.is_over.wait(SAMPLE_SECONDS / 2):
            if time.perf_counter() - self.last_beat > SAMPLE_SECONDS:
                frame = sys._current_frames().get(self._watched or 0)
                if frame is not None:
                    stack = traceback.extract_stack(frame)
                    own = [f"{Path(line.filename).name}:{line.lineno} {line.name}" for line in stack if "soak" not in line.filename]
                    self.sample = " < ".join(reversed(own[-6:])) or "Qt"


class Person:
    """Does one thing after the other in a window, chosen at random."""

    def __init__(self, seed: int, report: Report, watch: Watch, folder: Path) -> None:
        self.random = random.Random(seed)
        self.report, self.watch, self.folder = report, watch, folder
        self.action = "start"
        self._busy = time.thread_time()
        self._beat = QTimer()
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._on_beat)
        self._beat.start(BEAT_MILLISECONDS)
        self.window = self._open()

    def _open(self) -> MainWindow:
        window = create_main_window(preset=self.random.choice(["adding", "copy", "completion", "prices"]), is_remembering=True)
        window.resize(1600, 1000)
        window.show()
        return window

    def stop(self) -> None:
        """Close everything."""
        self._beat.stop()
        self.window.close()

    def _on_beat(self) -> None:
        now = time.perf_counter()
        delay = now - self.watch.last_beat - BEAT_MILLISECONDS / 1000
        self.watch.last_beat = now
        self.report.delays.append(max(0.0, delay))
        if delay > STALL_SECONDS:
            self.report.stalls.append((time.thread_time() - self._busy, delay, self.action, self.watch.sample))
        self._busy = time.thread_time()
        self.watch.sample = ""

    def wait(self, seconds: float) -> None:
        """Let the window live for a while."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def act(self) -> None:
        """One thing."""
        kinds: list[tuple[int, Callable[[], None]]] = [
            (10, self._press_button),
            (8, self._drag_slider),
            (6, self._press_key),
            (6, self._play_or_pause),
            (6, self._click_drawing),
            (5, self._trigger_action),
            (5, self._move_dock),
            (4, self._change_size),
            (4, self._type),
            (3, self._choose_task),
            (3, self._choose_in_box),
            (2, self._change_look),
            (2, self._open_menu_of_panel),
            (1, self._reopen_window),
        ]
        chosen = self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0]
        self.action = chosen.__name__.strip("_")
        try:
            chosen()
        except Exception as error:
            self.report.note_error("in an action", error, error.__traceback__, self.action)
        self.report.actions[chosen.__name__.strip("_").replace("_", " ")] += 1
        self.wait(self.random.choice([0.0, 0.01, 0.05, 0.2]))
        self._close_dialogs()

    def _one_of(self, kind: type, is_wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """A widget of ``kind`` that a person could reach now."""
        there = [w for w in self.window.findChildren(kind) if w.isVisible() and w.isEnabled() and is_wanted(w)]
        chosen = self.random.choice(there) if there else None
        if chosen is not None:
            self.action += f" {chosen.accessibleName() or chosen.objectName() or type(chosen).__name__}"
        return chosen

    def _press_button(self) -> None:
        button = self._one_of(QAbstractButton, lambda b: not _is_left_out(b.text()))
        if button is not None:
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _drag_slider(self) -> None:
        slider = self._one_of(self.random.choice([SliderTrack, QAbstractSlider, Stepper, Segments]))
        if slider is None:
            return
        middle, width = slider.height() // 2, max(1, slider.width())
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(self.random.randrange(width), middle))
        for _ in range(self.random.randrange(6)):
            QTest.mouseMove(slider, QPoint(self.random.randrange(width), middle))
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(self.random.randrange(width), middle))

    def _click_drawing(self) -> None:
        canvas = self._one_of(Canvas)
        if canvas is None or canvas.width() < 2 or canvas.height() < 2:
            return
        points = [QPoint(self.random.randrange(canvas.width()), self.random.randrange(canvas.height())) for _ in range(3)]
        QTest.mouseMove(canvas, points[0])
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=points[1])
        QTest.mouseMove(canvas, points[2])
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=points[2])
        if self.random.random() < 0.2:
            QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=points[0])

    def _press_key(self) -> None:
        keys = Qt.Key
        chosen = self.random.choice(
            [keys.Key_Left, keys.Key_Right, keys.Key_Up, keys.Key_Down, keys.Key_Home, keys.Key_End, keys.Key_PageUp, keys.Key_PageDown]
            + [keys.Key_Tab, keys.Key_Backtab, keys.Key_Return, keys.Key_Space, keys.Key_Escape, keys.Key_Plus, keys.Key_Minus]
            + [keys.Key_F1, keys.Key_F11, keys.Key_Backspace, keys.Key_Delete]
        )
        self.action += f" {chosen.name}"
        QTest.keyClick(QApplication.focusWidget() or self.window, chosen)

    def _play_or_pause(self) -> None:
        self.window.commands.on_play_toggled() if self.random.random() < 0.7 else self.window.controller.play()

    def _trigger_action(self) -> None:
        actions = [
            a for a in self.window.findChildren(QAction) if a.isEnabled() and a.text() and a.menu() is None and not _is_left_out(a.text())
        ]
        if actions:
            chosen = self.random.choice(actions)
            self.action += f" {chosen.text()}"
            chosen.trigger()

    def _move_dock(self) -> None:
        bench = self.window.bench
        dock = self.random.choice(list(bench.docks.values()))
        other = self.random.choice(list(bench.docks.values()))
        self.action += f" {dock.spec.name}"
        self.random.choice(
            [
                lambda: dock.setFloating(not dock.isFloating()),
                dock.close,
                dock.show,
                lambda: bench.show_panel(dock.spec.name),
                lambda: bench.toggle_enlarged(dock.spec.name),
                bench.leave_enlarged,
                lambda: bench.tabifyDockWidget(dock, other) if dock is not other else None,
                lambda: bench.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock),
                lambda: bench.turn_tab(1),
                self.window.commands.on_restore_layout,
            ]
        )()

    def _change_size(self) -> None:
        self.window.resize(*self.random.choice(SIZES))

    def _type(self) -> None:
        field_ = self._one_of(QLineEdit)
        if field_ is not None:
            field_.setFocus()
            field_.selectAll()
            QTest.keyClicks(field_, self.random.choice(TYPED))
            QTest.keyClick(field_, self.random.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab]))

    def _choose_task(self) -> None:
        name = self.random.choice(list(registry.tasks()))
        self.action += f" {name}"
        self.window.setup.task_selected.emit(name)

    def _choose_in_box(self) -> None:
        box = self._one_of(QComboBox)
        if box is not None and box.count():
            box.setFocus()
            for _ in range(self.random.randrange(1, 4)):
                QTest.keyClick(box, self.random.choice([Qt.Key.Key_Down, Qt.Key.Key_Up]))

    def _change_look(self) -> None:
        if self.random.random() < 0.6:
            self.window.commands.on_theme_toggled()
        else:
            self.window.commands.on_text_size_chosen(self.random.choice([1.0, 1.2, 1.4]))

    def _open_menu_of_panel(self) -> None:
        dock = self.random.choice(list(self.window.bench.docks.values()))
        actions = [a for a in dock.header.findChildren(QMenu)[0].actions() if a.text() and a.isEnabled()]
        chosen = self.random.choice(actions)
        self.action += f" {dock.spec.name}: {chosen.text()}"
        chosen.trigger()

    def _reopen_window(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.window = self._open()

    def _close_dialogs(self) -> None:
        """Read what was opened, and close it again; sometimes later."""
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and (isinstance(widget, QMenu) or (isinstance(widget, QDialog) and self.random.random() < 0.5)):
                widget.close()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()

    def answer_file_dialogs(self) -> None:
        """Where to save is not asked: each picture and table goes to its file in a folder of its own."""

        def ask_to_save(parent: QWidget, title: str, proposal: str, kinds: str, *suffixes: str) -> Path:
            return (self.folder / proposal).with_suffix(self.random.choice(suffixes))

        dialogs.ask_to_save = ask_to_save  # type: ignore[assignment]
        dialogs.ask_to_open = lambda *words: None


def _is_left_out(text: str) -> bool:
    return text.replace("&", "").lower().startswith(LEFT_OUT)


def _megabytes() -> float:
    """Memory of this process now, where the system tells; its most so far elsewhere."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def soak(minutes: float, seed: int) -> int:
    """Try everything for so many minutes; returns the exit code."""
    report, watch = Report(), Watch()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = folder
        application = create_application([])
        person: Person | None = None

        def action() -> str:
            return person.action if person is not None else "start"

        def on_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
            if not message.startswith(PLATFORM_CHATTER):
                report.words[f"{kind.name}: {message}"] += 1
                report.details.setdefault(message, f"in {action()}")

        qInstallMessageHandler(on_message)
        sys.excepthook = lambda kind, error, trace: report.note_error("in a slot", error, trace, action())
        sys.unraisablehook = lambda a: report.note_error("unraisable", a.exc_value or Exception(str(a.err_msg)), a.exc_traceback, action())
        threading.excepthook = lambda a: report.note_error("in a thread", a.exc_value or Exception(""), a.exc_traceback, action())
        watch.start()
        person = Person(seed, report, watch, Path(folder))
        person.answer_file_dialogs()
        person.wait(2.0)
        report.delays.clear()
        report.stalls.clear()
        begin = time.perf_counter()
        end = begin + 60 * minutes
        while time.perf_counter() < end:
            person.act()
            report.memory.append((time.perf_counter() - begin, _megabytes()))
        person.action = "the end"
        person.stop()
        person.window.deleteLater()
        for widget in QApplication.topLevelWidgets():
            widget.close()
        person.wait(0.5)
        del person.window
        watch.is_over.set()
        gc.collect()
        left = _left_over(application)
        qInstallMessageHandler(None)
        return _print(report, left, 60 * minutes)


def _left_over(application: QApplication) -> dict[str, int]:
    living = [thing for thing in gc.get_objects() if isinstance(thing, QObject)]
    return {
        "worker threads still running": sum(isinstance(thing, QThread) and thing.isRunning() for thing in living if _is_valid(thing)),
        "timers still running": sum(isinstance(t, QTimer) and _is_valid(t) and t.isActive() and not t.isSingleShot() for t in living),
        "workers kept": sum(isinstance(thing, Worker) for thing in living),
        "Python threads": threading.active_count(),
        "widgets": len(application.allWidgets()),
    }


def _is_valid(thing: QObject) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))


def _print(report: Report, left: dict[str, int], seconds: float) -> int:
    delays = sorted(report.delays) or [0.0]
    warm = [megabytes for at, megabytes in report.memory if at >= WARM_UP_SHARE * seconds] or [0.0]
    quarter = max(1, len(warm) // 4)
    growth = sum(warm[-quarter:]) / quarter - sum(warm[:quarter]) / quarter
    print("| what | value |\n| --- | --- |")
    print(f"| actions | {sum(report.actions.values())} |")
    for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
        print(f"| delay of the window's thread, {name} | {1e3 * delays[min(len(delays) - 1, int(share * len(delays)))]:.1f} ms |")
    print(f"| its longest | {1e3 * delays[-1]:.0f} ms |\n| stalls over {1e3 * STALL_SECONDS:.0f} ms | {len(report.stalls)} |")
    print(f"| memory after warm-up, at the end | {warm[0]:.0f}, {warm[-1]:.0f} MB |\n| growth | {growth:.0f} MB |")
    for name, count in left.items():
        print(f"| {name} | {count} |")
    for busy, delay, action, stack in sorted(report.stalls, reverse=True)[:15]:
        print(f"stall {1e3 * delay:.0f} ms, {1e3 * busy:.0f} ms of them at work, in {action}: {stack}")
    for text, count in [*report.errors.items(), *report.words.items()]:
        print(f"{count} × {text}")
    for name, detail in report.details.items():
        print(f"--- {name}\n{detail}")
    is_left = left["worker threads still running"] or left["timers still running"]
    is_growing = seconds >= LEAST_SECONDS_FOR_GROWTH and growth > MOST_GROWTH_MEGABYTES
    is_bad = bool(report.errors or report.words or is_left or is_growing)
    print("NOT SOUND" if is_bad else "sound")
    return int(is_bad)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    return soak(options.minutes, options.seed)


if __name__ == "__main__":
    sys.exit(main())
