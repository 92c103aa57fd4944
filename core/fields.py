"""Declares settings fields: default, range, unit, label and help in one place, from which forms and command line are made."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InputError

Scale = Literal["linear", "log", "powers_of_two"]
Kind = Literal["integer", "number", "flag", "choice", "file", "column", "text"]

# Those whose values are texts.
TEXT_KINDS = ("choice", "file", "column", "text")


@dataclass(frozen=True)
class FieldInfo:
    """What is known of one settings field besides its value.

    ``is_live`` fields change while a run goes on; the others rebuild it, but those that may grow (``is_growing``) only where the
    value becomes smaller. ``is_important`` fields are shown open in the
    forms, the rest under "more". ``off_value`` is the value that switches the feature off ("off" on screen).

    ``short`` is what marks on the curves call it ("" as the label).

    Of a file ``suffixes`` are the endings that it may have, and ``holds`` says what must stand in it: "text", "numbers" (a table with a
    column of them), "labelled texts" (a table of texts and classes), or what else a task wants. Of a column ``of`` is the name of
    the field with the file, and ``holds`` what the column must hold: "numbers", "text", "labels" ….
    """

    label: str
    help: str
    kind: Kind
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    short: str = ""
    scale: Scale = "linear"
    is_live: bool = False
    is_growing: bool = False
    is_important: bool = True
    off_value: float | None = None
    list_choices: Callable[[], tuple[str, ...]] | None = None
    suffixes: tuple[str, ...] = ()
    holds: str = ""
    of: str = ""

    def shown(self, value: Any) -> str:
        """``value`` as marks say it."""
        if self.off_value is not None and value == self.off_value:
            return "off"
        if isinstance(value, bool):
            return "on" if value else "off"
        return f"{value:g}" if isinstance(value, float) else str(value)

    @property
    def choices(self) -> tuple[str, ...]:
        """The permitted words of a choice, in display order; empty for other kinds."""
        return self.list_choices() if self.list_choices else ()

    def may_change_live(self, before: Any, after: Any) -> bool:
        """Whether a run goes on when this value changes."""
        return self.is_live or (self.is_growing and after >= before)

    def checked(self, key: str, value: Any) -> Any:
        """Return ``value`` in the field's own type, or raise InputError that names ``key`` and what would be right."""
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise InputError(f"{key} = {value!r}: must be true or false")
            return value
        if self.kind in TEXT_KINDS:
            if not isinstance(value, str):
                raise InputError(f"{key} = {value!r}: must be a text in quotes")
            if self.kind == "choice" and value not in self.choices:
                raise InputError(f"{key} = {value!r}: must be one of {', '.join(self.choices)}")
            return value
        return self._checked_number(key, value)

    def _checked_number(self, key: str, value: Any) -> float | int:
        wanted = "a whole number" if self.kind == "integer" else "a number"
        bounds = f"{wanted} from {self.minimum:g} to {self.maximum:g}"
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(f"{key} = {value!r}: must be {bounds}")
        # NaN lies in no range; math.isfinite would fail for whole numbers that are too long for a float.
        if not self.minimum <= value <= self.maximum:  # type: ignore[operator]
            raise InputError(f"{key} = {value!r}: must be {bounds}")
        if self.kind == "integer" and value != int(value):
            raise InputError(f"{key} = {value!r}: must be {bounds}")
        return int(value) if self.kind == "integer" else float(value)


def _declare(info: FieldInfo) -> Any:
    return dataclasses.field(default=info.default, metadata={"info": info})


def integer(default: int, minimum: int, maximum: int, label: str, help: str, **more: Any) -> Any:
    """A whole number from ``minimum`` to ``maximum``, both included."""
    return _declare(FieldInfo(label, help, "integer", default, minimum, maximum, **more))


def number(default: float, minimum: float, maximum: float, label: str, help: str, **more: Any) -> Any:
    """A real number from ``minimum`` to ``maximum``, both included."""
    return _declare(FieldInfo(label, help, "number", default, minimum, maximum, **more))


def flag(default: bool, label: str, help: str, **more: Any) -> Any:
    """A switch."""
    return _declare(FieldInfo(label, help, "flag", default, **more))


def choice(default: str, choices: tuple[str, ...] | Callable[[], tuple[str, ...]], label: str, help: str, **more: Any) -> Any:
    """One word of a list; a callable is asked anew each time, so that registries may grow."""
    list_choices = choices if callable(choices) else (lambda: choices)
    return _declare(FieldInfo(label, help, "choice", default, list_choices=list_choices, **more))


def file(suffixes: tuple[str, ...], label: str, help: str, **more: Any) -> Any:
    """A path to the user's own data; empty means the bundled data. Give ``holds``, so that a dropped file finds its task."""
    return _declare(FieldInfo(label, help, "file", "", suffixes=suffixes, **more))


def column(label: str, help: str, holds: str, of: str = "file", **more: Any) -> Any:
    """The name of a column in the table of field ``of``; empty means that the program finds it."""
    return _declare(FieldInfo(label, help, "column", "", holds=holds, of=of, **more))


def text(default: str, label: str, help: str, **more: Any) -> Any:
    """A free text."""
    return _declare(FieldInfo(label, help, "text", default, **more))


def fields_of(settings_class: type) -> dict[str, FieldInfo]:
    """Name -> FieldInfo of a settings dataclass, in order of declaration."""
    return {f.name: f.metadata["info"] for f in dataclasses.fields(settings_class) if "info" in f.metadata}
