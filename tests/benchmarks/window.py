"""What the window costs the training that it shows: ``python -m tests.benchmarks.window [--rounds N] [--seconds S] [--preset ID]``.

Window and headless training take turns in one process, so that a busy minute of the machine meets both, and of all rounds medians count.
The window is run by a real event loop, and once more by a loop that asks for events all the time, as some programs do: that alone keeps
a core busy. Headless training is measured bare, and with the evaluations every 50 updates that the window needs too. Drawn offscreen
where QT_QPA_PLATFORM=offscreen says so. The processor's time of the window's thread says most where other programs run meanwhile.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numba  # noqa: F401  (before Qt)
from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.settings import Settings
from core.trainer import Trainer
from gui.app import create_application, create_main_window
from gui.main_window import MainWindow
from gui.run_state import RunState
from tests.benchmarks.measuring import Row, markdown

SIZE = (1600, 1000)
BEAT_MILLISECONDS = 5
SPIN_MILLISECONDS = 5
WARM_UP_SECONDS, PAUSE_SECONDS = 3.0, 0.3
LOAD_SECONDS = 90.0
UPDATES = 50
MILLI = 1e3


@dataclass(frozen=True)
class Round:
    """Updates and frames a second, the longest stall of the window's thread in seconds, and its share of a core."""

    updates: float
    frames: float
    stall: float
    share: float


def in_event_loop(seconds: float) -> float:
    """Let the window live as it does on a screen; returns by how much its thread was late at most."""
    loop, beat, since = QEventLoop(), QTimer(), QElapsedTimer()
    worst = 0

    def on_beat() -> None:
        nonlocal worst
        worst = max(worst, since.nsecsElapsed() - 1_000_000 * BEAT_MILLISECONDS)
        since.start()

    beat.setTimerType(Qt.TimerType.PreciseTimer)
    beat.timeout.connect(on_beat)
    QTimer.singleShot(round(MILLI * seconds), loop.quit)
    since.start()
    beat.start(BEAT_MILLISECONDS)
    loop.exec()
    beat.stop()
    return worst / 1e9


def spinning(seconds: float) -> float:
    """Ask for events all the time; returns the longest that one round took."""
    end, last, worst = time.perf_counter() + seconds, time.perf_counter(), 0.0
    while last < end:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, SPIN_MILLISECONDS)
        now = time.perf_counter()
        last, worst = now, max(worst, now - last)
    return worst


def headless(train: Callable[[int], object], seconds: float) -> float:
    """Updates a second."""
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        train(UPDATES)
        count += UPDATES
    return count / (time.perf_counter() - begin)


def in_window(window: MainWindow, live: Callable[[float], float], seconds: float) -> Round:
    """Play for so long, then pause."""
    window.play()
    live(PAUSE_SECONDS)
    steps, frames, worked, begin = window.step_count, window.frame_count, time.thread_time(), time.perf_counter()
    stall = live(seconds)
    taken, work = time.perf_counter() - begin, time.thread_time() - worked
    found = Round((window.step_count - steps) / taken, (window.frame_count - frames) / taken, stall, work / taken)
    window.pause()
    in_event_loop(PAUSE_SECONDS)
    return found


def wait(window: MainWindow, is_there: Callable[[], bool]) -> None:
    """Let the window live until then. Raises TimeoutError."""
    end = time.perf_counter() + LOAD_SECONDS
    while not is_there():
        if time.perf_counter() > end or window.state is RunState.FAILED:
            raise TimeoutError("the window did not train")
        in_event_loop(0.02)


def measure(preset: str, rounds: int, seconds: float) -> list[Row]:
    """The rows of both tables."""
    begin = time.perf_counter()
    create_application([])
    window = create_main_window(preset=preset, is_remembering=False)
    window.resize(*SIZE)
    window.show()
    window.grab()
    start = {"shown after s": time.perf_counter() - begin}
    window.play()
    wait(window, lambda: window.step_count > 0)
    start["first update after s"] = time.perf_counter() - begin
    in_event_loop(WARM_UP_SECONDS)
    window.pause()
    in_event_loop(PAUSE_SECONDS)
    trainer = Trainer(Settings.preset(preset))
    trainer.train(UPDATES)
    bare, evaluated = [], []
    lives = {"event loop": in_event_loop, "asked all the time": spinning}
    found: dict[str, list[Round]] = {name: [] for name in lives}
    for k in range(rounds):
        for name, live in lives.items():
            bare.append(headless(trainer.train, seconds / 2))
            evaluated.append(headless(lambda count: trainer.train_to(trainer.step_count + count), seconds / 2))
            found[name].append(in_window(window, live, seconds))
        print(f"round {k + 1} of {rounds}", file=sys.stderr, flush=True)
    window.close()
    rows = [Row("start", start)]
    for name, all_rounds in found.items():
        updates = median(each.updates for each in all_rounds)
        share, frames = median(each.share for each in all_rounds), median(each.frames for each in all_rounds)
        shown = {"window": name, "updates/s": updates, "of headless": updates / median(bare)}
        shown |= {"of headless with evaluations": updates / median(evaluated), "frames/s": frames}
        shown |= {"longest stall ms": MILLI * max(each.stall for each in all_rounds), "window's thread, of a core": share}
        rows.append(Row("while training", shown | {"ms of it a frame": MILLI * share / frames if frames else float("nan")}))
    headless_rates = {"headless updates/s": median(bare), "with evaluations": median(evaluated), "slowest": min(bare), "fastest": max(bare)}
    return [*rows, Row("headless", headless_rates)]


def main(arguments: list[str]) -> int:
    """Measure, and print tables in Markdown."""
    parser = argparse.ArgumentParser(prog="window", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="adding", metavar="ID")
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="of each round, headless as in the window")
    options = parser.parse_args(arguments)
    print(markdown(measure(options.preset, options.rounds, options.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
