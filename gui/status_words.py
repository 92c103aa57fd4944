"""What the status line says: what the run is doing, what was wrong with a wish, and the buttons that would help."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from core.snapshot import Snapshot
from gui.controls.status_line import StatusLine
from gui.explain import Remedy, explain
from gui.frame_clock import RateMeter
from gui.frames import Frames
from gui.run_controller import RunController
from gui.run_state import REWINDING, RunState
from gui.walk import Walk, walk_sentence

# How long it says what was wrong, before it goes on to say what is going on.
PROBLEM_MILLISECONDS = 10_000
# While a run trains, its words and figures change no oftener than a person can read.
WORDS_SECONDS = 0.25


@dataclass(frozen=True)
class Said:
    """The whole status line, where it is about something else than the window's own run: state, sentence, figures, buttons."""

    state: str
    sentence: str
    facts: Sequence[str]
    remedies: tuple[Remedy, ...] = ()


class StatusWords(QObject):
    """Fills the status line; ``changed`` follows when a problem was said.

    ``stand_in`` may say something instead; None: the line is about the window's own run.
    """

    changed = Signal()

    def __init__(self, controller: RunController, frames: Frames, line: StatusLine, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._frames, self._line = controller, frames, line
        self._rate = RateMeter()
        self._remedies: tuple[Remedy, ...] = ()
        self._walk, self._is_walk_played = Walk(), False
        self.said = ""
        self.problem = ""
        self._said_at = 0.0
        self.stand_in: Callable[[], Said | None] = lambda: None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PROBLEM_MILLISECONDS)
        self._timer.timeout.connect(self._forget_problem)

    def set_state(self, state: RunState, said: str) -> None:
        """The run is in another state; ``said`` is the worker's explanation."""
        self.said, self.problem = said, ""
        self._rate.clear()
        self.say()

    def note_frame(self, snapshot: Snapshot) -> None:
        """A frame was drawn."""
        self._rate.add(snapshot.step)
        if self._controller.state is not RunState.RUNNING or time.perf_counter() - self._said_at >= WORDS_SECONDS:
            self.say()

    def set_walk(self, walk: Walk, is_playing: bool) -> None:
        """A person walks through the sequence, or it goes on by itself in slow motion."""
        self._walk, self._is_walk_played = walk, is_playing
        self.say()

    def say_problem(self, message: str) -> None:
        """Say what is wrong with something a person did; it stays for a while, or until the state changes."""
        self.problem = message
        self._timer.start()
        self.say()
        self.changed.emit()

    def remedy(self, key: str) -> Remedy | None:
        """The remedy whose button was pressed; None where it is gone by now."""
        return self._remedies[int(key)] if int(key) < len(self._remedies) else None

    def stop(self) -> None:
        """Say nothing any more."""
        self._timer.stop()

    def say(self) -> None:
        """Say what is going on now."""
        self._said_at = time.perf_counter()
        said = self.stand_in()
        if said is None and self._controller.is_rewinding:
            where = f"update {self._controller.history.step:,}"
            said = Said(REWINDING, f"The run is on its way back. Space cancels the rewind, and it stays at {where}.", self._facts())
        self._show(said if said is not None else self._said_of_run())

    def _show(self, said: Said) -> None:
        self._remedies = said.remedies
        self._line.set_state(said.state)
        self._line.set_sentence(self.problem or said.sentence)
        self._line.set_remedies([(str(k), remedy.label) for k, remedy in enumerate(self._remedies)])
        self._line.set_facts(said.facts)

    def _said_of_run(self) -> Said:
        state = self._controller.state
        explanation = explain(state, self.said, self._frames.snapshot, self._controller.history)
        walked = walk_sentence(self._walk, self._is_walk_played)
        is_walked = self._is_walk_played and state is RunState.PAUSED
        shown = RunState.RUNNING if is_walked else state
        return Said(shown.value, walked or explanation.sentence, self._facts(), () if walked else explanation.remedies)

    def _forget_problem(self) -> None:
        self.problem = ""
        self.say()

    def _facts(self) -> list[str]:
        snapshot = self._frames.snapshot
        if snapshot is None:
            return []
        facts = [f"{snapshot.parameter_count:,} parameters", snapshot.settings.training.dtype]
        rate = self._rate.updates_per_second
        if self._controller.state is RunState.RUNNING and rate > 0:
            facts.insert(0, f"{rate:,.0f} updates/s" if rate >= 10 else f"{rate:.1f} updates/s")
        return facts
