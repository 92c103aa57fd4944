"""How a past run is drawn in the list: thumbnail curve, title, what came of it, favourite star."""

from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.run_record import RunRecord
from gui.controls.painting import draw_box, draw_focus_ring, draw_icon
from gui.controls.text_field import LineField
from gui.panels.library_views.run_model import NOW_ROLE, RECORD_ROLE, TAGS_ROLE
from gui.panels.library_views.thumbnail_curve import ThumbnailCurves
from gui.panels.library_views.words import duration_text, effort, figure, figure_in_full, outcome, setting, what_it_is, when_text
from gui.plots.lettering import elided
from gui.style import Look, current_look
from gui.theme import RADIUS_BUTTON, SIZE_BODY, SIZE_LABEL, WEIGHT_BODY, WEIGHT_TITLE

# px at text size 1.0
ROW_HEIGHT, PAD, GAP, STAR = 52, 6, 10, 28
CURVE_WIDTH, NARROW_CURVE_WIDTH = 88, 60
OUTCOME_WIDTH, OUTCOME_FROM = 150, 400
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
Index = QModelIndex | QPersistentModelIndex


class RunDelegate(QStyledItemDelegate):
    """Paints rows and lets their names be edited. ``starred`` carries the id of a run whose star was clicked."""

    starred = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._curves = ThumbnailCurves()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, current_look().px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        record = index.data(RECORD_ROLE)
        if not isinstance(record, RunRecord):
            return
        values: Any = option
        look, rect, state = current_look(), QRectF(values.rect), values.state
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = rect.adjusted(1, 1, -1, -1)
        if is_chosen or is_hovered:
            draw_box(painter, card, RADIUS_BUTTON, look.color("accent_wash" if is_chosen else "raised"))
        if state & QStyle.StateFlag.State_HasFocus:
            draw_focus_ring(painter, look, card, RADIUS_BUTTON)
        self._curves.draw(painter, _curve_rect(rect, look), record, look)
        self._draw_star(painter, rect, record, look, is_chosen or is_hovered)
        self._draw_words(painter, rect, record, look, index.data(TAGS_ROLE), index.data(NOW_ROLE))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = LineField(parent)
        editor.setAccessibleName("Name of the run")
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        values: Any = option
        look, rect = current_look(), QRectF(values.rect)
        words = _words_rect(rect, look)
        editor.setGeometry(words.adjusted(-look.px(6), 0, 0, -words.height() / 2 + look.px(2)).toRect())

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            values: Any = option
            if event.button() == Qt.MouseButton.LeftButton and _star_rect(QRectF(values.rect), current_look()).contains(event.position()):
                self.starred.emit(index.data(RECORD_ROLE).id)
                return True
        return super().editorEvent(event, model, option, index)

    def _draw_star(self, painter: QPainter, rect: QRectF, record: RunRecord, look: Look, is_lit: bool) -> None:
        if record.is_favourite or is_lit:
            name, tone = ("star-filled", "warn") if record.is_favourite else ("star", "text_2")
            draw_icon(painter, look, name, getattr(look.theme, tone), _star_rect(rect, look).center())

    def _draw_words(self, painter: QPainter, rect: QRectF, record: RunRecord, look: Look, tag: str, now: float) -> None:
        words = _words_rect(rect, look)
        came, tone = outcome(record)
        is_wide = rect.width() >= look.px(OUTCOME_FROM)
        top, bottom = (QRectF(words.left(), words.top() + k * words.height() / 2, words.width(), words.height() / 2) for k in range(2))
        if is_wide:
            if tone == "bad":
                found = _draw_badge(painter, top, came, look, tone)
            else:
                found = _draw_text(painter, top, came, look, SIZE_LABEL, tone, WEIGHT_TITLE if tone != "text_2" else WEIGHT_BODY, RIGHT)
            measured = _draw_text(painter, bottom, figure_in_full(record), look, SIZE_LABEL, "text_2", WEIGHT_BODY, RIGHT)
            top.setWidth(top.width() - found - look.px(GAP))
            bottom.setWidth(bottom.width() - measured - look.px(GAP))
        is_long = QFontMetricsF(_font(look, SIZE_BODY, WEIGHT_TITLE)).horizontalAdvance(record.title) > top.width()
        _draw_text(painter, top, record.short_title if is_long else record.title, look, SIZE_BODY, "text", WEIGHT_TITLE)
        for text, color, weight in self._second_line(record, came, tone, tag, now, is_wide):
            taken = _draw_text(painter, bottom, text, look, SIZE_LABEL, color, weight)
            bottom.setLeft(bottom.left() + taken)

    def _second_line(self, record: RunRecord, came: str, tone: str, tag: str, now: float, is_wide: bool) -> list[tuple[str, str, int]]:
        """Texts with their colours and weights, the most important first: what has no room is cut."""
        line = [(tag, "accent", WEIGHT_TITLE)] if tag else []
        when, note = when_text(record.updated_at, now), f"“{' '.join(record.note.split())}”" if record.note else ""
        if is_wide:
            rest = [note, what_it_is(record) if record.name else "", setting(record), effort(record), when]
        else:
            line.append((came, tone, WEIGHT_TITLE if tone != "text_2" else WEIGHT_BODY))
            rest = [figure(record), setting(record), when, duration_text(record.seconds), note]
        line += [(text, "text_2", WEIGHT_BODY) for text in rest if text]
        return [(("" if k == 0 else " · ") + text, color, weight) for k, (text, color, weight) in enumerate(line)]


