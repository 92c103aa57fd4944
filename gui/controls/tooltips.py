"""Tooltips that wrap, and letters that reach a control with Alt."""

import html
import re

# Menus of the window: File, Edit, Run, Stories (t), View, Help; and the seed in the transport bar.
RESERVED_LETTERS = frozenset("fertvhs")


# Tooltips are windows of Qt's own that no style sheet reaches. It draws their border in the colour that their palette has for text, so that
# they say their text's colour themselves; a reference, so that a new theme holds for those that were made before.
_FRAME = '<table cellpadding="4"><tr><td style="color: palette(window-text)">', "</td></tr></table>"


def tooltip(text: str, letter: str = "", note: str = "") -> str:
    """``text`` as a tooltip that breaks into lines; ``letter`` is reached with Alt, ``note`` stands in a line of its own."""
    if not text:
        return ""
    lines = [html.escape(line) for line in text.splitlines()]
    lines += [html.escape(note)] if note else []
    lines += [f"Alt+{letter.upper()}"] if letter else []
    return "<br>".join(lines).join(_FRAME)


def first_sentence(text: str) -> str:
    """The first sentence of ``text``."""
    end = re.search(r"[.!?](?=\s|$)", text)
    return text[: end.end()] if end else text


def choose_mnemonic(text: str, taken: set[str]) -> str:
    """A letter of ``text`` that is not taken, first letters of words first; "" where none is left. It is then taken."""
    words = text.lower().split()
    candidates = [word[0] for word in words] + [letter for word in words for letter in word]
    for letter in candidates:
        if letter.isalpha() and letter.isascii() and letter not in taken:
            taken.add(letter)
            return letter
    return ""


def with_mnemonic(text: str, letter: str) -> str:
    """``text`` with the mark for ``letter``, at the start of a word where one starts with it."""
    escaped = text.replace("&", "&&")
    if not letter:
        return escaped
    lowered = " " + escaped.lower()
    at = lowered.find(" " + letter)
    if at < 0:
        at = escaped.lower().find(letter)
    return escaped[:at] + "&" + escaped[at:]
