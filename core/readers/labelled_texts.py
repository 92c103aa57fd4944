"""A table of texts with labels: which column is which, and which rows can be used."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import is_missing
from core.readers.remembered import remembered
from core.readers.table import Table, read_table
from core.readers.words import PARAGRAPH, split_words

FEWEST_ROWS = 10
MOST_CLASSES = 50
MAX_UNUSABLE_SHARE = 0.2
TEXT_NAMES = ("text", "review", "sentence", "comment", "message", "tweet")
LABEL_NAMES = ("label", "sentiment", "class", "category", "target", "rating", "stars")


@dataclass(frozen=True)
class LabelledTexts:
    """Rows of a table: words in small letters, and the label."""

    texts: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]

    def part(self, rows: NDArray[np.int64]) -> "LabelledTexts":
        """Some of the rows."""
        return LabelledTexts(tuple(self.texts[k] for k in rows), tuple(self.labels[k] for k in rows))


@remembered
def read_labelled_texts(path: str, text_column: str, label_column: str) -> LabelledTexts:
    """Texts and labels of the table in the file ``path``; rows that miss one are left out.

    Raises InputError where the table, a column or the labels can't be used, or more than a fifth of the rows miss something.
    """
    table = read_table(path)
    texts = _text_column(table, text_column)
    labels = _label_column(table, label_column, texts)
    pairs = [
        (words, label)
        for text, label in zip(table.columns[texts], table.columns[labels], strict=True)
        if not is_missing(label) and (words := words_of(text))
    ]
    if len(pairs) < (1 - MAX_UNUSABLE_SHARE) * table.row_count:
        raise InputError(
            f"{path}: {table.row_count - len(pairs)} of {table.row_count} rows miss the text or the label: at most a fifth may"
        )
    if len(pairs) < FEWEST_ROWS:
        raise InputError(f"{path}: has {len(pairs)} rows with text and label, at least {FEWEST_ROWS} are needed")
    classes = sorted({label for _, label in pairs})
    if not 2 <= len(classes) <= MOST_CLASSES:
        name = table.names[labels]
        raise InputError(f"{path}: column {name!r} has {len(classes)} different labels, from 2 to {MOST_CLASSES} can be learned")
    return LabelledTexts(tuple(words for words, _ in pairs), tuple(label for _, label in pairs))


def words_of(text: str) -> tuple[str, ...]:
    """Words and marks of a text, in small letters."""
    return tuple(word for word in split_words(text.lower()) if word != PARAGRAPH)


def _text_column(table: Table, name: str) -> int:
    if name:
        return table.find_column(name)
    if len(table.columns) < 2:
        raise InputError(f"{table.path}: has one column, two are needed: text and label")
    known = [k for k, own in enumerate(table.names) if own.casefold() in TEXT_NAMES]
    lengths = [sum(map(len, cells)) for cells in table.columns]
    return known[0] if known else lengths.index(max(lengths))


def _label_column(table: Table, name: str, texts: int) -> int:
    if name:
        return table.find_column(name)
    others = [k for k in range(len(table.columns)) if k != texts]
    if not others:
        raise InputError(f"{table.path}: has one column, two are needed: text and label")
    known = [k for k in others if table.names[k].casefold() in LABEL_NAMES]
    few = [k for k in others if 2 <= len(set(table.columns[k])) <= MOST_CLASSES]
    return (known or few or others)[0]