def _curve_rect(rect: QRectF, look: Look) -> QRectF:
    width = look.px(CURVE_WIDTH if rect.width() >= look.px(OUTCOME_FROM) else NARROW_CURVE_WIDTH)
    return QRectF(rect.left() + look.px(PAD), rect.top() + look.px(PAD), width, rect.height() - 2 * look.px(PAD))


def _star_rect(rect: QRectF, look: Look) -> QRectF:
    return QRectF(rect.right() - look.px(STAR), rect.top(), look.px(STAR), rect.height())


def _words_rect(rect: QRectF, look: Look) -> QRectF:
    left = _curve_rect(rect, look).right() + look.px(GAP)
    return QRectF(left, rect.top() + look.px(PAD), rect.right() - look.px(STAR) - left, rect.height() - 2 * look.px(PAD))


@lru_cache(maxsize=16)
def _font(look: Look, size: int, weight: int) -> QFont:
    """Made once: a row needs several."""
    return look.font(size, weight)


def _draw_badge(painter: QPainter, room: QRectF, text: str, look: Look, tone: str) -> float:
    """``text`` in a frame of its colour at the right of ``room``; returns the width that it took."""
    side = look.px(7)
    width = min(QFontMetricsF(_font(look, SIZE_LABEL, WEIGHT_TITLE)).horizontalAdvance(text) + 2 * side, room.width())
    badge = QRectF(room.right() - width, room.top(), width, room.height())
    draw_box(painter, badge, badge.height() / 2, None, look.color(tone))
    _draw_text(painter, badge.adjusted(side - 1, 0, 1 - side, 0), text, look, SIZE_LABEL, tone, WEIGHT_TITLE, RIGHT)
    return width


def _draw_text(
    painter: QPainter,
    room: QRectF,
    text: str,
    look: Look,
    size: int,
    tone: str,
    weight: int,
    alignment: Qt.AlignmentFlag = LEFT,
) -> float:
    """Draw ``text`` within ``room``, cut where it is too long; returns the width that it took."""
    font = _font(look, size, weight)
    shown = elided(font, text, room.width())
    painter.setFont(font)
    painter.setPen(look.color(tone))
    painter.drawText(room, int(alignment), shown)
    return QFontMetricsF(font).horizontalAdvance(shown)
