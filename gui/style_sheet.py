"""The style sheet for Qt's own widgets: fields, lists, menus, tabs, scroll bars, dialogs.

It is no sheet of the application: with one Qt matches every rule with every widget there is, hundreds of which paint themselves, when
the window appears and whenever the look changes. Each of Qt's own widgets wears the sections that it needs (``gui.style.wear``).
"""

from collections.abc import Sequence
from string import Template

from gui.theme import (
    GAP,
    HEIGHT_BUTTON,
    HEIGHT_FIELD,
    HEIGHT_MENU,
    HEIGHT_PANEL_HEADER,
    RADIUS_BUTTON,
    RADIUS_FIELD,
    RADIUS_PANEL,
    WEIGHT_NUMBER,
    WEIGHT_TITLE,
    WIDTH_TAB_OVERFLOW,
    Theme,
)

_SECTIONS = {
    "window": """
QDialog { background: $window; }
""",
    "menu": """
QMenuBar { background: $panel; color: $text_2; border-bottom: 1px solid $line; padding: 0 ${gap}px; min-height: ${menu}px; }
QMenuBar::item { background: transparent; padding: ${quarter}px ${pad_wide}px; border-radius: ${radius_field}px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $raised_2; color: $text; }
QMenu { background: $panel; color: $text; border: 1px solid $line_2; padding: ${half}px; }
QMenu::item { padding: ${half}px ${pad_menu}px ${half}px ${pad_wide}px; border-radius: ${radius_field}px; }
QMenu::icon { padding-left: ${half}px; }
QMenu::item:selected { background: $accent_wash; color: $text; }
QMenu::item:disabled { color: $text_3; }
QMenu::separator { height: 1px; background: $line; margin: ${half}px; }
""",
    "line": """
QLineEdit {
    background: $raised; color: $text; border: 1px solid $line; border-radius: ${radius_field}px; padding: 0 ${pad_text}px;
    selection-background-color: $accent_fill; selection-color: $on_accent;
}
QLineEdit:hover { border-color: $line_2; }
QLineEdit:focus { border: 1px solid $accent; }
QLineEdit:disabled { color: $text_3; }
QLineEdit[is_bad="true"] { color: $bad; border: 1px solid $bad; }
NumberField { font-weight: $weight_number; }
Stepper > NumberField { background: transparent; border: none; border-radius: 0; padding: 0; font-weight: $weight_title; }
Stepper > NumberField:focus { border: 1px solid $accent; }
Stepper > NumberField[is_bad="true"] { border: 1px solid $bad; }
""",
    "choice": """
QComboBox {
    background: $raised; color: $text; border: 1px solid $line_2; border-radius: ${radius_button}px;
    padding: 0 ${pad_combo}px 0 ${pad_field}px;
}
QComboBox:hover { background: $raised_2; }
QComboBox:focus { border: 1px solid $accent; }
QComboBox:disabled { color: $text_3; }
QComboBox::drop-down { border: none; width: 0; }
QComboBox QAbstractItemView {
    background: $panel; color: $text; border: 1px solid $line_2; padding: ${half}px; outline: none;
    selection-background-color: $accent_wash; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: ${item}px; padding: 0 ${half}px; border: none; border-radius: ${radius_field}px; }
QComboBox QAbstractItemView::item:hover { background: $raised_2; }
QComboBox QAbstractItemView::item:selected { background: $accent_wash; color: $text; }
""",
    "button": """
QPushButton {
    background: $raised; color: $text; border: 1px solid $line_2; border-radius: ${radius_button}px;
    padding: 0 ${pad_wide}px; min-height: ${button}px; font-weight: $weight_number;
}
QPushButton:hover { background: $raised_2; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:default { background: $accent_fill; color: $on_accent; border: 1px solid $accent_fill; }
QPushButton:disabled { background: $raised; color: $text_3; border: 1px solid $line; }
""",
    "tabs": """
QTabBar { background: $panel; border: none; qproperty-drawBase: 0; qproperty-expanding: 0; }
QTabBar::tab {
    background: transparent; color: $text_2; border: none; border-bottom: 2px solid transparent;
    padding: 0 ${pad_wide}px; height: ${tab}px;
}
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; font-weight: $weight_title; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent; }
QTabBar::scroller { width: ${scroller}px; }
#bench > QTabBar {
    border: 1px solid $line; border-bottom: none; border-top-left-radius: ${radius_panel}px; border-top-right-radius: ${radius_panel}px;
    padding: 0 ${half}px;
}
""",
    "scroll": """
QScrollBar:vertical { background: transparent; width: ${gap}px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: ${gap}px; margin: 0; }
QScrollBar::handle { background: $line_2; border-radius: 2px; margin: 2px; }
QScrollBar::handle:hover { background: $ghost; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""",
    "progress": """
QProgressBar { background: $raised_2; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent_fill; border-radius: 2px; }
""",
    "views": """
QPlainTextEdit, QTextEdit, QTableView, QListView, QTreeView {
    background: $raised; color: $text; border: 1px solid $line; border-radius: ${radius_field}px; gridline-color: $line;
    selection-background-color: $accent_wash; selection-color: $text;
}
QPlainTextEdit:focus, QTextEdit:focus, QTableView:focus, QListView:focus, QTreeView:focus { border: 1px solid $accent; }
RunList, RunList:focus { background: transparent; border: none; }
QHeaderView, QTableCornerButton::section { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $text_2; border: none; border-bottom: 1px solid $line; padding: ${half}px; }
""",
}


def style_sheet(theme: Theme, text_size: float, sections: Sequence[str] = ()) -> str:
    """The ``sections`` of the sheet (left out: all) in the colours of ``theme``; lengths grow with ``text_size``."""
    lengths: dict[str, object] = {
        "gap": GAP,
        "menu": round((HEIGHT_MENU - 1) * text_size),
        "tab": round((HEIGHT_PANEL_HEADER - 2) * text_size),
        "scroller": round(WIDTH_TAB_OVERFLOW * text_size),
        "item": round((HEIGHT_FIELD + 2) * text_size),
        "button": round((HEIGHT_BUTTON - 2) * text_size),
        "radius_panel": RADIUS_PANEL,
        "radius_field": RADIUS_FIELD,
        "radius_button": RADIUS_BUTTON,
        "quarter": round(GAP / 4 * text_size),
        "half": round(GAP / 2 * text_size),
        "pad_field": round(GAP * text_size),
        # Qt adds 2 px of its own in a line edit.
        "pad_text": round((GAP - 3) * text_size),
        "pad_wide": round(1.5 * GAP * text_size),
        "pad_combo": round(3 * GAP * text_size),
        "pad_menu": round(3 * GAP * text_size),
        "weight_number": WEIGHT_NUMBER,
        "weight_title": WEIGHT_TITLE,
    }
    colors: dict[str, object] = {name: value for name, value in vars(theme).items() if isinstance(value, str)}
    text = "".join(_SECTIONS[section] for section in sections or _SECTIONS)
    return Template(text).substitute(colors | lengths)
