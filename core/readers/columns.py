"""What the cells of a table's column hold: numbers in one of two ways of writing, dates, gaps."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[Any]
CELL_TYPE = np.dtypes.StringDType()
# Cells that are turned into numbers in one go: a few milliseconds, in which no other thread can run.
CHUNK = 10_000

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "\u2013", "\u2014", "?", ".", ".."})

_CURRENCY = "$\u20ac\u00a3\u00a5%"
_BLANKS = "\u00a0\u202f' "
_POINT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+(?:,\d*)?|\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?:Z| ?[+-]\d{2}:?\d{2})?)?"
_DATE = re.compile(
    rf"(?:\d{{4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|\d{{1,2}}[-/]\d{{4}}"
    rf"|(?:\d{{1,2}}\.?[- ])?{_MONTH}\.?[- ,]+(?:\d{{1,2}},? )?'?\d{{2,4}}|\d{{4}}[- ]?(?:{_MONTH}|q[1-4])|q[1-4][- ]?\d{{4}}){_TIME}"
    r"|\d{1,2}:\d{2}(?::\d{2})?",
    re.IGNORECASE | re.ASCII,
)


_ISO_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?Z?)?)?", re.ASCII)


@dataclass(frozen=True)
class Numbers:
    """A column read as numbers.

    values : (N,) float64, NaN where the cell is missing or no number
    bad_rows : rows, from 0, whose cell is neither a number nor missing
    missing_count : empty cells
    """

    values: NDArray[np.float64]
    bad_rows: tuple[int, ...]
    missing_count: int

    @property
    def is_mostly_numbers(self) -> bool:
        """Whether at least half of the filled cells are numbers."""
        filled = len(self.values) - self.missing_count
        return filled > 0 and filled >= 2 * len(self.bad_rows)


def is_missing(cell: str) -> bool:
    """Whether a cell is empty or says so ("NA")."""
    return cell.lower() in MISSING


def is_date(cell: str) -> bool:
    """Whether a cell is a date, a month, a quarter or a time of day."""
    return _DATE.fullmatch(cell) is not None


def is_iso_date(cell: str) -> bool:
    """Whether a cell is a date written year, month, day, with as many figures in each: text in order is time in order."""
    return _ISO_DATE.fullmatch(cell) is not None


def is_number(cell: str) -> bool:
    """Whether a cell is a number, written with a decimal point or a decimal comma."""
    bare = _without_signs(cell)
    return _POINT.fullmatch(bare) is not None or _COMMA.fullmatch(bare) is not None


def is_date_column(cells: Sequence[str] | Cells) -> bool:
    """Whether at least nine in ten of the filled cells among the first 200 are dates."""
    filled = [cell for cell in cells[:200] if not is_missing(cell)]
    return bool(filled) and sum(map(is_date, filled)) >= 0.9 * len(filled)


def is_index(values: NDArray[np.float64]) -> bool:
    """Whether numbers only count the rows, or the years: whole, each one more than the one before."""
    return len(values) > 1 and bool(np.isfinite(values).all()) and bool((values == values[0] + np.arange(len(values))).all())


def parse_numbers(cells: Sequence[str] | Cells, has_comma_delimiter: bool) -> Numbers:
    """Read a column. The way of writing (1,234.5 or 1.234,5) that suits more cells holds for all of it.

    Where both suit, a comma is decimal, unless commas already part the columns.
    """
    column = np.asarray(cells, CELL_TYPE)
    values = np.full(len(column), np.nan)
    careful: list[int] = []
    for start in range(0, len(column), CHUNK):
        plain = _plain_numbers(column[start : start + CHUNK])
        if plain is None:
            careful.append(start)
        else:
            values[start : start + CHUNK] = plain
    if not careful:
        return Numbers(values, (), 0)
    has_decimal_comma = _has_decimal_comma(column, careful, has_comma_delimiter)
    if has_decimal_comma:
        careful = list(range(0, len(column), CHUNK))
    bad: list[int] = []
    missing_count = 0
    for start in careful:
        chunk = column[start : start + CHUNK].tolist()
        values[start : start + CHUNK], bad_here, missing_here = _parse_with_care(chunk, has_decimal_comma)
        bad += [start + row for row in bad_here]
        missing_count += missing_here
    return Numbers(values, tuple(bad), missing_count)


def _plain_numbers(cells: Cells) -> NDArray[np.float64] | None:
    """The numbers of cells that all are plain ones; None where one is not."""
    try:
        values: NDArray[np.float64] = cells.astype(np.float64)
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _has_decimal_comma(column: Cells, careful: Sequence[int], has_comma_delimiter: bool) -> bool:
    """Whether a decimal comma suits more cells than a decimal point does.

    A chunk of plain numbers suits the point at least as well, so it counts only where the others don't settle it.
    """
    for starts in (careful, range(0, len(column), CHUNK)):
        point_wins, has_comma = 0, False
        for start in starts:
            for cell in _bare_cells(column[start : start + CHUNK].tolist()):
                point_wins += (_POINT.fullmatch(cell) is not None) - (_COMMA.fullmatch(cell) is not None)
                has_comma = has_comma or "," in cell
        if point_wins > 0:
            return False
    return point_wins < 0 or (has_comma and not has_comma_delimiter)


def _bare_cells(cells: Sequence[str]) -> Iterator[str]:
    return map(_without_signs, cells)


def _parse_with_care(cells: Sequence[str], has_decimal_comma: bool) -> tuple[NDArray[np.float64], list[int], int]:
    """Numbers (NaN where there is none), rows that are neither numbers nor missing, and how many are missing."""
    pattern = _COMMA if has_decimal_comma else _POINT
    values = np.full(len(cells), np.nan)
    bad: list[int] = []
    missing_count = 0
    for row, cell in enumerate(_bare_cells(cells)):
        if is_missing(cells[row]):
            missing_count += 1
            continue
        if pattern.fullmatch(cell):
            plain = cell.replace(".", "").replace(",", ".") if has_decimal_comma else cell.replace(",", "")
            values[row] = float(plain)
        if not np.isfinite(values[row]):
            values[row] = np.nan
            bad.append(row)
    return values, bad, missing_count


def _without_signs(cell: str) -> str:
    """``cell`` without currency and percent signs, and without spaces between thousands; an accountant's (5) is -5."""
    bare = cell.strip(_CURRENCY + _BLANKS).replace("\u2212", "-")
    for blank in _BLANKS:
        bare = bare.replace(blank, "")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1].strip(_CURRENCY)
    elif bare[:1] in "+-" and bare[1:2] in _CURRENCY:
        bare = bare[:1] + bare[2:]
    return bare


def fill_gaps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """NaN replaced linearly between its neighbours, at the ends by the nearest value; at least one value is finite."""
    is_known = np.isfinite(values)
    if is_known.all():
        return values
    rows = np.arange(len(values))
    return np.interp(rows, rows[is_known], values[is_known])
