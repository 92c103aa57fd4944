"""What the menu in a panel's title bar does: save its picture, save, copy or show its data, say what it is for."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.errors import InputError
from core.files import write_atomically
from gui import dialogs
from gui.csv_text import csv_text
from gui.frames import Frames
from gui.panel_dock import PanelDock
from gui.panel_picture import PNG, SVG, save_picture
from gui.panels.panel import Panel
from gui.table_dialog import TableDialog


def connect(window: QWidget, dock: PanelDock, frames: Frames) -> None:
    """Wire the title bar of ``dock``; dialogs stand over ``window``, and tables follow ``frames``."""
    header, spec = dock.header, dock.spec
    header.save_picture_requested.connect(lambda: _save_picture(window, dock.panel, spec.name))
    header.save_data_requested.connect(lambda: _save_data(window, dock.panel, spec.name))
    header.copy_data_requested.connect(lambda: QGuiApplication.clipboard().setText(table_as_csv(dock.panel)))
    header.table_requested.connect(lambda: show_table(window, dock, frames))
    header.help_requested.connect(lambda: dialogs.show_help(window, spec.title, panel_help(dock)))


def panel_help(dock: PanelDock) -> str:
    """What a panel is for, and what it shows now."""
    return f"<p>{dock.spec.help}</p><p>{dock.panel.as_sentence()}</p>"


def table_as_csv(panel: Panel) -> str:
    """The panel's table as CSV."""
    return csv_text(panel.as_table())


def show_table(window: QWidget, dock: PanelDock, frames: Frames) -> TableDialog:
    """Open the panel's table beside the window."""
    dialog = TableDialog(window, dock.spec.title, dock.panel)
    frames.shown.connect(dialog.on_frame_shown)
    dialog.show()
    return dialog


def _save_picture(window: QWidget, panel: Panel, name: str) -> None:
    path = dialogs.ask_to_save(window, "Save picture", f"{name}.png", dialogs.DRAWINGS, PNG, SVG)
    if path is not None:
        try:
            save_picture(panel, path, name)
        except InputError as error:
            dialogs.show_help(window, "Not saved", str(error))


def _save_data(window: QWidget, panel: Panel, name: str) -> None:
    content = table_as_csv(panel)
    path = dialogs.ask_to_save(window, "Save data", f"{name}.csv", dialogs.TABLES, ".csv")
    if path is not None:
        try:
            write_atomically(path, content.encode())
        except InputError as error:
            dialogs.show_help(window, "Not saved", str(error))
