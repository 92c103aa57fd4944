"""A form made from settings fields: live numbers as sliders, structural ones as steppers and segments."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.fields import FieldInfo
from core.readers.recognition import Recognition
from gui.controls.column_field import ColumnField
from gui.controls.control import Control
from gui.controls.field_group import FieldGroup
from gui.controls.field_row import FieldRow
from gui.controls.tooltips import RESERVED_LETTERS


class SettingsForm(QWidget):
    """Shows and edits the fields of a settings dataclass (``core.fields.fields_of``).

    ``changed`` carries key and new value. ``titles`` maps a key to words to show for the words of its choice. ``taken`` are the
    mnemonics in use; forms in one window share it. Setting other fields keeps the rows of those that stay.
    """

    changed = Signal(str, object)

    def __init__(
        self,
        fields: Mapping[str, FieldInfo] | None = None,
        title: str = "",
        titles: Mapping[str, Mapping[str, str]] | None = None,
        taken: set[str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._titles = titles or {}
        self._taken = set(RESERVED_LETTERS) if taken is None else taken
        self._rows: dict[str, FieldRow] = {}
        self._groups: list[FieldGroup] = []
        self.live_group = FieldGroup(title, True, self)
        self.structural_group = FieldGroup(title, False, self)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self.set_fields(fields or {})

    def set_fields(self, fields: Mapping[str, FieldInfo]) -> None:
        """Show these fields, in this order."""
        old = self._rows
        if old and [(key, row.info) for key, row in old.items()] == list(fields.items()):
            return
        self._rows = {}
        for key, info in fields.items():
            is_kept = key in old and old[key].info == info
            self._rows[key] = old.pop(key) if is_kept else self._make_row(key, info)
        self._arrange()
        for row in old.values():
            self._taken.discard(row.letter)
            row.hide()
            row.deleteLater()

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values, silently; keys that are not in the form are passed over."""
        for key, value in values.items():
            row = self._rows.get(key)
            if row is None:
                continue
            is_new = row.control.value() != value
            if is_new:
                row.control.set_value(value)
            # What was typed wrong stays to be mended: a change elsewhere does not wipe it away.
            if is_new or row.is_told_error:
                row.show_error("")

    def set_idle(self, reasons: Mapping[str, str]) -> None:
        """Grey out these fields, which make no difference now or are refused, and no others; the tooltip says why."""
        for key, row in self._rows.items():
            row.show_idle(reasons.get(key, ""))

    def values(self) -> dict[str, Any]:
        """Key -> value as shown."""
        return {key: row.control.value() for key, row in self._rows.items()}

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def row(self, key: str) -> FieldRow:
        """The row of field ``key``."""
        return self._rows[key]

    def control(self, key: str) -> Control:
        """The control of field ``key``."""
        return self._rows[key].control

    def show_error(self, key: str, message: str) -> None:
        """Show at field ``key`` what is wrong with it; "" removes that."""
        self._rows[key].show_error(message)

    def show_recognition(self, recognition: Recognition | None) -> None:
        """Show below the field with the file what was recognised in it, and offer its columns."""
        for key, row in self._rows.items():
            if row.info.kind == "file":
                row.show_note(recognition.sentence if recognition is not None else "")
            if isinstance(row.control, ColumnField):
                columns = recognition.columns if recognition is not None else ()
                picked = recognition.picked.get(key.rpartition(".")[2], "") if recognition is not None else ""
                row.control.set_columns(columns, picked)

    def tab_stops(self) -> list[QWidget]:
        """What the Tab key reaches, in the order in which it is seen."""
        return [stop for group in self._groups for stop in group.tab_stops()]

    def _make_row(self, key: str, info: FieldInfo) -> FieldRow:
        row = FieldRow(info, self._titles.get(key, {}), self._taken, self)
        row.changed.connect(lambda value: self.changed.emit(key, value))
        return row

    def _arrange(self) -> None:
        def rows(is_live: bool, is_important: bool) -> list[FieldRow]:
            return [row for row in self._rows.values() if row.info.is_live == is_live and row.info.is_important == is_important]

        live, live_folded, structural, structural_folded = rows(True, True), rows(True, False), rows(False, True), rows(False, False)
        is_nested = bool(live) and not structural and bool(structural_folded)
        self.structural_group.setParent(self)
        self.structural_group.set_rows(structural_folded if is_nested else structural, [] if is_nested else structural_folded)
        self.live_group.set_rows(live, live_folded, [self.structural_group] if is_nested else [])
        is_structural_first = bool(structural) and next(row for row in self._rows.values() if row.info.is_important) is structural[0]
        self._groups = [self.live_group] if is_nested else [self.live_group, self.structural_group]
        if is_structural_first:
            self._groups.reverse()
        for group in self._groups:
            self._layout.removeWidget(group)
            self._layout.addWidget(group)
        has_live = bool(live or live_folded)
        has_structural = bool(structural or structural_folded)
        self.live_group.setVisible(has_live)
        self.structural_group.setVisible(has_structural)
        # Only the first of two groups bears the title.
        self.live_group.set_titled(not (has_structural and is_structural_first))
        self.structural_group.set_titled(not has_live or is_structural_first)
