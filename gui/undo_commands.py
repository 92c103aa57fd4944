"""What can be undone: a live change, another run, a rewind, a weight set by hand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QUndoCommand

from core.settings import Settings, all_fields
from core.weight_edit import WeightEdit
from gui.change_words import change_words, differing_keys
from gui.parked_run import ParkedRun
from gui.run_controller import RunController
from gui.time_travel import Journey

if TYPE_CHECKING:
    from gui.undo import SettingsUndo


@dataclass
class Place:
    """A run that can be gone back to: its settings and, as long as it is kept, the run itself."""

    settings: Settings
    parked: ParkedRun | None = None


class UndoCommand(QUndoCommand):
    """What Qt's stack holds: ``undo`` and ``redo`` ask the run, but for the first ``redo``, with which the stack takes it in."""

    def __init__(self, undo: "SettingsUndo", text: str) -> None:
        super().__init__(text)
        self._owner = undo
        self._is_done = True

    def can_go(self, controller: RunController, is_redo: bool) -> bool:
        """Whether what it needs is still there."""
        return True

    def is_waited_for(self, is_redo: bool) -> bool:
        """Whether nothing else can be undone before the run has said that it is done."""
        return True

    def go(self, controller: RunController, is_redo: bool) -> int | None:
        """Ask the run; returns the id of the run that is being loaded for it, if one is."""
        raise NotImplementedError

    def undo(self) -> None:
        self._owner.carry_out(self, is_redo=False)

    def redo(self) -> None:
        if self._is_done:
            self._is_done = False
            return
        self._owner.carry_out(self, is_redo=True)


class LiveChange(UndoCommand):
    """Undone by the opposite change; what can't be made smaller again, by a rewind to before the change."""

    def __init__(self, undo: "SettingsUndo", old: Settings, new: Settings) -> None:
        super().__init__(undo, change_words(old, new))
        self.old, self.new = old, new
        self.left_line: int | None = None

    @property
    def grown_key(self) -> str | None:
        """What it made larger for good: a dotted key."""
        fields, before = all_fields(self.new), self.old.to_dict()
        for key, value in differing_keys(self.old, self.new).items():
            section, _, name = key.partition(".")
            if key in fields and not fields[key].may_change_live(value, before[section].get(name)):
                return key
        return None

    def is_waited_for(self, is_redo: bool) -> bool:
        return self.grown_key is not None and (not is_redo or self.left_line is not None)

    def was_refused(self, settings: Settings, is_redo: bool) -> bool:
        """Whether ``settings`` still have what it was to change."""
        wanted, other = (self.new, self.old) if is_redo else (self.old, self.new)
        now = settings.to_dict()
        return any(_value(now, key) != value for key, value in differing_keys(other, wanted).items())

    def go(self, controller: RunController, is_redo: bool) -> int | None:
        old, new = (self.old, self.new) if is_redo else (self.new, self.old)
        key = self.grown_key
        if key is not None and is_redo and self.left_line in kept_lines(controller):
            controller.return_to(self.left_line)
        elif key is not None and not is_redo:
            controller.take_back(key, self.new.to_dict()[key.partition(".")[0]][key.partition(".")[2]])
        else:
            self.left_line = None
            controller.apply(differing_keys(old, new))
        return None


class OtherRun(UndoCommand):
    """Undone by bringing the old run back."""

    def __init__(self, undo: "SettingsUndo", text: str, before: Place, after: Place) -> None:
        super().__init__(undo, text)
        self.before, self.after = before, after

    def go(self, controller: RunController, is_redo: bool) -> int | None:
        place = self.after if is_redo else self.before
        if place.parked is not None:
            return controller.resume(place.parked, controller.is_playing_wanted)
        return controller.begin(place.settings, controller.is_playing_wanted)


class Travel(UndoCommand):
    """Undone by returning to the curve that was left."""

    def __init__(self, undo: "SettingsUndo", journey: Journey) -> None:
        where = "return" if journey.is_return else "rewind"
        super().__init__(undo, f"{where} to update {journey.to_step:,}")
        self.journey = journey

    def can_go(self, controller: RunController, is_redo: bool) -> bool:
        journey = self.journey
        line = journey.to_line if is_redo else journey.from_line
        return (is_redo and not journey.is_return) or line in kept_lines(controller)

    def go(self, controller: RunController, is_redo: bool) -> int | None:
        journey = self.journey
        line = journey.to_line if is_redo else journey.from_line
        if line in kept_lines(controller):
            controller.return_to(line)
        else:
            controller.rewind(journey.to_step, journey.before_change)
        return None


class WeightChange(UndoCommand):
    """Undone by setting the old value."""

    def __init__(self, undo: "SettingsUndo", edit: WeightEdit, before: float, text: str) -> None:
        super().__init__(undo, text)
        self.edit, self.before = edit, before

    def go(self, controller: RunController, is_redo: bool) -> int | None:
        controller.edit_weight(self.edit.name, self.edit.index, self.edit.value if is_redo else self.before)
        return None


def kept_lines(controller: RunController) -> set[int]:
    """The curves that were left and can be returned to."""
    return {branch.number for branch in controller.timeline.branches}


def _value(settings: dict[str, Any], key: str) -> object:
    section, _, name = key.partition(".")
    return settings[section].get(name)
