"""What was recognised in a person's file, to be shown before training."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnSummary:
    """A column of a table: its name, and what it holds in a word or two ("numbers", "dates", "text", "3 classes")."""

    name: str
    content: str


@dataclass(frozen=True)
class Recognition:
    """What was recognised in a file.

    sentence : for people
    columns : those of a table, in order; none for a text
    picked : setting -> name of the column that was found for it where none is set
    """

    sentence: str
    columns: tuple[ColumnSummary, ...] = ()
    picked: Mapping[str, str] = field(default_factory=dict)
