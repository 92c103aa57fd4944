"""Channels of a machine from a table: a column of numbers each, and a column that says 1 where something was wrong, else 0."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.readers.columns import is_index, is_number
from core.readers.recognition import Recognition
from core.readers.remembered import remembered
from core.readers.table import Table, read_table

FEWEST_ROWS = 50
MOST_CHANNELS = 64
LABEL_NAMES = ("label", "anomaly", "is_anomaly", "anomalous", "fault", "failure", "alarm", "target", "class", "outlier", "is_outlier")
_INDEX_NAMES = ("#", "id", "no", "nr", "index", "row", "date", "day", "time", "timestamp", "step", "t", "changepoint")


@dataclass(frozen=True)
class Channels:
    """values (N, C) in the unit of the file, the oldest first, their ``names`` (C,), ``labels`` (N,), 1 where something was wrong, else 0.

    ``recognition`` says what was recognised in the table.
    """

    values: NDArray[np.float64]
    names: tuple[str, ...]
    labels: NDArray[np.float64]
    recognition: Recognition


@remembered
def read_channels(path: str, label_column: str) -> Channels:
    """Channels and labels of the table in the file ``path``. Raises InputError where it can't be used or is too short."""
    return channels_of(read_table(path), label_column)


def channels_of(table: Table, label_column: str) -> Channels:
    """Channels and labels of ``table``, in order of time. Raises InputError where it can't be used or is too short."""
    path = table.path
    label = _label_column(table, label_column)
    name = table.names[label]
    if table.row_count < FEWEST_ROWS:
        raise InputError(f"{path}: has {table.row_count} rows, at least {FEWEST_ROWS} are needed")
    labels = table.numbers(label)
    strange = np.flatnonzero((labels != 0) & (labels != 1))
    if len(strange):
        row = int(strange[0])
        cell = table.columns[label][row]
        raise InputError(
            f"{path}: line {table.lines[row]}: {cell[:40]!r} in column {name!r} is neither 0 (all is well) nor 1 (something is wrong)"
        )
    columns = _channel_columns(table, label)
    values = np.stack([table.numbers_in_time(k) for k in columns], axis=1)
    labels = table.numbers_in_time(label)
    for array in (values, labels):
        array.setflags(write=False)
    sentence = (
        f"{table.shape()} {len(columns)} channels; by column {name!r} something is wrong in {100 * float(labels.mean()):.1f} % of the rows."
    )
    recognition = Recognition(f"{sentence} {table.order}".rstrip(), table.summaries(), {"label_column": name})
    return Channels(values, tuple(table.names[k] for k in columns), labels, recognition)


def read_channels_named(path: str, names: tuple[str, ...]) -> NDArray[np.float64]:
    """The columns called ``names`` of the table in the file ``path``, (N, C), in order of time. Raises InputError where one is missing."""
    table = read_table(path)
    return np.stack([table.numbers_in_time(table.find_column(name)) for name in names], axis=1)


def _label_column(table: Table, name: str) -> int:
    if name:
        return table.find_column(name)
    known = [k for k, own in enumerate(table.names) if own.casefold() in LABEL_NAMES]
    binary = [k for k, cells in enumerate(table.columns) if set(cells) == {"0", "1"}]
    found = known or binary[-1:]
    if not found:
        raise InputError(f"{table.path}: no column says where something is wrong: one called 'anomaly' with 0 and 1 in it is needed")
    return found[0]


def _channel_columns(table: Table, label: int) -> list[int]:
    """Columns of numbers but for the label, dates, and those that only count the rows."""
    columns = []
    for k, cells in enumerate(table.columns):
        is_numeric = any(cells) and is_number(next(cell for cell in cells if cell))
        if k == label or k in table.date_columns or table.names[k].casefold() in _INDEX_NAMES or not is_numeric:
            continue
        if not is_index(table.numbers(k)):
            columns.append(k)
    if not 1 <= len(columns) <= MOST_CHANNELS:
        raise InputError(
            f"{table.path}: has {len(columns)} columns of numbers beside {table.names[label]!r}, "
            f"from 1 to {MOST_CHANNELS} channels can be read"
        )
    return columns
