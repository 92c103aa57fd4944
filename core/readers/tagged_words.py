"""Sentences whose words have tags: one word a line with its tag, in the way of the CoNLL shared tasks.

::

    word    tag
    Jordan  person
    left    other
    Paris   place

A blank line parts sentences, or a column that names or numbers them (filled in each row, or only where a sentence begins). Files
with tabs are read as they stand, as a quotation mark is a word too; others as tables. Without a header the word is in the first column
and the tag in the last. Tags may be written as PER, LOC, GPE, ORG, MISC or O, with B-, I-, E- or S- before them
(Tjong Kim Sang & De Meulder 2003).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import InputError
from core.readers.remembered import remembered
from core.readers.table import table_of
from core.readers.text import read_text

TAGS = ("person", "place", "organisation", "other")
FEWEST_SENTENCES = 10
_SPELLINGS = {
    "person": ("person", "per", "pers", "people"),
    "place": ("place", "loc", "location", "gpe", "geo"),
    "organisation": ("organisation", "organization", "org", "company"),
    "other": ("other", "o", "misc", "none"),
}
_TAG_OF = {spelling: tag for tag, spellings in _SPELLINGS.items() for spelling in spellings}
_PREFIXES = ("b-", "i-", "e-", "s-")
_WORD_NAMES = ("word", "words", "token", "text")
_TAG_NAMES = ("tag", "tags", "label", "ner", "ner_tag", "entity", "class")
_SENTENCE_NAMES = ("sentence", "sentence #", "sentence_id", "sentence id", "sentence number", "sent_id")
_DOCUMENT_START = "-DOCSTART-"
_NEEDED = "a word and its tag are needed in each line, for example Paris and place"


@dataclass(frozen=True)
class TaggedSentence:
    """The words of a sentence as they are written, and a tag of TAGS for each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """The cells of line ``line`` (from 1)."""

    line: int
    cells: tuple[str, ...]


@remembered
def read_tagged_words(path: str) -> tuple[TaggedSentence, ...]:
    """The sentences of the file ``path`` in order. Raises InputError where a line, a column or a tag can't be used."""
    text = read_text(path)
    return tagged_words_of(path, text.content, text.encoding)


def tagged_words_of(path: str, content: str, encoding: str) -> tuple[TaggedSentence, ...]:
    """The sentences in ``content``, as ``read_tagged_words`` says; errors name ``path``."""
    names, rows = _read_rows(path, content, encoding)
    if not rows:
        raise InputError(f"{path}: is empty: {_NEEDED}")
    width = len(names) or len(rows[0].cells)
    if width < 2:
        raise InputError(f"{path}: has one column, two are needed: word and tag")
    folded = [name.casefold() for name in names]
    word_column = _find(folded, _WORD_NAMES, 0)
    tag_column = _find(folded, _TAG_NAMES, width - 1)
    if word_column == tag_column:
        raise InputError(f"{path}: its columns are {', '.join(names)}: one called 'word' and one called 'tag' are needed")
    sentence_column = _find(folded, _SENTENCE_NAMES, None)
    sentences = []
    for part in _sentences(rows, sentence_column):
        pairs = [(_cell(path, row, word_column), row) for row in part]
        tags = tuple(_tag(path, row, tag_column) for word, row in pairs if word != _DOCUMENT_START)
        words = tuple(word for word, _ in pairs if word != _DOCUMENT_START)
        if words:
            sentences.append(TaggedSentence(words, tags))
    if len(sentences) < FEWEST_SENTENCES:
        raise InputError(
            f"{path}: has {len(sentences)} sentence{'s' if len(sentences) > 1 else ''}, at least {FEWEST_SENTENCES} are needed: "
            "a blank line or a column 'sentence' parts them"
        )
    if all(tag == "other" for sentence in sentences for tag in sentence.tags):
        raise InputError(f"{path}: every tag is 'other': there is nothing to find")
    return tuple(sentences)


def _read_rows(path: str, content: str, encoding: str) -> tuple[tuple[str, ...], list[_Row]]:
    """The header's names (none without a header), and all rows that are not blank."""
    first = next(line for line in content.split("\n") if line.strip())
    if "\t" in first:
        lines = enumerate(content.split("\n"), 1)
        names: tuple[str, ...] = ()
        rows = [_Row(number, tuple(cell.strip() for cell in line.split("\t"))) for number, line in lines if line.strip()]
    else:
        table = table_of(path, content, encoding)
        has_names = table.names != tuple(f"column {k + 1}" for k in range(len(table.names)))
        names = table.names if has_names else ()
        rows = [_Row(line, cells) for line, cells in zip(table.lines, zip(*table.columns, strict=True), strict=True)]
    if not names and _is_header(rows[0].cells):
        return rows[0].cells, rows[1:]
    return names, rows


def _is_header(cells: tuple[str, ...]) -> bool:
    """Whether a row names columns: it may also hold words that come again below."""
    folded = [cell.casefold() for cell in cells]
    return any(cell in (*_WORD_NAMES, *_TAG_NAMES) for cell in folded) and folded[-1] not in _TAG_OF


def _find(names: list[str], known: tuple[str, ...], otherwise: int | None) -> int | None:
    return next((k for k, name in enumerate(names) if name in known), otherwise)


def _sentences(rows: list[_Row], sentence_column: int | None) -> Iterator[list[_Row]]:
    """Rows of one sentence after the other: a new one where a blank line lies between, or another sentence is named."""
    part: list[_Row] = []
    named = ""
    for row in rows:
        name = row.cells[sentence_column] if sentence_column is not None and sentence_column < len(row.cells) else ""
        is_new = bool(name) and name != named if sentence_column is not None else bool(part) and row.line > part[-1].line + 1
        if is_new and part:
            yield part
            part = []
        named = name or named
        part.append(row)
    if part:
        yield part


def _cell(path: str, row: _Row, column: int | None) -> str:
    cell = row.cells[column] if column is not None and column < len(row.cells) else ""
    if not cell:
        raise InputError(f"{path}: line {row.line}: {_NEEDED}")
    return cell


def is_tag(cell: str) -> bool:
    """Whether a cell is one of the tags, in any spelling."""
    return _plain(cell) in _TAG_OF


def _plain(cell: str) -> str:
    folded = cell.casefold()
    return folded[2:] if folded.startswith(_PREFIXES) else folded


def _tag(path: str, row: _Row, column: int | None) -> str:
    """The tag of a row, one of TAGS; of a line that has more cells than others it is still found by its place."""
    cell = _cell(path, row, column)
    plain = _plain(cell)
    if plain not in _TAG_OF:
        raise InputError(
            f"{path}: line {row.line}: {cell[:40]!r} is not a tag: {', '.join(TAGS)} are "
            "(or PER, LOC, ORG and O, with B- or I- before them)"
        )
    return _TAG_OF[plain]
