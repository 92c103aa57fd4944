"""Undo and redo of everything that a person set: live changes, new runs, rewinds."""

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from core.errors import InputError
from core.settings import Settings
from gui.change_words import change_words, differing_keys
from gui.parked_run import ParkedRun
from gui.run_controller import RunController
from gui.time_travel import Journey

MOST_COMMANDS = 50
# Runs that can be had back as they were; of older ones only the settings are known, and they begin anew.
MOST_PARKED, MOST_PARKED_BYTES = 4, 128 * 2**20


@dataclass
class Place:
    """A run that can be gone back to: its settings and, as long as it is kept, the run itself."""

    settings: Settings
    parked: ParkedRun | None = None


class _Command(QUndoCommand):
    """What Qt's stack holds: ``undo`` and ``redo`` ask the run, but for the first ``redo``, with which the stack takes it in."""

    def __init__(self, undo: "SettingsUndo", text: str) -> None:
        super().__init__(text)
        self._owner = undo
        self._is_done = True

    def can_go(self, controller: RunController, is_redo: bool) -> bool:
        return True

    def undo(self) -> None:
        self._owner.carry_out(self, is_redo=False)

    def redo(self) -> None:
        if self._is_done:
            self._is_done = False
            return
        self._owner.carry_out(self, is_redo=True)


class _LiveChange(_Command):
    def __init__(self, undo: "SettingsUndo", old: Settings, new: Settings) -> None:
        super().__init__(undo, change_words(old, new))
        self.old, self.new = old, new

    def go(self, controller: RunController, is_redo: bool) -> None:
        old, new = (self.old, self.new) if is_redo else (self.new, self.old)
        controller.apply(differing_keys(old, new))


class _OtherRun(_Command):
    def __init__(self, undo: "SettingsUndo", text: str, before: Place, after: Place) -> None:
        super().__init__(undo, text)
        self.before, self.after = before, after

    def go(self, controller: RunController, is_redo: bool) -> None:
        place = self.after if is_redo else self.before
        if place.parked is not None:
            controller.resume(place.parked, controller.is_playing_wanted)
        else:
            controller.begin(place.settings, controller.is_playing_wanted)


class _Travel(_Command):
    def __init__(self, undo: "SettingsUndo", journey: Journey) -> None:
        where = "return" if journey.is_return else "rewind"
        super().__init__(undo, f"{where} to update {journey.to_step:,}")
        self.journey = journey

    def can_go(self, controller: RunController, is_redo: bool) -> bool:
        journey = self.journey
        line = journey.to_line if is_redo else journey.from_line
        return (is_redo and not journey.is_return) or line in _kept_lines(controller)

    def go(self, controller: RunController, is_redo: bool) -> None:
        journey = self.journey
        line = journey.to_line if is_redo else journey.from_line
        if line in _kept_lines(controller):
            controller.return_to(line)
        else:
            controller.rewind(journey.to_step, journey.is_before_changes)


def _kept_lines(controller: RunController) -> set[int]:
    return {branch.number for branch in controller.timeline.branches}


