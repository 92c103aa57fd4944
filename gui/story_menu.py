"""The menu of stories: of each its chapters in the order in which they are told; and a preset of every task, in the gallery's order."""

from collections.abc import Callable

from core import registry
from core.presets import presets, stories
from gui.controls.menu import Menu
from gui.controls.tooltips import choose_mnemonic, tooltip, with_mnemonic


def fill_story_menu(menu: Menu, begin: Callable[[str], None]) -> None:
    """A menu for each story, its chapters with what to watch as their tooltips; below, one of the presets of tasks."""
    menu.setToolTipsVisible(True)
    known = presets()
    # "A preset of each task" has the p.
    taken = {"p"}
    for story, names in stories().items():
        chapters = menu.add_menu(with_mnemonic(story, choose_mnemonic(story, taken)))
        chapters.setToolTipsVisible(True)
        letters: set[str] = set()
        for name in names:
            _add(chapters, name, known[name].title, known[name].description, begin, letters)
    menu.addSeparator()
    of_tasks = menu.add_menu("A &preset of each task")
    of_tasks.setToolTipsVisible(True)
    told = {name for names in stories().values() for name in names}
    letters = set()
    by_task = [name for name in registry.tasks() if name in known]
    for name in [*by_task, *(name for name in known if name not in told and name not in by_task)]:
        _add(of_tasks, name, known[name].title or name, known[name].description, begin, letters)


def _add(menu: Menu, name: str, title: str, help: str, begin: Callable[[str], None], letters: set[str]) -> None:
    action = menu.add(with_mnemonic(title, choose_mnemonic(title, letters)))
    action.setToolTip(tooltip(help))
    action.setStatusTip(help)
    action.triggered.connect(lambda _checked=False: begin(name))
