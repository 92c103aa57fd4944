"""What the menu in a panel's title bar does: save its picture, save or copy its data, say what it is for."""

import csv
import io

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.errors import InputError
from core.files import write_atomically
from gui import dialogs
from gui.bench import PanelDock
from gui.panels.panel import Panel


def connect(window: QWidget, dock: PanelDock) -> None:
    """Wire the title bar of ``dock``; dialogs stand over ``window``."""
    header, panel, spec = dock.header, dock.panel, dock.spec
    header.save_picture_requested.connect(lambda: _save_picture(window, panel, spec.name))
    header.save_data_requested.connect(lambda: _save_data(window, panel, spec.name))
    header.copy_data_requested.connect(lambda: QGuiApplication.clipboard().setText(table_as_csv(panel)))
    header.help_requested.connect(lambda: dialogs.show_help(window, spec.title, f"<p>{spec.help}</p><p>{panel.as_sentence()}</p>"))


def table_as_csv(panel: Panel) -> str:
    """The panel's table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(panel.as_table())
    return text.getvalue()


def _save_picture(window: QWidget, panel: Panel, name: str) -> None:
    picture = panel.grab()
    path = dialogs.ask_to_save(window, "Save picture", f"{name}.png", dialogs.PICTURES, ".png")
    if path is not None and not picture.save(str(path)):
        dialogs.show_help(window, "Not saved", f"{path}: the picture can't be written there.")


def _save_data(window: QWidget, panel: Panel, name: str) -> None:
    content = table_as_csv(panel)
    path = dialogs.ask_to_save(window, "Save data", f"{name}.csv", dialogs.TABLES, ".csv")
    if path is not None:
        try:
            write_atomically(path, content.encode())
        except InputError as error:
            dialogs.show_help(window, "Not saved", str(error))
