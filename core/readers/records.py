"""Rows and cells of a delimited text: which delimiter, which columns, whether the first row is a header."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import CELL_TYPE, CHUNK, Cells, is_date, is_number

MOST_COLUMNS = 1000
# Of about 16 bytes each.
MOST_CELLS = 10_000_000
NO_DELIMITER = "\x1f"
DELIMITERS = (",", ";", "\t", "|")
FEWEST_ROWS_AT_ONCE = 1000
_SAMPLE_LINES = 100
_SAMPLE_CHARACTERS = 2**18


@dataclass(frozen=True, eq=False)
class Records:
    """Cells by columns, the header's among them: ``columns`` of (rows,) strings, ``lines`` (rows,) on which the rows begin, from 1."""

    columns: tuple[Cells, ...]
    lines: NDArray[np.int64]
    delimiter: str
    has_header: bool


def read_records(path: str, content: str) -> Records:
    """Rows that are not blank; columns that are empty throughout are left out. Raises InputError that names ``path``."""
    first_line = content[: content.find("\n", 0, _SAMPLE_CHARACTERS) + 1]
    declared = re.fullmatch(r"sep=(.)\s*", first_line, re.IGNORECASE)
    start = len(first_line) if declared else 0
    delimiter = declared[1] if declared else _find_delimiter(content)
    rows = _rows(_lines(content, start), delimiter, 1 if declared else 0)
    columns: list[list[Cells]] = []
    lines: list[NDArray[np.int64]] = []
    try:
        for cells, starts in _blocks(path, rows):
            width = len(cells) // len(starts)
            columns = columns or [[] for _ in range(width)]
            lines.append(np.array(starts, np.int64))
            for k, column in enumerate(columns):
                column.append(np.strings.strip(np.array(cells[k::width], CELL_TYPE)))
    except csv.Error as error:
        raise _unreadable(path, error) from None
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: can't be read as a table: {error}") from None
    whole = [_joined(column) for column in columns]
    whole = [cells for cells in whole if (cells != "").any()]
    if not whole:
        raise InputError(f"{path}: is empty: a table is needed")
    return Records(tuple(whole), np.concatenate(lines), delimiter, _has_header(whole))


def _blocks(path: str, rows: Iterator[tuple[list[str], int]]) -> Iterator[tuple[list[str], list[int]]]:
    """Some rows at a time: their cells one after the other, all rows as wide as the first, and the lines they begin on.

    Rows are not kept as lists of their own: Python's garbage collector would look through all of them again and again.
    Raises InputError for a first row that is too wide, one with more cells than that, and too many cells in all.
    """
    width = count = 0
    cells: list[str] = []
    starts: list[int] = []
    for record, line in rows:
        width = width or len(record)
        if width > MOST_COLUMNS:
            raise InputError(f"{path}: has {width:,} columns, at most {MOST_COLUMNS:,} can be read")
        cells += record if len(record) == width else _fitted(path, record, line, width)
        starts.append(line)
        if len(cells) >= CHUNK and len(starts) >= FEWEST_ROWS_AT_ONCE:
            count += len(cells)
            yield cells, starts
            if count > MOST_CELLS:
                raise InputError(f"{path}: has more than {MOST_CELLS // 10**6} million cells, the most that can be read")
            cells, starts = [], []
    if starts:
        yield cells, starts


def _fitted(path: str, record: list[str], line: int, width: int) -> list[str]:
    """``record`` with ``width`` cells: missing ones at its end are empty. Raises InputError where it has more."""
    filled = len(_trimmed(record))
    if filled > width:
        raise InputError(f"{path}: line {line} has {filled} cells, the first row has {width}")
    return record[:width] + [""] * (width - len(record))


def _joined(parts: list[Cells]) -> Cells:
    """One array of them all; each part is given up as soon as it is copied."""
    whole = np.empty(sum(map(len, parts)), CELL_TYPE)
    first = 0
    while parts:
        part = parts.pop(0)
        whole[first : first + len(part)] = part
        first += len(part)
    return whole


def _unreadable(path: str, error: csv.Error) -> InputError:
    if "field larger" in str(error):
        return InputError(
            f"{path}: can't be read as a table: a cell is longer than {csv.field_size_limit():,} characters: is a quote left open?"
        )
    return InputError(f"{path}: can't be read as a table: {error}")


def _lines(content: str, start: int) -> Iterator[str]:
    """Lines with their ends, some at a time: a file in memory takes four bytes a character."""
    return chain.from_iterable(_some_lines(content, start))


def _some_lines(content: str, start: int) -> Iterator[list[str]]:
    while start < len(content):
        stop = content.find("\n", start + _SAMPLE_CHARACTERS) + 1 or len(content)
        lines = content[start:stop].split("\n")
        yield [f"{line}\n" for line in lines[:-1]] + [lines[-1]] * bool(lines[-1])
        start = stop


def _rows(lines: Iterable[str], delimiter: str, line: int) -> Iterator[tuple[list[str], int]]:
    """Rows that are not blank, and the lines they begin on, counted on from ``line``."""
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")
    previous = 0
    for record in reader:
        if record and ((record[0] and not record[0].isspace()) or any(cell and not cell.isspace() for cell in record)):
            yield record, line + previous + 1
        previous = reader.line_num


def _find_delimiter(content: str) -> str:
    """The delimiter that cuts nine in ten of the first rows into as many cells, two or more, as the first of them."""
    sample = "\n".join(content[:_SAMPLE_CHARACTERS].split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    fits: dict[str, float] = {}
    for delimiter in DELIMITERS:
        try:
            widths = [len(record) for record, _ in _rows(_lines(sample, 0), delimiter, 0)]
        except csv.Error:
            continue
        if widths and widths[0] >= 2:
            fits[delimiter] = widths.count(widths[0]) / len(widths)
    if not fits:
        return NO_DELIMITER
    # Where a semicolon, tab or bar fits as well as the comma, commas are decimal ones.
    good = [delimiter for delimiter in (";", "\t", "|", ",") if fits.get(delimiter, 0) >= 0.9]
    return good[0] if good else max(fits, key=lambda delimiter: fits[delimiter])


def _has_header(columns: Sequence[Cells]) -> bool:
    first = [cells[0] for cells in columns]
    if any(is_number(cell) or is_date(cell) for cell in first) or not any(first):
        return False
    return not any(cell and (cells == cell).sum() > 1 for cell, cells in zip(first, columns, strict=True))


def _trimmed(record: list[str]) -> list[str]:
    """``record`` without empty cells at its end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return record[:end]


def shortened(cell: str) -> str:
    """``cell`` with at most 40 characters, on one line."""
    flat = " ".join(cell.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


def listed(names: Sequence[str]) -> str:
    """The first ten of ``names``."""
    shown = ", ".join(repr(shortened(name)) for name in names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
