"""Writes pictures to files beside the window's thread: to pack one takes longer than a person should wait for an answer."""

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage


class PictureWriter(QObject):
    """``failed`` says which file can't be written."""

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[threading.Thread] = []

    def write(self, picture: QImage, path: Path) -> None:
        """Begin to write ``picture`` to ``path``; nobody may change it any more."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._write, args=(picture, path), name="picture")
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        """Wait until all is written."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _write(self, picture: QImage, path: Path) -> None:
        if not picture.save(str(path)):
            self.failed.emit(f"{path}: the picture can't be written there")
