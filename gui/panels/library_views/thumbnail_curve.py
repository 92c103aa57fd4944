"""The loss curve of a past run in the size of a stamp."""

import math
from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from core.run_record import RunRecord
from gui.controls.painting import draw_box
from gui.plots.curves import polygon
from gui.style import Look
from gui.theme import RADIUS_FIELD

MARGIN = 5.0
LEAST_DECADES = 0.5
DOT, CROSS = 3.0, 3.0
MOST_PICTURES = 200


class ThumbnailCurves:
    """Draws thumbnails, and keeps their pictures: a list that scrolls draws the same ones again and again."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()

    def draw(self, painter: QPainter, rect: QRectF, record: RunRecord, look: Look) -> None:
        """Draw the curve of ``record`` into ``rect``."""
        ratio = painter.device().devicePixelRatioF()
        size = rect.size().toSize()
        key = (record.id, record.updated_at, record.updates, size.width(), size.height(), look, ratio)
        picture = self._pictures.get(key)
        if picture is None:
            picture = QPixmap(size * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as inside:
                inside.setRenderHint(QPainter.RenderHint.Antialiasing)
                draw_thumbnail_curve(inside, QRectF(0, 0, size.width(), size.height()), record, look)
            self._pictures[key] = picture
            if len(self._pictures) > MOST_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        painter.drawPixmap(rect.topLeft(), picture)


def draw_thumbnail_curve(painter: QPainter, rect: QRectF, record: RunRecord, look: Look) -> None:
    """Training loss on a log axis, the baseline dashed, a ring where it was solved, a cross where it diverged."""
    draw_box(painter, rect, RADIUS_FIELD, look.color("raised"), look.color("line"))
    box = rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    logs = record.curve.astype(np.float64)
    baseline = math.log10(record.baseline_loss) if record.baseline_loss is not None and record.baseline_loss > 0 else None
    shown = logs if baseline is None else np.append(logs, baseline)
    if not len(logs):
        return
    middle, half = (shown.max() + shown.min()) / 2, max(float(np.ptp(shown)), LEAST_DECADES) / 2
    x = box.left() + box.width() * (np.arange(len(logs)) + 0.5) / len(logs)
    y = box.center().y() - box.height() / 2 * (logs - middle) / half
    if baseline is not None:
        painter.setPen(_dashed(look.color("ghost")))
        height = round(box.center().y() - box.height() / 2 * (baseline - middle) / half) + 0.5
        painter.drawLine(QLineF(box.left(), height, box.right(), height))
    painter.setPen(QPen(look.color("accent"), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(polygon(x, y))
    if len(logs) == 1:
        painter.drawPoint(QPointF(x[0], y[0]))
    _draw_ending(painter, box, record, look, x, y)


def _draw_ending(painter: QPainter, box: QRectF, record: RunRecord, look: Look, x: np.ndarray, y: np.ndarray) -> None:
    if record.solved_at is not None and record.updates:
        at_x = box.left() + box.width() * min(1.0, record.solved_at / record.updates)
        painter.setPen(QPen(look.color("ok"), 1.5))
        painter.setBrush(look.color("raised"))
        painter.drawEllipse(QPointF(at_x, float(np.interp(at_x, x, y))), DOT, DOT)
    if record.diverged_at is not None:
        at = QPointF(x[-1], y[-1])
        painter.setPen(QPen(look.color("bad"), 1.5))
        painter.drawLine(at + QPointF(-CROSS, -CROSS), at + QPointF(CROSS, CROSS))
        painter.drawLine(at + QPointF(-CROSS, CROSS), at + QPointF(CROSS, -CROSS))


def _dashed(color: QColor) -> QPen:
    pen = QPen(color, 1)
    pen.setDashPattern([3, 3])
    return pen
