"""Breaks a passage of symbols into lines of a monospaced font, remembering where each symbol stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field

LINE_BREAK = "↵"


def line_break_shown(text: str) -> str:
    """``text`` with visible signs for line breaks and tabs."""
    return text.replace("\n", LINE_BREAK).replace("\t", "⇥")


@dataclass
class Line:
    """One line: its symbols' time steps (from 0), the columns at which they begin, and their texts."""

    steps: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def joined(self) -> str:
        """The line as one text, every symbol at its column."""
        letters = ""
        for column, text in zip(self.columns, self.texts, strict=True):
            letters = letters.ljust(column) + text
        return letters


def wrap(symbols: Sequence[str], columns: int, is_words: bool) -> list[Line]:
    """Lines of at most ``columns`` letters, broken between words.

    Words are set apart by a space; characters stand side by side, and a line breaks behind a space. A word longer than a line is
    broken where the line ends.
    """
    lines = [Line()]
    column = 0
    for group in _groups(symbols, is_words):
        width = sum(len(text) for _, text in group)
        visible = width - (not is_words and group[-1][1] == " ")
        if column and column + visible > columns:
            lines.append(Line())
            column = 0
        for step, text in group:
            if column and column + len(text) > columns and text != " ":
                lines.append(Line())
                column = 0
            line = lines[-1]
            line.steps.append(step)
            line.columns.append(column)
            line.texts.append(text)
            column += len(text) + is_words
            if text == LINE_BREAK:
                lines.append(Line())
                column = 0
    return [line for line in lines if line.steps]


def _groups(symbols: Sequence[str], is_words: bool) -> list[list[tuple[int, str]]]:
    """Stretches that are kept on one line: single words, or characters up to and with a space."""
    groups: list[list[tuple[int, str]]] = []
    is_open = False
    for step, symbol in enumerate(symbols):
        if not is_open or is_words:
            groups.append([])
        groups[-1].append((step, line_break_shown(symbol)))
        is_open = not is_words and symbol not in (" ", "\n")
    return groups
