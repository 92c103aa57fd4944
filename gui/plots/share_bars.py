"""Horizontal bars of shares: names, bars, figures; the first row stands out."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.canvas import Canvas
from gui.plots.numbers import share_text
from gui.style import current_look
from gui.theme import SIZE_LABEL, WEIGHT_BODY, WEIGHT_TITLE, Theme

OTHERS = "all others"
ROW, MOST_ROWS, LEAST_WIDTH, HINTED_WIDTH, FIGURE = 20, 6, 120, 260, 40
# Of less than this the rest is not worth a row.
LEAST_REST = 5e-4
RIGHT = Qt.AlignmentFlag.AlignRight


def likeliest_rows(pairs: Sequence[tuple[str, float]], most_rows: int) -> list[tuple[str, float]]:
    """The first of ``pairs``, likeliest first, and the rest of the whole as a row of its own."""
    shown = list(pairs[: max(1, most_rows - 1)]) if len(pairs) > most_rows or _rest(pairs) > LEAST_REST else list(pairs)
    rest = _rest(shown)
    return [*shown, (OTHERS, rest)] if most_rows > 1 and rest > LEAST_REST else shown


def _rest(pairs: Sequence[tuple[str, float]]) -> float:
    return 1 - sum(share for _, share in pairs)


def draw_share_rows(canvas: Canvas, painter: QPainter, rows: Sequence[tuple[str, float]], box: QRectF) -> None:
    """Draw ``rows`` of names and shares into ``box``, best first; ``OTHERS`` has no bar."""
    theme, scale = canvas.theme, canvas.text_scale
    names = min(max(canvas.text_width(name, SIZE_LABEL, WEIGHT_TITLE) for name, _ in rows) + 2, 0.4 * canvas.width())
    left = box.left() + names + 8 * scale
    figure = max(FIGURE * scale, 8 * scale + max(canvas.text_width(share_text(share), SIZE_LABEL, WEIGHT_TITLE) for _, share in rows))
    track = box.right() - left - figure
    row = box.height() / len(rows)
    for k, (name, share) in enumerate(rows):
        y = box.top() + k * row
        is_best, is_rest = k == 0, name == OTHERS and k == len(rows) - 1
        weight = WEIGHT_TITLE if is_best else WEIGHT_BODY
        color = theme.text_3 if is_rest else theme.text
        canvas.draw_text(painter, QRectF(box.left(), y, names, row), name, color, SIZE_LABEL, RIGHT, weight)
        canvas.draw_text(painter, QRectF(box.right() - figure, y, figure, row), share_text(share), color, SIZE_LABEL, RIGHT, weight)
        if track > 12 and not is_rest:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            bar = QRectF(left, y + row / 2 - row / 5, track, 0.4 * row)
            painter.setBrush(QColor(theme.raised_2))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setBrush(QColor(theme.accent if is_best else theme.ghost))
            bar.setWidth(max(1.0, track * min(max(share, 0.0), 1.0)))
            painter.drawRoundedRect(bar, 2, 2)


class ShareBars(Canvas):
    """The shares of an answer, likeliest first; as high as its rows need."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rows: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_shares(self, shares: Mapping[str, float]) -> None:
        """Draw other shares."""
        best_first = sorted(shares.items(), key=lambda pair: -pair[1])
        self._rows = likeliest_rows(best_first, MOST_ROWS)
        self.setAccessibleName("Probabilities")
        self.setAccessibleDescription(", ".join(f"{name} {share_text(share)}" for name, share in self._rows))
        self.updateGeometry()
        self.refresh()

    def rows(self) -> list[tuple[str, float]]:
        """What the bars show."""
        return self._rows

    def is_empty(self) -> bool:
        return not self._rows

    def sizeHint(self) -> QSize:
        look = current_look()
        return QSize(look.px(HINTED_WIDTH), look.px(ROW * max(1, len(self._rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(current_look().px(LEAST_WIDTH), self.sizeHint().height())

    def draw_content(self, painter: QPainter) -> None:
        draw_share_rows(self, painter, self._rows, QRectF(self.rect()))
