"""The menu of stories: each story's presets in the order in which they are told, and a preset for every task."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from core.presets import presets, stories


def fill_story_menu(menu: QMenu, begin: Callable[[str], None]) -> None:
    """One entry for each chapter, with what to watch as its tooltip; below, a menu of the presets of tasks."""
    menu.setToolTipsVisible(True)
    known = presets()
    for story, names in stories().items():
        menu.addSection(story)
        for name in names:
            _add(menu, name, known[name].title, known[name].description, begin)
    menu.addSeparator()
    of_tasks = menu.addMenu("A &preset of each task")
    of_tasks.setToolTipsVisible(True)
    told = {name for names in stories().values() for name in names}
    for name, info in known.items():
        if name not in told:
            _add(of_tasks, name, info.title or name, info.description, begin)


def _add(menu: QMenu, name: str, title: str, help: str, begin: Callable[[str], None]) -> None:
    action = menu.addAction(title.replace("&", "&&"))
    action.setToolTip(help)
    action.setStatusTip(help)
    action.triggered.connect(lambda _checked=False: begin(name))
