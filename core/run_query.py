"""What a person looks for in the library of past runs, as SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core import registry

Outcome = Literal["", "solved", "unsolved", "diverged"]

SORTS = {
    "newest": ("Newest first", "updated_at DESC"),
    "oldest": ("Oldest first", "begun_at"),
    "best": ("Best held-out loss first", "best_loss IS NULL, best_loss"),
    "solved": ("Solved soonest first", "solved_at IS NULL, solved_at, updated_at DESC"),
    "quickest": ("Shortest training first", "seconds"),
    "smallest": ("Fewest parameters first", "parameters, updated_at DESC"),
    "task": ("By task", "task, updated_at DESC"),
}
"""Name -> how it reads on screen, and as SQL; at last the newest id decides."""

OUTCOMES: dict[Outcome, str] = {
    "": "1",
    "solved": "solved_at IS NOT NULL",
    "unsolved": "solved_at IS NULL AND diverged_at IS NULL",
    "diverged": "diverged_at IS NOT NULL",
}

SEARCHED = "haystack(task, cell, hidden_size, optimizer, preset, name, note, seed, is_favourite, solved_at, diverged_at)"


@dataclass(frozen=True)
class RunQuery:
    """``text``: words that must all begin a word of the run: its task, cell, size, name, note …; "" and False pass everything."""

    text: str = ""
    task: str = ""
    cell: str = ""
    outcome: Outcome = ""
    is_favourite: bool = False
    is_deleted: bool = False
    sort: str = "newest"

    @property
    def is_filtering(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text.strip() or self.task or self.cell or self.outcome or self.is_favourite)

    def as_sql(self) -> tuple[str, list[Any]]:
        """What follows SELECT … FROM runs, and its values."""
        conditions = [f"deleted_at IS {'NOT ' if self.is_deleted else ''}NULL", OUTCOMES[self.outcome]]
        values: list[Any] = []
        for column, wanted in (("task", self.task), ("cell", self.cell)):
            if wanted:
                conditions.append(f"{column} = ?")
                values.append(wanted)
        if self.is_favourite:
            conditions.append("is_favourite")
        for word in self.text.casefold().split():
            conditions.append(f"instr({SEARCHED}, ?) > 0")
            values.append(f" {word}")
        return f"WHERE {' AND '.join(conditions)} ORDER BY {SORTS[self.sort][1]}, id DESC", values


def haystack_maker() -> Callable[..., str]:
    """The SQL function ``haystack``: all words of a run, in small letters, each after a blank."""
    titles = {name: task.title for name, task in registry.tasks().items()}

    def haystack(
        task: str,
        cell: str,
        hidden_size: int,
        optimizer: str,
        preset: str,
        name: str,
        note: str,
        seed: int,
        is_favourite: int,
        solved_at: int | None,
        diverged_at: int | None,
    ) -> str:
        marks = [word for word, is_so in (("favourite", is_favourite), ("solved", solved_at), ("diverged", diverged_at)) if is_so]
        parts = (task, titles.get(task, ""), cell, str(hidden_size), optimizer, preset, name, note, f"seed={seed}", *marks)
        return " " + " ".join(" ".join(parts).casefold().split())

    return haystack
