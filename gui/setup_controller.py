"""Turns what a person sets into commands for the run: live changes, new runs, another task, a file of their own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core import own_data, registry
from core.errors import InputError
from core.presets import preset_ids
from core.settings import Settings, all_fields
from gui.drop_overlay import DropPlan
from gui.explain import Remedy
from gui.run_controller import RunController
from gui.time_travel import Journey

# A slider that is dragged sends its value when it rests this long, so that a drag leaves one mark and not thirty.
REST_MILLISECONDS = 150
SESSION_ENDING = ".rnnp"
OF_THE_RUN_BEFORE = "That belongs to the run before: another one is being loaded."
REBUILT = "Rebuilt from the start: fewer units can't hold what more had learned."


class SetupController(QObject):
    """Live settings go to the run when their control rests; the others begin a new one, which plays on if the old one did.

    ``refused`` says what is wrong with a wish; the controls must then be shown anew, as the wish was not taken. ``preset`` names the one
    that the run began with, as long as it is about the same task. ``noted`` carries a dotted key and what became of its last change.
    """

    refused = Signal(str)
    noted = Signal(str, str)

    def __init__(self, controller: RunController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._pending: dict[str, Any] = {}
        self.preset = ""
        self._wish: Settings | None = None
        self._unusable: dict[str, Any] = {}
        self._after_rewind: Remedy | None = None
        controller.travelled.connect(self._on_travelled)
        controller.rewinding.connect(self._on_rewinding)
        controller.run_began.connect(self._on_run_began)
        controller.run_refused.connect(self._on_run_refused)
        controller.settling.connect(self.settle)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._apply_pending)

    def stop(self) -> None:
        """Forget what is pending."""
        self._rest.stop()
        self._pending.clear()

    @property
    def unusable(self) -> dict[str, Any]:
        """Dotted key -> value of a file and columns that were chosen and can't be used: still to be mended; empty where there are none."""
        return dict(self._unusable)

    def begin(self, *choices: Settings) -> None:
        """A fresh run with the first of ``choices`` whose data can be read; one that is playing goes on playing with it."""
        self.stop()
        self._wish = choices[0]
        self._controller.begin_first_that_loads(choices, self._controller.is_playing_wanted)

    def reset(self) -> None:
        """The same seed, the same weights: the same curve again."""
        self.begin(self._controller.wanted_settings.with_changes(self._pending))

    def set_seed(self, seed: int) -> None:
        """A fresh run from another seed."""
        self.change("training.seed", seed)

    def begin_preset(self, preset_id: str) -> None:
        """A preset as it is, from its own seed."""
        try:
            settings = Settings.preset(preset_id)
        except InputError as error:
            self._refuse(str(error))
            return
        self.preset = preset_id
        self.begin(settings)

    def forget_preset(self) -> None:
        """What follows is no longer what the preset tells of."""
        self.preset = ""

    def begin_task(self, name: str) -> None:
        """Another task, with the settings of its preset but the cell and seed as they are."""
        self.forget_preset()
        try:
            self.begin(self._for_task(name, {}))
        except InputError as error:
            self._refuse(str(error))

    def plan_for(self, path: Path) -> DropPlan:
        """What ``open_file`` would do."""
        try:
            if path.suffix.lower() == SESSION_ENDING:
                return DropPlan("Open this session", path.name, True)
            takers = self._tasks_for(path)
        except InputError as error:
            return DropPlan("This can't be used", str(error), False)
        title = registry.tasks()[takers[0]].title
        stays = "goes on with" if takers[0] == self._controller.wanted_settings.task.name else "takes"
        return DropPlan(f"Train on {path.name}", f"The task {title} {stays} it as its data.", True)

    def open_file(self, path: Path) -> None:
        """Open a session, or train on any other file."""
        if path.suffix.lower() == SESSION_ENDING:
            self.forget_preset()
            self._controller.open_session(path)
        else:
            self.open_data(path)

    def open_data(self, path: Path) -> None:
        """Train on a person's own file, with the task that suits it best: the present one if none suits better."""
        self.forget_preset()
        try:
            self.begin(*(self._for_task(name, {"task.file": str(path)}) for name in self._tasks_for(path)))
        except InputError as error:
            self._refuse(str(error))

    def _tasks_for(self, path: Path) -> list[str]:
        """Raises InputError where no task takes the file."""
        if path.is_dir():
            raise InputError(f"{path.name}: is a folder: drop a file")
        takers = own_data.tasks_for(str(path), self._controller.wanted_settings.task.name)
        if not takers:
            raise InputError(f"{path.name}: files that can be opened end in {', '.join((*own_data.endings(), SESSION_ENDING))}")
        return takers

    def change(self, key: str, value: Any) -> None:
        """A control was moved: ``key`` is dotted."""
        settings = self._controller.wanted_settings
        fields = all_fields(settings)
        if key not in fields:
            # A control of the task or cell before, in the moment in which another one is being loaded.
            self._refuse(OF_THE_RUN_BEFORE)
            return
        changes = {**self._pending, key: value}
        if fields[key].kind in ("file", "column"):
            changes = {**self._unusable, **changes}
        if fields[key].kind == "file":
            # Columns are those of one table.
            changes |= {other: "" for other, info in fields.items() if info.kind == "column" and f"task.{info.of}" == key}
        try:
            new = settings.with_changes(changes)
        except InputError as error:
            self._refuse(str(error))
            return
        if self._goes_on(settings, {key: value}):
            self._pending[key] = value
            self._rest.start()
        else:
            self.begin(new)
        if fields[key].is_growing:
            self.noted.emit(key, self._note_of(key, value, settings))

    def carry_out(self, remedy: Remedy) -> None:
        """Do what a button of the status line proposes, and play on."""
        settings = self._controller.settings
        if remedy.rewind_to is not None:
            self._after_rewind = replace(remedy, rewind_to=None)
            self._controller.rewind(remedy.rewind_to)
            return
        try:
            if self._goes_on(settings, remedy.changes):
                if remedy.changes:
                    self._controller.apply(remedy.changes)
                self._controller.play()
            else:
                self._controller.begin(settings.with_changes(remedy.changes), is_playing=True)
        except InputError as error:
            self._refuse(str(error))

    def _goes_on(self, settings: Settings, changes: dict[str, Any]) -> bool:
        """Whether the run goes on with ``changes``; a network that has learned nothing yet begins anew rather than grow."""
        fields, now = all_fields(settings), settings.to_dict()

        def goes_on(key: str, value: Any) -> bool:
            section, _, name = key.partition(".")
            is_grown = self._controller.is_trained and fields[key].may_change_live(now[section].get(name), value)
            return fields[key].is_live or is_grown

        return all(goes_on(key, value) for key, value in changes.items())

    def _note_of(self, key: str, value: Any, before: Settings) -> str:
        if not self._controller.history.step:
            return ""
        section, _, name = key.partition(".")
        return REBUILT if value < before.to_dict()[section][name] else ""

    def settle(self) -> None:
        """What waits for its control to rest goes to the run now."""
        if self._rest.isActive():
            self._rest.stop()
            self._apply_pending()

    def _on_travelled(self, _journey: Journey) -> None:
        remedy, self._after_rewind = self._after_rewind, None
        if remedy is not None:
            self.carry_out(remedy)

    def _on_rewinding(self, share: float | None) -> None:
        """At its end, also where it was refused or given up."""
        if share is None:
            self._after_rewind = None

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

    def _on_run_began(self, settings: Settings) -> None:
        self._unusable, self._after_rewind = {}, None

    def _on_run_refused(self, message: str) -> None:
        now, wish = self._controller.settings, self._wish
        self._unusable = {}
        if wish is not None and wish.task.name == now.task.name:
            wanted, present = wish.to_dict()["task"], now.to_dict()["task"]
            names = [key.partition(".")[2] for key in own_data.data_keys(all_fields(now))]
            self._unusable = {f"task.{name}": wanted[name] for name in names if wanted[name] != present[name]}

    def _refuse(self, message: str) -> None:
        self.refused.emit(message)
