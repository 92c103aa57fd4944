"""What every control of a settings form has in common."""

from typing import Any, ClassVar, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.fields import FieldInfo
from gui.controls.caption import FieldLabel
from gui.style import Styled

Arrangement = Literal["beside", "below", "own"]


def shown_unit(info: FieldInfo) -> str:
    """The unit that stands behind the label: none that only repeats a word of it."""
    return "" if info.unit.lower() in info.label.lower().split() else info.unit


class Control(Styled, QWidget):
    """Shows and edits one value.

    ``value_changed`` carries a new value that a person chose; ``set_value`` is silent. ``arrangement`` says where a form puts the
    label: beside the control, above it ("below": the control stands below), or nowhere because the control has its own.
    """

    value_changed = Signal(object)
    arrangement: ClassVar[Arrangement] = "beside"

    @property
    def own_label(self) -> FieldLabel | None:
        """The label that is part of the control; None where the form makes one."""
        return None

    def value(self) -> Any:
        """The value now: the last good one."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show ``value``."""
        raise NotImplementedError

    def focus_target(self) -> QWidget:
        """Where the label's mnemonic leads."""
        return self

    def show_error(self, message: str) -> None:
        """Mark the control as wrong because of ``message``; "" unmarks it."""
