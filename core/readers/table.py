"""Any table of a person's own: finds out the delimiter and the header, and what each column holds.

The rule: of comma, semicolon, tab and bar the delimiter is the one that cuts nearly all rows into as many cells as the first row
(a line ``sep=;`` at the top decides). The first row is a header unless it holds a number or a date, or one of its cells comes again and
again in its column. Rows with too few cells miss the last ones; rows with too many are an error, as is text among
numbers. Gaps in a column of numbers are filled linearly, up to a fifth of the column.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import Cells, Numbers, fill_gaps, is_date_column, is_index, is_iso_date, is_missing, parse_numbers
from core.readers.recognition import ColumnSummary
from core.readers.records import NO_DELIMITER, listed, read_records, shortened
from core.readers.text import read_text

SUFFIXES = (".csv", ".tsv")
MAX_MISSING_SHARE = 0.2
MOST_OFFERED = 4
MOST_CLASSES = 50
# Squares of larger numbers, and their sums, may be beyond what a float64 holds.
LARGEST = 1e100
_SAMPLE_CELLS = 1000
_WORDS_OF_A_TEXT = 3
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_INDEX_NAMES = {"", "#", "id", "no", "nr", "index", "row", "date", "day", "week", "month", "quarter", "year", "time", "timestamp"}


def is_table_path(path: str) -> bool:
    """Whether a file name is that of a table."""
    return path.lower().endswith(SUFFIXES)


@dataclass(frozen=True, eq=False)
class Table:
    """A table of text cells.

    names : of the columns; "column 1", "column 2" where the file has no header
    columns : cells of each column, (rows,) strings without space at their ends
    lines : of the file, from 1, on which each row begins, (rows,)
    delimiter : as a word; "" where there is one column
    """

    path: str
    names: tuple[str, ...]
    columns: tuple[Cells, ...]
    lines: NDArray[np.int64]
    delimiter: str
    encoding: str
    has_header: bool

    @property
    def row_count(self) -> int:
        """Rows, the header not counted."""
        return len(self.lines)

    @cached_property
    def date_columns(self) -> tuple[int, ...]:
        """Columns that hold dates."""
        return tuple(k for k, cells in enumerate(self.columns) if is_date_column(cells))

    @cached_property
    def _parsed(self) -> dict[int, Numbers]:
        return {}

    def _numbers(self, column: int) -> Numbers:
        if column not in self._parsed:
            self._parsed[column] = parse_numbers(self.columns[column], self.delimiter == "comma")
        return self._parsed[column]

    @cached_property
    def is_newest_first(self) -> bool:
        """Whether the first column of dates, written year first, goes back in time from row to row."""
        if not self.date_columns:
            return False
        dates = list(islice(self.columns[self.date_columns[0]], _SAMPLE_CELLS))
        is_sortable = all(map(is_iso_date, dates))
        return is_sortable and len(dates) > 1 and all(earlier <= later for later, earlier in pairwise(dates)) and dates[0] > dates[-1]

    def holds_numbers(self, column: int) -> bool:
        """Whether most of the first filled cells are numbers; the whole of a long column of text is not looked at."""
        filled = list(islice((cell for cell in self.columns[column] if not is_missing(cell)), _SAMPLE_CELLS))
        return parse_numbers(filled, self.delimiter == "comma").is_mostly_numbers

    def find_column(self, name: str) -> int:
        """The column called ``name``; capitals don't matter. Raises InputError that lists what there is."""
        folded = [own.casefold() for own in self.names]
        if name.strip().casefold() not in folded:
            raise InputError(f"{self.path}: there is no column {name!r}: there are {listed(self.names)}")
        return folded.index(name.strip().casefold())

    def pick_number_column(self) -> int:
        """The first column of numbers that neither holds dates nor only counts the rows. Raises InputError if there is none."""
        candidates = [k for k in range(len(self.columns)) if k not in self.date_columns and self.holds_numbers(k)]
        if not candidates:
            shown = shortened(next((cell for cell in self.columns[-1] if cell), ""))
            raise InputError(f"{self.path}: there is no column of numbers: {self.names[-1]!r} holds {shown!r} in line {self.lines[0]}")
        telling = [k for k in candidates if not is_index(self._numbers(k).values)]
        named = [k for k in telling if self.names[k].casefold() not in _INDEX_NAMES]
        return (named or telling or candidates)[0]

    def numbers(self, column: int) -> NDArray[np.float64]:
        """The numbers of a column, (rows,), gaps filled linearly.

        Raises InputError for a cell that is no number, or where more than a fifth is missing.
        """
        read = self._numbers(column)
        name = self.names[column]
        if read.bad_rows:
            row = read.bad_rows[0]
            shown = shortened(self.columns[column][row])
            problem = f"{self.path}: line {self.lines[row]}: {shown!r} in column {name!r} is not a number"
            raise InputError(problem + self._way_out(column))
        if read.missing_count > MAX_MISSING_SHARE * self.row_count:
            raise InputError(
                f"{self.path}: {read.missing_count} of {self.row_count} values are missing in column {name!r}: at most a fifth may be"
            )
        largest = int(np.nanargmax(np.abs(read.values)))
        if abs(read.values[largest]) > LARGEST:
            shown = shortened(self.columns[column][largest])
            raise InputError(f"{self.path}: line {self.lines[largest]}: {shown!r} in column {name!r} is too large: at most {LARGEST:g}")
        return fill_gaps(read.values)

    def numbers_in_time(self, column: int) -> NDArray[np.float64]:
        """``numbers`` in order of time, the oldest first: from the end of a table whose newest row stands first."""
        values = self.numbers(column)
        return values[::-1].copy() if self.is_newest_first else values

    @property
    def order(self) -> str:
        """A sentence on the order in which rows are read, where it is not the file's own."""
        return "The newest row stands first: read from the end." if self.is_newest_first else ""

    def _way_out(self, column: int) -> str:
        """Which other columns could be taken."""
        others = [
            self.names[k]
            for k in range(len(self.columns))
            if k != column and k not in self.date_columns and self.holds_numbers(k) and not self._numbers(k).bad_rows
        ]
        return f": mend it, or choose {' or '.join(others[:MOST_OFFERED])}" if others else ""

    def summaries(self) -> tuple[ColumnSummary, ...]:
        """What each column holds."""
        return tuple(ColumnSummary(name, self._content(k)) for k, name in enumerate(self.names))

    def _content(self, column: int) -> str:
        cells = self.columns[column]
        if column in self.date_columns:
            return "dates"
        kinds = set(islice(cells, _SAMPLE_CELLS)) - {""}
        is_few = 2 <= len(kinds) <= min(MOST_CLASSES, self.row_count // 2)
        if self.holds_numbers(column):
            return f"numbers, {len(kinds)} different" if is_few and len(kinds) <= _WORDS_OF_A_TEXT else "numbers"
        words = [len(cell.split()) for cell in kinds]
        if words and sum(words) >= _WORDS_OF_A_TEXT * len(words):
            return "text"
        return f"{len(kinds)} classes" if is_few else "words"

    def describe(self, column: str = "") -> str:
        """One or two sentences on what was recognised, with ``column`` (left out: the one that would be picked)."""
        shape = self.shape()
        try:
            number_column = self.find_column(column) if column else self.pick_number_column()
        except InputError:
            if column:
                raise
            return f"{shape} Columns: {listed(self.names)}."
        return f"{shape} {self.describe_numbers(number_column)}"

    def shape(self) -> str:
        """How the table is written, in one sentence."""
        rows = f"{self.row_count:,} rows" if self.row_count != 1 else "1 row"
        parted = f"{self.delimiter} between cells" if self.delimiter else "one column"
        return f"{rows}, {'header' if self.has_header else 'no header'}, {parted}, {self.encoding}."

    def describe_numbers(self, column: int) -> str:
        """What is read as numbers, and what becomes of gaps."""
        said = f"Column {self.names[column]!r}"
        if self.date_columns:
            dates = self.columns[self.date_columns[0]]
            said += f", dates in {self.names[self.date_columns[0]]!r} ({shortened(dates[0])} to {shortened(dates[-1])})"
        missing = self._numbers(column).missing_count
        if not missing:
            return f"{said}, nothing missing."
        gaps = "1 gap is" if missing == 1 else f"{missing:,} gaps are"
        return f"{said}; {gaps} filled by a straight line between the neighbours."


def read_table(path: str) -> Table:
    """The table in the file ``path``. Raises InputError where it is missing, no text, empty, ragged or too large."""
    return table_of(path, *_content(path))


def table_of(path: str, content: str, encoding: str) -> Table:
    """The table that is written in ``content``. Raises InputError that names ``path``."""
    records = read_records(path, content)
    del content
    names: tuple[str, ...] = tuple(f"column {k + 1}" for k in range(len(records.columns)))
    columns, lines = records.columns, records.lines
    if records.has_header:
        names = _distinct([cells[0] or name for cells, name in zip(columns, names, strict=True)])
        columns, lines = tuple(cells[1:] for cells in columns), lines[1:]
    if not len(lines):
        raise InputError(f"{path}: has a header ({listed(names)}) but no rows")
    delimiter = records.delimiter
    word = _DELIMITERS.get(delimiter, repr(delimiter)) if delimiter != NO_DELIMITER else ""
    return Table(path, names, columns, lines, word, encoding, records.has_header)


def _distinct(names: list[str]) -> tuple[str, ...]:
    """``names``, those that come again with a number."""
    taken: set[str] = set()
    for k, name in enumerate(names):
        number = 2
        while names[k].casefold() in taken:
            names[k], number = f"{name} ({number})", number + 1
        taken.add(names[k].casefold())
    return tuple(names)


def _content(path: str) -> tuple[str, str]:
    text = read_text(path)
    return text.content, text.encoding