class SettingsUndo(QObject):
    """Listens to the controller, and undoes and redoes by it.

    ``changed`` follows when there is something else to undo or redo; ``said`` tells what became of a run or a curve that could not be
    kept; ``run_changing`` comes before another run takes the place of the present one.
    """

    changed = Signal()
    said = Signal(str)
    run_changing = Signal()

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_COMMANDS)
        # Qt's stack owns its commands; these references keep their Python halves.
        self._commands: list[_Command] = []
        self._moving: tuple[_Command, bool] | None = None
        self._is_carrying_out = False
        self._is_stepping_back = False
        self._here: Settings | None = None
        controller.run_began.connect(self._on_run_began)
        controller.run_refused.connect(self._on_run_refused)
        controller.refused.connect(self._on_refused)
        controller.live_changed.connect(self._on_live_changed)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.travelled.connect(self._on_travelled)
        controller.rewinding.connect(self._on_rewinding)
        self.stack.indexChanged.connect(lambda _index: self.changed.emit())

    @property
    def undo_text(self) -> str:
        """What would be undone; "" for nothing."""
        return self.stack.undoText()

    @property
    def redo_text(self) -> str:
        """What would be redone; "" for nothing."""
        return self.stack.redoText()

    def undo(self) -> None:
        """Take the last change back; nothing while another run is still being loaded for that."""
        if self._moving is None and self.stack.canUndo():
            self._move(self._commands[self.stack.index() - 1], is_redo=False)

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._moving is None and self.stack.canRedo():
            self._move(self._commands[self.stack.index()], is_redo=True)

    def _move(self, command: _Command, is_redo: bool) -> None:
        if not command.can_go(self._controller, is_redo):
            self._pass_over(is_redo)
            self.said.emit("That curve is no longer kept: it can't be brought back.")
        elif is_redo:
            self.stack.redo()
        else:
            self.stack.undo()

    def clear(self) -> None:
        """Forget everything, the runs that were kept too."""
        self.stack.clear()
        self._commands.clear()

    def carry_out(self, command: Any, is_redo: bool) -> None:
        """Ask the run to undo or redo ``command``. Called by the commands."""
        if self._is_stepping_back:
            return
        self._is_carrying_out = True
        if not isinstance(command, _LiveChange):
            self._moving = command, is_redo
        if isinstance(command, _OtherRun):
            self.run_changing.emit()
        try:
            command.go(self._controller, is_redo)
        except InputError as error:
            self._moving = None
            self.said.emit(str(error))
        finally:
            self._is_carrying_out = False

    def _push(self, command: _Command) -> None:
        del self._commands[self.stack.index() :]
        self._commands.append(command)
        del self._commands[:-MOST_COMMANDS]
        self.stack.push(command)
        self.changed.emit()

    def _on_live_changed(self, old: Settings, new: Settings) -> None:
        if not self._is_carrying_out:
            self._push(_LiveChange(self, old, new))

    def _on_settings_changed(self, settings: Settings) -> None:
        self._here = settings

    def _on_run_began(self, settings: Settings) -> None:
        before, parked = self._here, self._controller.parked
        self._here = settings
        moving, self._moving = self._moving, None
        command, is_redo = moving or (None, False)
        if isinstance(command, _OtherRun):
            left, reached = (command.before, command.after) if is_redo else (command.after, command.before)
            if reached.parked is None:
                self.said.emit("That run is no longer kept as it was: it begins anew with its settings.")
            reached.parked, left.parked = None, parked
            left.settings = before or left.settings
        elif before is not None:
            path = self._controller.session_path
            text = f"open {path.name}" if path is not None else change_words(before, settings)
            self._push(_OtherRun(self, text, Place(before, parked), Place(settings)))
        self._forget_old_runs()

    def _on_run_refused(self, _message: str) -> None:
        if self._moving is not None:
            (_command, is_redo), self._moving = self._moving, None
            self._pass_over(not is_redo)

    def _on_refused(self, _message: str) -> None:
        if self._moving is not None and isinstance(self._moving[0], _Travel):
            (_command, is_redo), self._moving = self._moving, None
            self._pass_over(not is_redo)
            return
        command = self._commands[-1] if self._commands else None
        is_newest = self.stack.index() == self.stack.count() == len(self._commands)
        if isinstance(command, _LiveChange) and is_newest and command.old == self._controller.settings:
            # A live change that was refused leaves nothing to undo.
            command.setObsolete(True)
            self._pass_over(is_redo=False)
            self._commands.pop()

    def _on_travelled(self, journey: Journey) -> None:
        moving, self._moving = self._moving, None
        if moving is not None:
            if isinstance(moving[0], _Travel) and moving[1]:
                moving[0].journey = replace(moving[0].journey, to_line=journey.to_line)
            return
        last = self._commands[self.stack.index() - 1] if self.stack.canUndo() else None
        if (
            isinstance(last, _Travel)
            and last.journey.to_line == journey.from_line
            and journey.from_line not in _kept_lines(self._controller)
        ):
            # Nothing was trained between the two journeys: they are one.
            origin = last.journey
            last.setObsolete(True)
            self._pass_over(is_redo=False)
            del self._commands[self.stack.index()]
            if journey.to_line == origin.from_line:
                self.changed.emit()
                return
            journey = replace(journey, from_line=origin.from_line, from_step=origin.from_step)
        self._push(_Travel(self, journey))

    def _on_rewinding(self, share: float | None) -> None:
        """A rewind that was given up has not come about."""
        if share is None and self._moving is not None and isinstance(self._moving[0], _Travel):
            (_command, is_redo), self._moving = self._moving, None
            self._pass_over(not is_redo)

    def _pass_over(self, is_redo: bool) -> None:
        """Move in the stack without asking the run for anything."""
        self._is_stepping_back = True
        if is_redo:
            self.stack.redo()
        else:
            self.stack.undo()
        self._is_stepping_back = False

    def _forget_old_runs(self) -> None:
        """Keep the newest runs as they were, as far as there is room for them."""
        room, count = MOST_PARKED_BYTES, 0
        for command in sorted(self._commands, key=lambda each: abs(self._commands.index(each) - self.stack.index())):
            if not isinstance(command, _OtherRun):
                continue
            for place in (command.before, command.after):
                if place.parked is not None:
                    room, count = room - place.parked.byte_count, count + 1
                    if room < 0 or count > MOST_PARKED:
                        place.parked = None
