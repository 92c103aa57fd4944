"""Cuts a text into words and marks, and joins them again with spaces in the right places.

A word is a run of characters other than space and punctuation; apostrophes and hyphens inside it belong to it ("don't",
"well-known"), and so do points, commas and colons between digits ("3.5", "12:30"). Each punctuation mark is a token of its own, dots
in a row ("...") are one. Chinese and Japanese characters, written without spaces, count as words one by one. A blank line
is the token PARAGRAPH.
"""

import re
from collections.abc import Iterable, Sequence

PARAGRAPH = "\u2029"

_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = (
    r"!-/:-@\[-`{-~\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010-\u2027\u2030-\u205e\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a-\uff20"
)
_LETTER = rf"[^\s{_MARKS}{_IDEOGRAPHS}]"
_TOKEN = re.compile(
    rf"{PARAGRAPH}|{_LETTER}+(?:['\u2019\u2010-][^\s{_MARKS}{_IDEOGRAPHS}]+|(?<=\d)[.,:](?=\d){_LETTER}+)*"
    rf"|[{_IDEOGRAPHS}]|\.{{2,}}|[{_MARKS}]"
)
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a-\uff20]")
_CLOSING = frozenset(".,;:!?)]}%\u00bb\u201d\u2019\u2026")
_OPENING = frozenset("([{\u00ab\u201c\u2018\u00bf\u00a1$#@")
_STRAIGHT_QUOTES = frozenset("\"'")


def mark_paragraphs(content: str) -> str:
    """``content`` with blank lines as the one character PARAGRAPH."""
    return _BLANK_LINES.sub(PARAGRAPH, content) if "\n" in content else content


def split_words(content: str) -> list[str]:
    """Words and marks of ``content`` in order."""
    return _TOKEN.findall(mark_paragraphs(content))


def join_words(words: Iterable[str]) -> str:
    """Words and marks as running text: no space before a comma, none after an opening bracket."""
    pieces: list[str] = []
    previous = PARAGRAPH
    is_quoted = False
    for word in words:
        is_opening = word in _STRAIGHT_QUOTES and not is_quoted
        if word in _STRAIGHT_QUOTES:
            is_quoted = not is_quoted
        if word == PARAGRAPH:
            pieces.append("\n\n")
        elif _needs_space(previous, word, is_opening):
            pieces.append(f" {word}")
        else:
            pieces.append(word)
        previous = "(" if is_opening else word
    return "".join(pieces)


def continuation(words: Sequence[str], new_words: Sequence[str]) -> str:
    """What ``new_words`` add to the running text of ``words``, with the space between."""
    return join_words([*words, *new_words])[len(join_words(words)) :]


def _needs_space(previous: str, word: str, is_opening: bool) -> bool:
    if previous == PARAGRAPH or previous in _OPENING:
        return False
    if word in _CLOSING or word.startswith("..") or (word in _STRAIGHT_QUOTES and not is_opening):
        return False
    return not (_IDEOGRAPH.match(previous) and _IDEOGRAPH.match(word))
