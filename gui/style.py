"""How the window looks now: theme, text size, fonts and motion; handed to Qt as palette, font and style sheets.

Widgets that paint themselves inherit ``Styled`` and read ``current_look()`` while painting; ``apply_look`` tells them when it has
changed. Qt's own widgets, fields and lists and menus, ``wear`` the part of the style sheet that is about them.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui.style_sheet import style_sheet
from gui.theme import DARK, SIZE_BODY, SIZE_LABEL, WEIGHT_BODY, Theme

UI_FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"


@dataclass(frozen=True)
class Look:
    """A theme at a text size (1.0 is normal, 1.4 for the back row), with or without motion."""

    theme: Theme = DARK
    text_size: float = 1.0
    is_motion_reduced: bool = False

    def px(self, length: float) -> int:
        """``length`` in px at text size 1.0, at this text size."""
        return round(length * self.text_size)

    def color(self, role: str) -> QColor:
        """The theme's colour of that name."""
        return QColor(getattr(self.theme, role))

    def font(self, size: int = SIZE_BODY, weight: int = WEIGHT_BODY) -> QFont:
        """The window's font with figures of one width; ``size`` in px at text size 1.0."""
        return _sized(_ui_font(), self.px(size), weight)

    def mono(self, size: int = SIZE_BODY, weight: int = WEIGHT_BODY) -> QFont:
        """The font for counters and texts that are read symbol by symbol."""
        return _sized(_mono_font(), self.px(size), weight)

    def sheet(self, *sections: str) -> str:
        """Those sections of the style sheet; left out: all."""
        return _sheet(self.theme, self.text_size, sections)

    def duration(self, milliseconds: int) -> int:
        """How long a movement takes: 0 where motion is reduced."""
        return 0 if self.is_motion_reduced else milliseconds

    def palette(self, tone: str = "") -> QPalette:
        """The same colours for those of Qt's widgets that the style sheet does not name; for a label, whose text has the ``tone``."""
        # Palettes share what they hold until one is changed.
        return QPalette(_palette(self.theme, tone))


class Styled:
    """Mixed into a QWidget that paints itself or sizes itself by the text: ``restyle`` is called whenever the look has changed.

    A widget calls its own ``restyle`` at the end of its constructor where it has set sizes or fonts there.
    """

    def restyle(self) -> None:
        """Take over the look: fixed sizes, fonts. Painting reads it anyway."""
        self.updateGeometry()  # type: ignore[attr-defined]
        self.update()  # type: ignore[attr-defined]


_look = Look()
_is_dressed = _is_dressing = False


def is_dressed() -> bool:
    """Whether ``apply_look`` was called yet."""
    return _is_dressed


def is_dressing() -> bool:
    """Whether ``apply_look`` is at work: it restyles everything in the end, so nobody need answer Qt's many messages meanwhile."""
    return _is_dressing


def current_look() -> Look:
    """The look that ``apply_look`` set last."""
    return _look


def apply_look(application: QApplication, look: Look) -> None:
    """Dress the whole program: palette, font, style sheet, and every ``Styled`` widget that exists."""
    global _look, _is_dressed, _is_dressing
    is_first, old, _look = not _is_dressed, _look, look
    _is_dressed = _is_dressing = True
    try:
        # Each of these has Qt tell every widget: none is done in vain.
        if is_first:
            application.setStyle("Fusion")
        if is_first or look.text_size != old.text_size:
            application.setFont(look.font())
            QToolTip.setFont(look.font(SIZE_LABEL))
        if is_first or look.theme != old.theme:
            application.setPalette(look.palette())
            QToolTip.setPalette(look.palette())
    finally:
        _is_dressing = False
    for window in QApplication.topLevelWidgets():
        # What is inside first: who fits parts into its width asks them how wide they are.
        for widget in reversed((window, *window.findChildren(QWidget))):
            if isinstance(widget, Styled):
                widget.restyle()


def restyle(parent: QWidget) -> None:
    """Dress ``parent`` and what it holds anew: a widget that changed its window has taken over the palette of the other."""
    for widget in (parent, *parent.findChildren(QWidget)):
        if isinstance(widget, Styled):
            widget.restyle()


def wear(widget: QWidget, *sections: str) -> None:
    """Dress one of Qt's own widgets, and what it holds, in those sections of the style sheet; left out: all, as for a dialog.

    To be called in its ``restyle``, or when it is about to be shown.
    """
    sheet = _look.sheet(*sections)
    if widget.styleSheet() != sheet:
        widget.setStyleSheet(sheet)


@lru_cache(maxsize=64)
def _sheet(theme: Theme, text_size: float, sections: tuple[str, ...]) -> str:
    return style_sheet(theme, text_size, sections)


@lru_cache(maxsize=32)
def _palette(theme: Theme, tone: str) -> QPalette:
    roles = QPalette.ColorRole
    colors = {
        roles.Window: "window",
        roles.WindowText: "text",
        roles.Base: "panel",
        roles.AlternateBase: "raised",
        roles.Text: "text",
        roles.PlaceholderText: "text_3",
        roles.Button: "raised",
        roles.ButtonText: "text",
        roles.BrightText: "text",
        roles.ToolTipBase: "raised",
        # Of their border; what they say has a colour of its own (gui.controls.tooltips).
        roles.ToolTipText: "text_3",
        roles.Highlight: "accent_fill",
        roles.HighlightedText: "on_accent",
        roles.Accent: "accent_fill",
        roles.Link: "accent",
        roles.LinkVisited: "accent",
        roles.Light: "raised_2",
        roles.Midlight: "raised",
        roles.Mid: "line_2",
        roles.Dark: "line",
        roles.Shadow: "window",
    }
    palette = QPalette()
    for role, name in colors.items():
        palette.setColor(role, QColor(getattr(theme, name)))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.text_3))
    if tone:
        palette.setColor(roles.WindowText, QColor(getattr(theme, tone)))
    return palette


@cache
def _ui_font() -> QFont:
    if QFontDatabase.hasFamily(UI_FAMILY):
        return QFont(UI_FAMILY)
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


@cache
def _mono_font() -> QFont:
    if QFontDatabase.hasFamily(MONO_FAMILY):
        return QFont(MONO_FAMILY)
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def _sized(base: QFont, pixels: int, weight: int) -> QFont:
    # A copy: whoever asked may change it.
    return QFont(_made(pixels, weight, base is _mono_font()))


@lru_cache(maxsize=256)
def _made(pixels: int, weight: int, is_mono: bool) -> QFont:
    font = QFont(_mono_font() if is_mono else _ui_font())
    font.setPixelSize(max(1, pixels))
    font.setWeight(QFont.Weight(weight))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
