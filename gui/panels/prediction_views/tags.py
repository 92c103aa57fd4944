"""A tag for each word: how likely the network finds each tag, the one it answers, and the right one where it is wrong.

A person should see the same name wear another colour in another sentence, names that were never seen (dotted below) be found all the
same, and wrong answers (outlined, with the right tag below) go.
"""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.prediction import TagsPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.canvas import Canvas
from gui.plots.confusion_matrix import ConfusionMatrix
from gui.plots.curves import blend
from gui.plots.marks import draw_readout
from gui.plots.numbers import share_text
from gui.theme import SIZE_BODY, SIZE_TICK, WEIGHT_TITLE, Theme

LEAST_WIDTH_WITH_MATRIX = 520
MATRIX_SHARE = 0.38
PAD, GAP = 16.0, 6.0
WORD_HEIGHT, TAG_HEIGHT, LEAST_BAR, LARGEST_BAR, ROW_GAP = 22.0, 18.0, 10.0, 90.0, 8.0
WIDEST = 1.8
LIMITS_TRIED = 24
CENTER = Qt.AlignmentFlag.AlignHCenter


def balanced_lines(widths: list[float], room: float, gap: float) -> list[list[int]]:
    """Places of words of these ``widths`` in as few lines of ``room`` pixels as they need, the lines about equally long."""
    fewest = len(_lines(widths, room, gap))
    limits = np.linspace(sum(widths) / fewest, room, LIMITS_TRIED)
    return next(lines for limit in [*limits.tolist(), room] if len(lines := _lines(widths, limit, gap)) <= fewest)


def _lines(widths: list[float], limit: float, gap: float) -> list[list[int]]:
    lines: list[list[int]] = [[]]
    used = 0.0
    for place, width in enumerate(widths):
        if lines[-1] and used + width > limit:
            lines.append([])
            used = 0.0
        lines[-1].append(place)
        used += width + gap
    return lines


