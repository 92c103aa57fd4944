"""What a person does with a race."""

from collections.abc import Callable

from core import registry
from gui.race_run import RaceRun
from tests.benchmarks.soak.person import Person


def race(person: Person) -> None:
    """Begin a race of all cells, or watch the one that is on."""
    person.window.commands.on_race()
    person.wait(person.chance.uniform(0.2, 1.5))


def use_race(person: Person) -> None:
    """One thing with the race that is on."""
    window = person.window
    runs = window.race
    if not runs.runs:
        race(person)
        return
    some: RaceRun = person.chance.choice(runs.runs)
    commands = window.commands
    wishes: dict[str, Callable[[], None]] = {
        "play or pause": runs.toggle,
        "update": lambda: runs.do_step("update"),
        "epoch": lambda: runs.do_step("epoch"),
        "reset": runs.reset,
        "new seed": commands.on_new_seed,
        "stop one": lambda: runs.stop(some.letter, not some.is_stopped),
        "use one": lambda: runs.use(some.letter),
        "remove one": lambda: runs.remove(some.letter),
        "add one": lambda: runs.add(
            some.entry.settings.with_changes({"network.cell": person.draw("raced cells", tuple(registry.cells()))}), runs.is_matched
        ),
        "even": lambda: runs.set_even(not runs.is_even),
        "match": lambda: commands.race.set_matched(not runs.is_matched),
        "own run": commands.race.toggle_transport,
        "watch": lambda: window.bench.show_panel("compare"),
        "end": commands.race.end,
    }
    name = person.draw("race", tuple(wishes))
    person.name(name)
    wishes[name]()
    person.wait(person.chance.choice([0.0, 0.1, 0.5]))


ACTIONS = {race: 2, use_race: 6}
