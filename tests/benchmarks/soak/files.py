"""What a person does with files: sessions, pictures, tables, data of their own, and files that are no good."""

from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from gui import dialogs
from gui.controls import file_field
from tests.benchmarks.soak.person import Person

TEXT = "The quick brown fox jumps over the lazy dog.\n" * 60
SERIES = "date,price\n" + "".join(f"2020-01-{day % 28 + 1:02},{100 + day % 17 + 0.1 * day:.1f}\n" for day in range(400))
LABELLED = "text,label\n" + "".join(f"a {'good' if k % 2 else 'bad'} thing number {k},{'yes' if k % 2 else 'no'}\n" for k in range(200))
BROKEN = {"empty.csv": "", "broken.rnnp": "no session at all", "numbers.csv": "a,b\n1,x\n", "odd.xyz": "?", "half.mid": "MThd"}
MOST_FILES = 40


def prepare(person: Person) -> None:
    """Files to open; and nobody is asked where to save or what to open: what is saved goes to the person's own folder."""
    for name, content in {"fox.txt": TEXT, "prices.csv": SERIES, "labelled.csv": LABELLED, **BROKEN}.items():
        (person.folder / name).write_text(content, encoding="utf-8")

    def ask_to_save(parent: QWidget, title: str, proposal: str, kinds: str, *suffixes: str) -> Path | None:
        if person.chance.random() < 0.1:
            return None
        path = person.folder / proposal
        return path.with_name(f"{path.stem}-{person.chance.randrange(MOST_FILES)}").with_suffix(person.chance.choice(suffixes))

    def ask_to_open(parent: QWidget, title: str, kinds: str) -> Path | None:
        return None if person.chance.random() < 0.1 else _any_file(person)

    class Files:
        """Stands in for Qt's dialog."""

        @staticmethod
        def getOpenFileName(parent: QWidget, title: str, start: str, kinds: str) -> tuple[str, str]:
            path = ask_to_open(parent, title, kinds)
            return ("" if path is None else str(path), kinds)

    dialogs.ask_to_save = ask_to_save  # type: ignore[assignment]
    dialogs.ask_to_open = ask_to_open
    file_field.QFileDialog = Files  # type: ignore[assignment,misc]


def _any_file(person: Person, *endings: str) -> Path:
    there = [path for path in sorted(person.folder.iterdir()) if path.is_file() and (not endings or path.suffix in endings)]
    return person.chance.choice(there) if there else person.folder / "missing.rnnp"


def save_session(person: Person) -> None:
    """Where it was saved before, or elsewhere; also while it trains."""
    person.chance.choice([person.window.commands.on_save, person.window.commands.on_save_as])()
    person.wait(0.3)


def open_session(person: Person) -> None:
    """One that was saved; sometimes one that is none."""
    path = _any_file(person, ".rnnp")
    person.name(path.name)
    person.window.open_session(path)
    person.wait(0.3)


def open_data(person: Person) -> None:
    """A text or table, or something else altogether."""
    path = _any_file(person)
    person.name(path.name)
    person.window.setup_controller.open_file(path)
    person.wait(0.3)


def save_from_panel(person: Person) -> None:
    """Picture, data, table and help of every panel."""
    docks = person.window.bench.docks
    name, number = person.draw("panel entries", [(name, k) for name in docks for k in range(5)])
    dock = docks[name]
    if not dock.panel.isVisible():
        person.window.bench.show_panel(name)
        person.wait(0.05)
    menu = dock.header.findChild(QMenu)
    assert menu is not None
    chosen = [action for action in menu.actions() if action.text()][number]
    person.name(f"{name}: {chosen.text()}")
    chosen.trigger()


def save_picture_of_window(person: Person) -> None:
    """As it is."""
    person.window.commands.on_save_picture()


ACTIONS = {save_session: 2, open_session: 2, open_data: 2, save_from_panel: 5, save_picture_of_window: 1}