class TaggedWords(Canvas):
    """The words in lines; under each the answered tag, the right one where it differs, and a stack of the shares of all tags."""

    def __init__(self, theme: Theme, view: "TagsView") -> None:
        super().__init__(theme, view)
        self.view = view
        self.cursor_step: int | None = None
        self._boxes: list[QRectF] = []
        self.setCursor(Qt.CursorShape.CrossCursor)

    def is_empty(self) -> bool:
        return self.view.prediction is None

    def lay_out(self) -> list[QRectF]:
        """A box for each word, in lines that share the height."""
        prediction, scale = self.view.prediction, self.text_scale
        if prediction is None:
            return []
        answers = self.view.answers()
        room = self.width() - 1.5 * PAD * scale
        widths = []
        for word, answer, wanted in zip(prediction.words, answers, prediction.wanted, strict=True):
            tags = [tag for tag in (answer, wanted) if tag != prediction.plain_tag or answer != wanted]
            texts = [self.text_width(word, SIZE_BODY), *(self.text_width(tag, SIZE_TICK, WEIGHT_TITLE) + 10 * scale for tag in tags)]
            widths.append(min(max(*texts, 14 * scale) + 6 * scale, room))
        lines = balanced_lines(widths, room, GAP * scale)
        text_height = (WORD_HEIGHT + 2 * TAG_HEIGHT) * scale
        height = (self.height() - 8 * scale) / len(lines) - ROW_GAP * scale
        height = min(max(height, text_height), text_height + LARGEST_BAR * scale)
        boxes = []
        for place, line in enumerate(lines):
            total = sum(widths[step] for step in line)
            stretch = max(1.0, min(WIDEST, (room - GAP * scale * (len(line) - 1)) / max(total, 1.0)))
            x, y = PAD * scale, 8 * scale + place * (height + ROW_GAP * scale)
            for step in line:
                boxes.append(QRectF(x, y, widths[step] * stretch, height))
                x += widths[step] * stretch + GAP * scale
        return boxes

    def draw_content(self, painter: QPainter) -> None:
        prediction = self.view.prediction
        if prediction is None:
            return
        self._boxes = self.lay_out()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step, (box, answer) in enumerate(zip(self._boxes, self.view.answers(), strict=True)):
            self._draw_word(painter, box, step, answer)

    def _draw_word(self, painter: QPainter, box: QRectF, step: int, answer: str) -> None:
        prediction, theme, scale = self.view.prediction, self.theme, self.text_scale
        assert prediction is not None
        wanted = prediction.wanted[step]
        is_plain, is_wrong = answer == wanted == prediction.plain_tag, answer != wanted
        word = QRectF(box.left(), box.top(), box.width(), WORD_HEIGHT * scale)
        self.draw_text(painter, word, prediction.words[step], theme.text_2 if is_plain else theme.text, SIZE_BODY, CENTER)
        if not prediction.is_known[step]:
            half = self.text_width(prediction.words[step], SIZE_BODY) / 2
            painter.setPen(QPen(QColor(theme.text_3), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(word.center().x() - half, word.bottom() - 2, word.center().x() + half, word.bottom() - 2))
        tag = QRectF(box.left(), word.bottom(), box.width(), (TAG_HEIGHT - 2) * scale)
        if not is_plain:
            color = self.view.tag_color(answer)
            share = float(np.nan_to_num(prediction.probabilities[step]).max())
            painter.setPen(QPen(QColor(theme.bad), 1.5) if is_wrong else Qt.PenStyle.NoPen)
            painter.setBrush(blend(color, theme.panel, 0.12 + 0.23 * share))
            painter.drawRoundedRect(tag.adjusted(1, 0.75, -1, -0.75), 4, 4)
            self.draw_text(painter, tag, answer, theme.text, SIZE_TICK, CENTER, WEIGHT_TITLE)
        if is_wrong:
            self.draw_text(painter, tag.translated(0, TAG_HEIGHT * scale), f"→ {wanted}", theme.bad, SIZE_TICK, CENTER)
        stack = QRectF(box.left() + 2, tag.bottom() + TAG_HEIGHT * scale, box.width() - 4, 0)
        stack.setBottom(box.bottom())
        if stack.height() >= LEAST_BAR * scale:
            self._draw_shares(painter, stack, prediction.probabilities[step])

    def _draw_shares(self, painter: QPainter, stack: QRectF, shares: np.ndarray) -> None:
        """The shares of all tags on top of each other, those of names at the bottom."""
        prediction = self.view.prediction
        assert prediction is not None
        bottom = stack.bottom()
        painter.setPen(Qt.PenStyle.NoPen)
        for tag, share in zip(prediction.tags, np.nan_to_num(shares).tolist(), strict=True):
            top = bottom - share * stack.height()
            painter.fillRect(QRectF(stack.left(), top, stack.width(), bottom - top), QColor(self.view.tag_color(tag)))
            bottom = top

    def draw_overlay(self, painter: QPainter) -> None:
        prediction = self.view.prediction
        if self.cursor_step is not None and self.cursor_step < len(self._boxes):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 1.5))
            painter.drawRoundedRect(self._boxes[self.cursor_step].adjusted(-2, -2, 2, 2), 4, 4)
        step = None if self.hover is None else self._step_at(self.hover)
        if step is not None and self.hover is not None and prediction is not None:
            rows = [(f"“{prediction.words[step]}” is {prediction.wanted[step]}", "", "")]
            rows += [] if prediction.is_known[step] else [("a word it has never seen", "", "")]
            shares = prediction.probabilities[step]
            rows += [(tag, share_text(float(shares[k])), self.view.tag_color(tag)) for k, tag in enumerate(prediction.tags)]
            draw_readout(self, painter, self.hover, rows)

    def _step_at(self, at: QPointF) -> int | None:
        return next((step for step, box in enumerate(self._boxes) if box.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step = self._step_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if step is not None:
            self.view.step_chosen.emit(step)


class TagsView(PredictionView):
    """Left the words with their tags, right the confusion matrix of held-out words."""

    name = "tags"
    prediction_type = TagsPrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: TagsPrediction | None = None
        self.words = TaggedWords(theme, self)
        self.matrix = ConfusionMatrix(theme, self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.words, round(100 * (1 - MATRIX_SHARE)))
        layout.addWidget(self.matrix, round(100 * MATRIX_SHARE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.matrix.setVisible(self.width() >= LEAST_WIDTH_WITH_MATRIX * self.words.text_scale)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.words, self.matrix):
            canvas.set_theme(theme)

    def show_prediction(self, prediction: TagsPrediction, trace: Trace | None) -> None:
        self.prediction = prediction
        self.words.refresh()
        self.matrix.show_counts(prediction.tags, prediction.confusion)

    def set_cursor(self, step: int) -> None:
        self.words.cursor_step = step
        self.words.update()

    def tag_color(self, tag: str) -> str:
        """The colour of a tag; its name always stands in it. The tag of plain words is grey."""
        prediction = self.prediction
        if prediction is None or tag == prediction.plain_tag:
            return self.theme.raised_2
        return self.theme.runs[prediction.tags.index(tag) % len(self.theme.runs)]

    def answers(self) -> list[str]:
        """The likeliest tag of each word."""
        prediction = self.prediction
        if prediction is None:
            return []
        return [prediction.tags[int(shares.argmax())] for shares in np.nan_to_num(prediction.probabilities)]

    def subtitle(self) -> str:
        prediction = self.prediction
        if prediction is None:
            return ""
        pairs = list(zip(prediction.wanted, self.answers(), strict=True))
        names = sum(wanted != prediction.plain_tag for wanted, _ in pairs)
        found = sum(wanted == answer != prediction.plain_tag for wanted, answer in pairs)
        false = sum(answer != prediction.plain_tag and answer != wanted for wanted, answer in pairs)
        return f"{found} of {names} names right" + (f", {false} wrong" if false else "")

    def as_table(self) -> list[list[str]]:
        prediction = self.prediction
        if prediction is None:
            return [["t", "word", "wanted", "answer"]]
        rows = [["t", "word", "wanted", "answer", *prediction.tags]]
        steps = zip(prediction.words, prediction.wanted, self.answers(), prediction.probabilities, strict=True)
        for t, (word, wanted, answer, shares) in enumerate(steps, 1):
            rows.append([str(t), word, wanted, answer, *(f"{share:.4f}" for share in shares)])
        return rows


VIEW = TagsView
