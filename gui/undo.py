"""Undo and redo of everything that a person set: live changes, new runs, rewinds."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from core.errors import InputError
from core.settings import Settings
from core.weight_edit import WeightEdit
from gui.change_words import change_words, differing_keys
from gui.run_controller import RunController
from gui.time_travel import Journey
from gui.undo_commands import LiveChange, OtherRun, Place, Travel, UndoCommand, WeightChange, kept_lines

MOST_COMMANDS = 50
# Runs that can be had back as they were; of older ones only the settings are known, and they begin anew.
MOST_PARKED, MOST_PARKED_BYTES = 4, 128 * 2**20


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
        self._commands: list[UndoCommand] = []
        # What the run was asked for and has not answered yet, whether it is a redo, and the run that is being loaded for it.
        self._moving: tuple[UndoCommand, bool] | None = None
        self._moving_run: int | None = None
        # The live change that was asked for last, whether as it is or back, and whether by a person just now.
        self._asked: tuple[LiveChange, bool, bool] | None = None
        self._is_carrying_out = False
        # Which way to step back after a move that was refused at once.
        self._refused: list[bool] = []
        self._is_stepping_back = False
        self._here: Settings | None = None
        controller.run_began.connect(self._on_run_began)
        controller.run_refused.connect(self._on_run_refused)
        controller.refused.connect(self._on_refused)
        controller.live_changed.connect(self._on_live_changed)
        controller.settings_changed.connect(self._on_settings_changed)
        controller.weight_edited.connect(self._on_weight_edited)
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

    def _move(self, command: UndoCommand, is_redo: bool) -> None:
        if not command.can_go(self._controller, is_redo):
            self._pass_over(is_redo)
            self.said.emit("That curve is no longer kept: it can't be brought back.")
            return
        self._refused.clear()
        if is_redo:
            self.stack.redo()
        else:
            self.stack.undo()
        if self._refused:
            self._pass_over(self._refused.pop())

    def clear(self) -> None:
        """Forget everything, the runs that were kept too."""
        self.stack.clear()
        self._commands.clear()

    def close(self) -> None:
        """Forget everything, and say nothing any more: who would hear it may be gone by the time that the stack goes."""
        self.clear()
        self.stack.blockSignals(True)

    def carry_out(self, command: UndoCommand, is_redo: bool) -> None:
        """Ask the run to undo or redo ``command``. Called by the commands."""
        if self._is_stepping_back:
            return
        self._is_carrying_out = True
        if command.is_waited_for(is_redo):
            self._moving = command, is_redo
        elif isinstance(command, LiveChange):
            self._asked = command, is_redo, False
        if isinstance(command, OtherRun):
            self.run_changing.emit()
        try:
            self._moving_run = command.go(self._controller, is_redo)
        except InputError as error:
            self._moving = self._asked = None
            self._refused.append(not is_redo)
            self.said.emit(str(error))
        finally:
            self._is_carrying_out = False

    def _push(self, command: UndoCommand) -> None:
        del self._commands[self.stack.index() :]
        self._commands.append(command)
        del self._commands[:-MOST_COMMANDS]
        self.stack.push(command)
        self.changed.emit()

    def _on_live_changed(self, old: Settings, new: Settings) -> None:
        if not self._is_carrying_out:
            self._push(command := LiveChange(self, old, new))
            self._asked = command, True, True

    def _on_weight_edited(self, edit: WeightEdit, before: float, text: str) -> None:
        if self._moving is not None and isinstance(self._moving[0], WeightChange):
            self._moving = None
        else:
            self._push(WeightChange(self, edit, before, text))

    def _on_settings_changed(self, settings: Settings) -> None:
        self._here = settings

    def _on_run_began(self, settings: Settings) -> None:
        before, parked = self._here, self._controller.parked
        self._here = settings
        self._asked = None
        if self._moving is not None and self._controller.run_id != self._moving_run:
            # Something else was begun meanwhile.
            self._step_back()
        moving, self._moving = self._moving, None
        command, is_redo = moving or (None, False)
        if isinstance(command, OtherRun):
            left, reached = (command.before, command.after) if is_redo else (command.after, command.before)
            if reached.parked is None:
                self.said.emit("That run is no longer kept as it was: it begins anew with its settings.")
            reached.parked, left.parked = None, parked
            left.settings = before or left.settings
        elif before is not None:
            path = self._controller.session_path
            text = f"open {path.name}" if path is not None else change_words(before, settings)
            self._push(OtherRun(self, text, Place(before, parked), Place(settings)))
        self._forget_old_runs()

    def _on_run_refused(self, _message: str) -> None:
        if self._moving is not None and isinstance(self._moving[0], OtherRun):
            self._step_back()

    def _on_refused(self, _message: str) -> None:
        if self._moving is not None:
            if not isinstance(self._moving[0], OtherRun):
                self._step_back()
            return
        asked, self._asked = self._asked, None
        if asked is None or not asked[0].was_refused(self._controller.settings, asked[1]):
            return
        command, is_redo, is_new = asked
        if not is_new:
            self._pass_over(not is_redo)
        elif self._commands and command is self._commands[-1] and self.stack.index() == len(self._commands):
            # A live change that was refused leaves nothing to undo.
            command.setObsolete(True)
            self._pass_over(is_redo=False)
            self._commands.pop()

    def _on_travelled(self, journey: Journey) -> None:
        moving, self._moving = self._moving, None
        if moving is not None:
            self._arrive(*moving, journey)
            return
        last = self._commands[self.stack.index() - 1] if self.stack.canUndo() else None
        if isinstance(last, Travel) and last.journey.to_line == journey.from_line and journey.from_line not in kept_lines(self._controller):
            # Nothing was trained between the two journeys: they are one.
            origin = last.journey
            last.setObsolete(True)
            self._pass_over(is_redo=False)
            del self._commands[self.stack.index()]
            if journey.to_line == origin.from_line:
                self.changed.emit()
                return
            journey = replace(journey, from_line=origin.from_line, from_step=origin.from_step)
        self._push(Travel(self, journey))

    def _arrive(self, command: UndoCommand, is_redo: bool, journey: Journey) -> None:
        """The run stands where ``command`` wanted it."""
        if isinstance(command, Travel) and is_redo:
            command.journey = replace(command.journey, to_line=journey.to_line)
        elif isinstance(command, LiveChange) and not is_redo:
            command.left_line = journey.from_line
            # What was changed together with it, or waited for its kernels, is changed back as well.
            missing = differing_keys(self._controller.settings, command.old)
            if missing:
                self._is_carrying_out = True
                self._controller.apply(missing)
                self._is_carrying_out = False

    def _on_rewinding(self, share: float | None) -> None:
        """A rewind that was given up has not come about."""
        if share is None and self._moving is not None and isinstance(self._moving[0], Travel | LiveChange):
            self._step_back()

    def _step_back(self) -> None:
        """What the run was asked for has not come about."""
        if self._moving is not None:
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
            if not isinstance(command, OtherRun):
                continue
            for place in (command.before, command.after):
                if place.parked is not None:
                    room, count = room - place.parked.byte_count, count + 1
                    if room < 0 or count > MOST_PARKED:
                        place.parked = None
