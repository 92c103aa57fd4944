"""A thread that trains, from outside: what may be asked of it, and what it says.

Every wish is a command in one queue; nothing here waits.
"""

import math
import queue
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from core.sampling import Sampling
from gui.frame_maker import Wanted
from gui.open_question import OpenQuestion, Question

EPOCH_UPDATES = 100
STEP_UPDATES = {"update": 1, "epoch": EPOCH_UPDATES}
# Commands that do not wait until a rewind has come to its end.
MEANWHILE = {"pause", "rewind", "set_speed"}
# Those that are still carried out where the thread ends before it came to them.
KEPT_AT_END = {"apply", "edit_weight", "save"}


@dataclass(frozen=True)
class Command:
    """``name`` is that of the worker's method, without the line before it."""

    name: str
    arguments: tuple[Any, ...] = ()


class CommandedThread(QThread):
    """Takes commands from the window's thread; Worker carries them out in its own, and says with these signals what came of them.

    Every signal carries ``run_id`` first, so that a late message of an old run can be dropped.

    ``recognised`` carries settings and what the file that they name holds, also where it can't be used for them.
    ``refused`` says why a command could not be carried out, ``answer_refused`` why a question has no answer; ``settings_changed``
    carries the settings in force after every live change, those included that wait for their kernels. ``answered`` and
    ``lengths_tested`` end with the number of updates that the network had seen; where there is no longer sequence to test,
    ``lengths_tested`` carries the reason in words. ``travelled`` carries a Journey, where the run was rewound or returned to a branch,
    ``timeline_changed`` where it can go now, ``rewinding`` how far it is, 0…1, and None at its end.
    ``weight_edited`` carries a WeightEdit, the value before, and both in words.
    """

    loaded = Signal(int, object)
    recognised = Signal(int, object, object)
    state_changed = Signal(int, object, str)
    settings_changed = Signal(int, object)
    snapshot_made = Signal(int, object)
    answered = Signal(int, object, int)
    answer_refused = Signal(int, str)
    lengths_tested = Signal(int, object, int)
    refused = Signal(int, str)
    saved = Signal(int, str)
    timeline_changed = Signal(int, object)
    rewinding = Signal(int, object)
    travelled = Signal(int, object)
    weight_edited = Signal(int, object, float, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._question = OpenQuestion()

    def play(self) -> None:
        """Train until told otherwise."""
        self._commands.put(Command("play", (math.inf,)))

    def step(self, size: str) -> None:
        """Train one "update" or "epoch", then pause."""
        self.train(STEP_UPDATES[size])

    def train(self, updates: int) -> None:
        """Train for ``updates`` updates, then pause."""
        self._commands.put(Command("play", (updates,)))

    def pause(self) -> None:
        """Stop training after the current chunk."""
        self._commands.put(Command("pause"))

    def apply(self, changes: dict[str, Any]) -> None:
        """Change live settings; ``settings_changed`` follows, and ``refused`` where they can't be."""
        self._commands.put(Command("apply", (changes,)))

    def edit_weight(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Set one weight; ``refused`` follows where it can't be."""
        self._commands.put(Command("edit_weight", (name, index, value)))

    def rewind(self, step: int, before_change: int | None = None) -> None:
        """Go back to after update ``step`` and pause; ``travelled`` or ``refused`` follows. Pausing meanwhile gives it up.

        Without ``before_change``, a number in the journal, what was changed right after that update stays.
        """
        self._commands.put(Command("rewind", (step, before_change)))

    def take_back(self, key: str, value: Any) -> None:
        """Rewind to just before the newest change of ``key`` to ``value``; ``travelled`` or ``refused`` follows."""
        self._commands.put(Command("take_back", (key, value)))

    def return_to(self, branch: int) -> None:
        """Go on at the end of a branch that was left, and pause; ``travelled`` or ``refused`` follows."""
        self._commands.put(Command("return_to", (branch,)))

    def forget_waiting(self) -> None:
        """The kernels that changes wait for will not come: take these changes back."""
        self._commands.put(Command("forget_waiting"))

    def set_speed(self, updates_per_second: float) -> None:
        """Limit the speed; infinity: none."""
        self._commands.put(Command("set_speed", (updates_per_second,)))

    def request_frame(self, wanted: Wanted) -> None:
        """Ask for one snapshot."""
        self._commands.put(Command("make_snapshot", (wanted,)))

    def ask(self, text: str, sampling: Sampling, seed: int = 0) -> None:
        """Ask the network something; ``answered`` or ``answer_refused`` follows, now and, with frames, whenever it has changed.

        Only the newest question counts: one that still waits is dropped.
        """
        question = Question(text, sampling, seed)
        self._question.newest = question
        self._commands.put(Command("answer", (question,)))

    def forget_question(self) -> None:
        """Nobody waits for an answer any more."""
        self._question.newest = None

    def test_lengths(self) -> None:
        """Test the network on longer sequences; ``lengths_tested`` follows."""
        self._commands.put(Command("test_lengths"))

    def save(self, path: str) -> None:
        """Write a session; ``saved`` or ``refused`` follows."""
        self._commands.put(Command("save", (path,)))

    def take_moment(self) -> None:
        """Hand out what can be kept of the run; ``on_moment`` is called with it."""
        self._commands.put(Command("take_moment"))

    def use_kernels(self) -> None:
        """More kernels are compiled: replay a run on NumPy steps with them, and apply what had to wait."""
        self._commands.put(Command("use_kernels"))

    def stop(self) -> None:
        """End the thread; ``wait()`` for it."""
        self.requestInterruption()
        self._commands.put(Command("stop"))
