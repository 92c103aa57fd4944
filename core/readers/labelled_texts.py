"""A table of texts with labels: which column is which, and which rows can be used."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import is_missing
from core.readers.recognition import Recognition
from core.readers.records import shortened
from core.readers.remembered import remembered
from core.readers.table import MOST_CLASSES, Table, read_table
from core.readers.words import PARAGRAPH, split_words

FEWEST_ROWS = 10
MAX_UNUSABLE_SHARE = 0.2
TEXT_NAMES = ("text", "review", "sentence", "comment", "message", "tweet")
LABEL_NAMES = ("label", "sentiment", "class", "category", "target", "rating", "stars")


@dataclass(frozen=True)
class LabelledTexts:
    """Rows of a table: words in small letters, and the label; and what was recognised in the table."""

    texts: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]
    recognition: Recognition

    def part(self, rows: NDArray[np.int64]) -> "LabelledTexts":
        """Some of the rows."""
        return LabelledTexts(tuple(self.texts[k] for k in rows), tuple(self.labels[k] for k in rows), self.recognition)


@remembered
def read_labelled_texts(path: str, text_column: str, label_column: str) -> LabelledTexts:
    """Texts and labels of the table in the file ``path``; rows that miss one are left out.

    Raises InputError where the table, a column or the labels can't be used, or more than a fifth of the rows miss something.
    """
    return labelled_texts_of(read_table(path), text_column, label_column)


def labelled_texts_of(table: Table, text_column: str, label_column: str) -> LabelledTexts:
    """Texts and labels of ``table``, as ``read_labelled_texts`` says."""
    path = table.path
    texts = _text_column(table, text_column)
    labels = _label_column(table, label_column, texts)
    name = table.names[labels]
    classes = _classes(table, labels)
    if not 2 <= len(classes) <= MOST_CLASSES:
        raise InputError(f"{path}: column {name!r} has {len(classes):,} different labels, from 2 to {MOST_CLASSES} can be learned")
    # Each word is kept once, however often it comes.
    known: dict[str, str] = {}
    pairs = [
        (tuple(known.setdefault(word, word) for word in words), label)
        for text, label in zip(table.columns[texts], table.columns[labels], strict=True)
        if not is_missing(label) and (words := words_of(text))
    ]
    if len(pairs) < (1 - MAX_UNUSABLE_SHARE) * table.row_count:
        raise InputError(
            f"{path}: {table.row_count - len(pairs)} of {table.row_count} rows miss the text or the label: at most a fifth may"
        )
    if len(pairs) < FEWEST_ROWS:
        raise InputError(f"{path}: has {len(pairs)} rows with text and label, at least {FEWEST_ROWS} are needed")
    used = sorted({label for _, label in pairs})
    if len(used) < 2:
        raise InputError(f"{path}: all rows with a text have the same label in column {name!r}, at least 2 are needed")
    return LabelledTexts(tuple(words for words, _ in pairs), tuple(label for _, label in pairs), _recognition(table, texts, labels, pairs))


def has_one_label(table: Table) -> bool:
    """Whether all rows have the same label, as at the beginning of a table that is sorted by it. Raises InputError of one column."""
    return len(_classes(table, _label_column(table, "", _text_column(table, "")))) == 1


def _classes(table: Table, labels: int) -> set[str]:
    return {label for label in table.columns[labels] if not is_missing(label)}


def _recognition(table: Table, texts: int, labels: int, pairs: Sequence[tuple[tuple[str, ...], str]]) -> Recognition:
    uses = Counter(label for _, label in pairs)
    shown = ", ".join(f"{shortened(label)} ({count:,})" for label, count in uses.most_common(5))
    if len(uses) > 5:
        shown += f" and {len(uses) - 5} more"
    sentence = f"{table.shape()} Texts in {table.names[texts]!r}; labels in {table.names[labels]!r}: {shown}."
    left_out = table.row_count - len(pairs)
    if left_out:
        sentence += (
            f" {left_out:,} rows without text or label are left out." if left_out > 1 else " 1 row without text or label is left out."
        )
    return Recognition(sentence, table.summaries(), {"text_column": table.names[texts], "label_column": table.names[labels]})


def words_of(text: str) -> tuple[str, ...]:
    """Words and marks of a text, in small letters."""
    return tuple(word for word in split_words(text.lower()) if word != PARAGRAPH)


def _text_column(table: Table, name: str) -> int:
    if name:
        return table.find_column(name)
    _need_two_columns(table)
    known = [k for k, own in enumerate(table.names) if own.casefold() in TEXT_NAMES]
    lengths = [int(np.strings.str_len(cells).sum()) for cells in table.columns]
    return known[0] if known else lengths.index(max(lengths))


def _label_column(table: Table, name: str, texts: int) -> int:
    if name:
        return table.find_column(name)
    _need_two_columns(table)
    others = [k for k in range(len(table.columns)) if k != texts]
    known = [k for k in others if table.names[k].casefold() in LABEL_NAMES]
    few = [k for k in others if 2 <= len(set(table.columns[k])) <= MOST_CLASSES]
    return (known or few or others)[0]


def _need_two_columns(table: Table) -> None:
    if len(table.columns) < 2:
        raise InputError(f"{table.path}: has one column, two are needed: text and label")
