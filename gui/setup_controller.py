"""Turns what a person sets into commands for the run: live changes, new runs, another task, a file of their own."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core import registry
from core.errors import InputError
from core.fields import fields_of
from core.presets import preset_ids
from core.settings import Settings
from core.task import Task
from gui.explain import Remedy
from gui.run_controller import RunController

# A slider that is dragged sends its value when it rests this long, so that a drag leaves one mark and not thirty.
REST_MILLISECONDS = 150


class SetupController(QObject):
    """Live settings go to the run when their control rests; the others begin a new one, which plays on if the old one did.

    ``refused`` says what is wrong with a wish; the controls must then be shown anew, as the wish was not taken.
    """

    refused = Signal(str)

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._pending: dict[str, Any] = {}
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._apply_pending)

    def stop(self) -> None:
        """Forget what is pending."""
        self._rest.stop()
        self._pending.clear()

    def begin(self, *choices: Settings) -> None:
        """A fresh run with the first of ``choices`` whose data can be read; one that is playing goes on playing with it."""
        self.stop()
        self._controller.begin_first_that_loads(choices, self._controller.is_playing_wanted)

    def reset(self) -> None:
        """The same seed, the same weights: the same curve again."""
        self.begin(self._controller.wanted_settings.with_changes(self._pending))

    def set_seed(self, seed: int) -> None:
        """A fresh run from another seed."""
        self.change("training.seed", seed)

    def begin_task(self, name: str) -> None:
        """Another task, with the settings of its preset but the cell and seed as they are."""
        try:
            self.begin(self._for_task(name, {}))
        except InputError as error:
            self._refuse(str(error))

    def open_data(self, path: Path) -> None:
        """Train on a person's own text or table, with the first task that can read it: the present one if it can."""
        takers = [name for name, task in registry.tasks().items() if path.suffix.lower() in _data_suffixes(task)]
        if not takers:
            self._refuse(f"{path.name}: texts (.txt), tables (.csv, .tsv) and sessions (.rnnp) can be opened")
            return
        takers.sort(key=lambda name: name != self._controller.wanted_settings.task.name)
        try:
            self.begin(*(self._for_task(name, {"task.file": str(path)}) for name in takers))
        except InputError as error:
            self._refuse(str(error))

    def change(self, key: str, value: Any) -> None:
        """A control was moved: ``key`` is dotted."""
        settings = self._controller.wanted_settings
        try:
            new = settings.with_changes({**self._pending, key: value})
        except InputError as error:
            self._refuse(str(error))
            return
        if settings.field_info(key).is_live:
            self._pending[key] = value
            self._rest.start()
        else:
            self.begin(new)

    def carry_out(self, remedy: Remedy) -> None:
        """Do what a button of the status line proposes, and play on."""
        settings = self._controller.settings
        try:
            if all(settings.field_info(key).is_live for key in remedy.changes):
                self._controller.apply(remedy.changes)
                self._controller.play()
            else:
                self._controller.begin(settings.with_changes(remedy.changes), is_playing=True)
        except InputError as error:
            self._refuse(str(error))

    def _apply_pending(self) -> None:
        changes, self._pending = self._pending, {}
        try:
            self._controller.apply(changes)
        except InputError as error:
            self._refuse(str(error))

    def _for_task(self, name: str, changes: dict[str, Any]) -> Settings:
        now = self._controller.wanted_settings
        kept = {"network.cell": now.network.cell, "training.seed": now.training.seed}
        base = Settings.preset(name) if name in preset_ids() else Settings().with_changes({"task.name": name})
        return base.with_changes({**kept, **changes})

    def _refuse(self, message: str) -> None:
        self.refused.emit(message)


def _data_suffixes(task: type[Task]) -> tuple[str, ...]:
    """Endings of the files that ``task`` can be trained on."""
    info = fields_of(task.Settings).get("file")
    return info.suffixes if info is not None else ()
