"""What a person does with the window: panels, sizes, looks; and closes it in whatever state it is."""

import gc
import time
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, Qt, QThread, QTimer
from PySide6.QtWidgets import QApplication

from core import registry
from gui.main_window import MainWindow
from gui.run_state import RunState
from gui.speed import slow_motion
from gui.worker import Worker
from tests.benchmarks.soak.person import Person
from tests.benchmarks.soak.watch import Heart, megabytes

SIZES = ((960, 600), (1280, 800), (1600, 1000), (1920, 1080), (2560, 1440))
FLOATING_SIZES = ((300, 200), (590, 250), (900, 700), (1600, 1000))
TEXT_SIZES = (1.0, 1.2, 1.4)
STATE_SECONDS = 4.0
PANEL_DEEDS = ("float", "dock", "close", "show", "toggle", "enlarge", "back", "tab", "left", "right", "resize")


def move_panel(person: Person) -> None:
    """Every panel: shown, closed, floated, docked, tabbed, moved, enlarged."""
    bench = person.window.bench
    name, deed = person.draw("panels", [(name, deed) for name in bench.docks for deed in PANEL_DEEDS])
    dock, other = bench.docks[name], person.chance.choice(list(bench.docks.values()))
    person.name(f"{name}: {deed}")
    deeds: dict[str, Callable[[], object]] = {
        "float": lambda: dock.setFloating(True),
        "dock": lambda: dock.setFloating(False),
        "close": dock.close,
        "show": lambda: bench.show_panel(name),
        "toggle": lambda: bench.toggle_panel(name),
        "enlarge": lambda: bench.enlarge(name),
        "back": bench.leave_enlarged,
        "tab": lambda: bench.tabifyDockWidget(other, dock) if dock is not other else bench.turn_tab(1),
        "left": lambda: bench.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock),
        "right": lambda: bench.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock),
        "resize": lambda: dock.resize(*person.draw("floating sizes", FLOATING_SIZES)) if dock.isFloating() else dock.setFloating(True),
    }
    deeds[deed]()


def tidy_up(person: Person) -> None:
    """All panels as they were at first."""
    person.window.commands.on_restore_layout()


def change_size(person: Person) -> None:
    """A small, a common, a large window."""
    size = person.draw("sizes", SIZES)
    person.name(size)
    person.window.resize(*size)


def change_look(person: Person) -> None:
    """Dark, light, larger text."""
    if person.chance.random() < 0.6:
        person.window.commands.on_theme_toggled()
    else:
        person.window.commands.on_text_size_chosen(person.draw("text sizes", TEXT_SIZES))


# Closing


def _is_running(person: Person) -> bool:
    return person.wait_for(lambda: person.window.state is RunState.RUNNING, STATE_SECONDS)


def _paused(person: Person) -> bool:
    person.window.pause()
    return person.wait_for(lambda: person.window.state is RunState.PAUSED, STATE_SECONDS)


def _training(person: Person) -> bool:
    person.window.play()
    return _is_running(person)


def _loading(person: Person) -> bool:
    person.window.setup.task_selected.emit(person.draw("loaded tasks", tuple(registry.tasks())))
    return True


def _rewinding(person: Person) -> bool:
    controller = person.window.controller
    person.window.play()
    person.wait_for(lambda: controller.history.step > controller.timeline.earliest + 50, STATE_SECONDS)
    controller.rewind(max(controller.timeline.earliest, controller.history.step - 20))
    return controller.history.step > 0


def _racing(person: Person) -> bool:
    person.window.commands.on_race()
    return person.wait_for(lambda: person.window.race.step > 0, STATE_SECONDS)


def _walking(person: Person) -> bool:
    person.window.transport.speed_changed.emit(slow_motion(20))
    person.window.play()
    return person.wait_for(lambda: person.window.walker.is_playing, STATE_SECONDS)


def _asking(person: Person) -> bool:
    person.window.commands.on_rewind()
    return True


def _saving(person: Person) -> bool:
    person.window.commands.on_save()
    return True


def _scattered(person: Person) -> bool:
    for dock in person.window.bench.docks.values():
        dock.setFloating(True)
    person.wait(0.1)
    return True


STATES: dict[str, Callable[[Person], bool]] = {
    "paused": _paused, "training": _training, "loading": _loading, "rewinding": _rewinding, "racing": _racing, "walking": _walking,
    "asking": _asking, "saving": _saving, "scattered": _scattered,
}  # fmt: skip


def close_window(person: Person) -> None:
    """In every state, and open another one."""
    state = person.draw("states", tuple(STATES))
    person.name(f"while {state}")
    is_so = STATES[state](person)
    begin = time.perf_counter()
    person.window.close()
    taken = time.perf_counter() - begin
    person.report.closings.setdefault(state if is_so else f"{state}, nearly", []).append(taken)
    person.heart.forget()
    look_for_left_over(person, f"closed while {state}")
    person.name("and open another")
    begin = time.perf_counter()
    person.window = person.open_window()
    person.report.openings.append(time.perf_counter() - begin)
    # What it takes to make a window is measured by itself.
    person.heart.forget()


def look_for_left_over(person: Person, when: str) -> None:
    """Throw the closed window away, and look what is still there of it."""
    person.window.deleteLater()
    closed, person.window = person.window, None  # type: ignore[assignment]
    for widget in QApplication.topLevelWidgets():
        widget.close()
    person.wait(0.1)
    with person.heart.apart():
        is_there = shiboken6.isValid(closed)
        del closed
        gc.collect()
        person.report.memory_closed.append(megabytes())
        left = [*(["window"] if is_there else []), *_left_over(person)]
    for name in left:
        person.report.leaks[f"{name} left after it was {when}"] += 1


def _left_over(person: Person) -> list[str]:
    living = [thing for thing in gc.get_objects() if isinstance(thing, QObject) and shiboken6.isValid(thing)]
    timers = [t for t in living if isinstance(t, QTimer) and t.isActive() and not t.isSingleShot() and not isinstance(t.parent(), Heart)]
    return [
        *(f"running {type(thing).__name__}" for thing in living if isinstance(thing, QThread) and thing.isRunning()),
        *(f"running timer of {type(timer.parent()).__name__}" for timer in timers if timer is not person.answers),
        *(f"Python half of {type(thing).__name__}" for thing in living if isinstance(thing, Worker | MainWindow)),
        *(f"{type(w).__name__} {w.objectName()} of {type(w.parent()).__name__}" for w in QApplication.allWidgets()),
    ]


ACTIONS = {move_panel: 10, tidy_up: 1, change_size: 4, change_look: 2, close_window: 1}
