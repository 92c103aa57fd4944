"""What a person can ask of the race: begin it, add to it, change it for all runs; what would throw work away is asked first."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core import registry
from core.settings import Settings
from gui import dialogs
from gui.explain import Remedy
from gui.race_remedies import RaceRemedy

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class RaceCommands(QObject):
    """Carries wishes to the race, and sees to it that it has room to be watched."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    def show(self, names: Sequence[str] = ()) -> None:
        """Show the race, and give it the transport. Where none is on, one of all cells begins, or of ``names``; else these join."""
        window, race = self._window, self._window.race
        if "compare" not in window.bench.docks:
            return
        base = window.controller.wanted_settings
        if not race.runs:
            self._begin(base, names)
        elif names and not race.takes(base):
            self._ask(
                "Another race",
                "The race that is on learns from other data. Its runs end, and another race begins.",
                "&Begin the other",
                lambda: self._begin(base, names),
            )
        else:
            self._open()
            race.take_transport()
            for name in names:
                wanted = base.with_changes({"network.cell": name})
                if all(run.entry.settings != wanted for run in race.runs):
                    race.add(wanted, race.is_matched)
            if names:
                race.play()

    def toggle_transport(self) -> None:
        """Play, step and reset mean the race where they mean the own run, and the other way round."""
        if self._window.race.is_driven:
            self._window.race.give_up_transport()
        else:
            self.show()

    def set_matched(self, is_matched: bool) -> None:
        """As many parameters for all runs, or the same hidden size: they begin anew."""
        size = "as many parameters as the run it began from" if is_matched else "the same hidden size"
        self._anew(f"All runs get {size}.", lambda: self._window.race.set_matched(is_matched))

    def end(self) -> None:
        """End the race; the bench is there for the other panels again."""
        self._window.race.end()
        if self._window.bench.enlarged == "compare":
            self._window.bench.leave_enlarged()

    def remedies(self, offered: Sequence[RaceRemedy]) -> tuple[Remedy, ...]:
        """The buttons of the status line for what would help, and one that gives the transport back."""
        return (
            *(Remedy(remedy.label, {}, carry_out=self._carrying_out(remedy)) for remedy in offered),
            Remedy("Own run", {}, carry_out=self.toggle_transport),
        )

    def _carrying_out(self, remedy: RaceRemedy) -> Callable[[], None]:
        return lambda: self._carry_out(remedy)

    def _carry_out(self, remedy: RaceRemedy) -> None:
        race = self._window.race
        if remedy.letter and not any(run.letter == remedy.letter for run in race.runs):
            return
        if remedy.for_all:
            changes = dict(remedy.changes)
            self._anew("All runs learn from other data.", lambda: race.change_all(changes))
        elif remedy.changes:
            entry = race.run(remedy.letter).entry
            race.add(entry.settings.with_changes(dict(remedy.changes)), entry.is_matched)
        else:
            race.stop(remedy.letter)

    def _begin(self, base: Settings, names: Sequence[str]) -> None:
        self._open()
        self._window.pause()
        self._window.race.begin(base, tuple(names) or tuple(registry.cells()))

    def _open(self) -> None:
        """Where it stands among the others a race is too small to be read."""
        bench = self._window.bench
        if bench.enlarged != "compare" and not bench.docks["compare"].isFloating():
            bench.enlarge("compare")
        bench.docks["compare"].show()
        bench.docks["compare"].raise_()

    def _anew(self, what: str, carry_out: Callable[[], None]) -> None:
        """Ask where the runs have learned something that is lost."""
        if self._window.race.step == 0:
            carry_out()
        else:
            self._ask("All runs begin anew", f"{what} They begin anew, and what they have learned is lost.", "&Begin anew", carry_out)

    def _ask(self, title: str, text: str, yes: str, carry_out: Callable[[], None]) -> None:
        # What was pressed shows again what holds, until it is answered.
        dialogs.ask(self._window, title, text, yes, carry_out, self._window.race.changed.emit)
