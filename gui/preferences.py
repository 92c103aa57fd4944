"""What the window remembers between starts: theme, text size, where it stood."""

import hashlib
from collections.abc import Iterable

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QApplication

from core.folders import config_folder
from gui.style import Look
from gui.theme import THEMES

THEME_NAMES = ("dark", "light", "system")
TEXT_SIZES = {"Normal": 1.0, "Large": 1.2, "For the back row": 1.4}


def _check(state: QByteArray, panels: Iterable[str]) -> str:
    """Tells a layout as it was written, of just these panels."""
    return hashlib.sha256(",".join(sorted(panels)).encode() + bytes(state.data())).hexdigest()[:16]


class Preferences:
    """Reads and writes an .ini file in the user's configuration folder; one that is damaged counts as empty."""

    def __init__(self, is_remembering: bool = True) -> None:
        path = config_folder() / "window.ini"
        self._file = QSettings(str(path), QSettings.Format.IniFormat) if is_remembering else None
        theme = self._read("theme")
        self._theme = theme if theme in THEME_NAMES else "dark"
        size = self._read("text_size")
        self._is_keeping_runs = self._read("keep_runs") != "no"
        self._text_size = next((value for value in TEXT_SIZES.values() if str(value) == size), 1.0)

    @property
    def theme(self) -> str:
        """One of THEME_NAMES."""
        return self._theme

    @theme.setter
    def theme(self, name: str) -> None:
        self._theme = name
        self._write("theme", name)

    @property
    def text_size(self) -> float:
        """Factor on all text sizes."""
        return self._text_size

    @text_size.setter
    def text_size(self, factor: float) -> None:
        self._text_size = factor
        self._write("text_size", str(factor))

    @property
    def is_remembering(self) -> bool:
        """Whether anything outlives this window: it does not where it is only drawn or checked."""
        return self._file is not None

    @property
    def is_keeping_runs(self) -> bool:
        """Whether runs are kept in the library of past runs."""
        return self._is_keeping_runs

    @is_keeping_runs.setter
    def is_keeping_runs(self, is_keeping: bool) -> None:
        self._is_keeping_runs = is_keeping
        self._write("keep_runs", "yes" if is_keeping else "no")

    @property
    def geometry(self) -> QByteArray:
        """Size and place of the window; empty where there is none."""
        value = self._file.value("geometry") if self._file is not None else None
        return value if isinstance(value, QByteArray) else QByteArray()

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._write("geometry", value)

    def layout(self, size_class: str, panels: Iterable[str]) -> QByteArray:
        """Where the panels stood last in a window of ``size_class``; empty where that is unknown, damaged, or of other panels."""
        value = self._file.value(f"layout_{size_class}") if self._file is not None else None
        state = value if isinstance(value, QByteArray) else QByteArray()
        return state if self._read(f"layout_{size_class}_check") == _check(state, panels) else QByteArray()

    def remember_layout(self, size_class: str, panels: Iterable[str], state: QByteArray) -> None:
        """Keep where the panels stand."""
        self._write(f"layout_{size_class}", state)
        self._write(f"layout_{size_class}_check", _check(state, panels))

    def forget_layouts(self) -> None:
        """Panels stand where they stood at first."""
        if self._file is not None:
            for key in [key for key in self._file.allKeys() if key.startswith("layout_")]:
                self._file.remove(key)

    def look(self, application: QApplication) -> Look:
        """Theme and text size as preferred; "system" asks the desktop."""
        name = self.theme
        if name == "system":
            name = "light" if application.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"
        return Look(THEMES[name], self.text_size)

    def _read(self, key: str) -> str:
        return str(self._file.value(key, "")) if self._file is not None else ""

    def _write(self, key: str, value: object) -> None:
        if self._file is not None:
            self._file.setValue(key, value)
