"""One class for a sequence: how sure the network is after every word, and which classes it confuses on held-out data.

A person should see the answer turn at the word that turns the meaning ("but", "boring"), or rise as the sounds of a word go by in the
picture of a recording, and the confusion matrix gather its counts on the diagonal.
"""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.prediction import ClassesPrediction
from core.snapshot import Trace
from gui.panels.prediction_views.view import PredictionView
from gui.plots.bitmap import BitmapPlot
from gui.plots.canvas import Canvas
from gui.plots.confusion_matrix import ConfusionMatrix
from gui.plots.curves import Curve, blend
from gui.plots.input_picture import InputPicture
from gui.plots.marks import draw_readout
from gui.plots.numbers import share_text
from gui.plots.scales import LinearScale
from gui.plots.time_plot import TimePlot
from gui.theme import SIZE_LABEL, Theme
from gui.walk import Span

LEAST_WIDTH_WITH_MATRIX, LEAST_HEIGHT_WITH_PLOT = 440, 120
TOKEN_HEIGHT, TOKEN_GAP, PAD = 22.0, 4.0, 16.0
SPECTROGRAM_SHARE = 0.45
# Of more classes than there are colours only the truth and the likeliest are drawn by name.
MOST_NAMED = 4
CENTER = Qt.AlignmentFlag.AlignHCenter


class TokenStrip(Canvas):
    """The words in order, each on a ground of the colour of the class that is likelier after it, the stronger the surer."""

    def __init__(self, theme: Theme, view: "ClassesView") -> None:
        super().__init__(theme, view)
        self.view = view
        self.cursor_step: int | None = None
        self._boxes: list[QRectF] = []
        self.setCursor(Qt.CursorShape.CrossCursor)

    def is_empty(self) -> bool:
        return self.view.prediction is None

    def lay_out(self, width: float) -> list[QRectF]:
        """Boxes of all words, flowing in lines of ``width`` pixels."""
        prediction, scale = self.view.prediction, self.text_scale
        boxes: list[QRectF] = []
        x, y = PAD * scale, 8 * scale
        for token in prediction.tokens if prediction is not None else ():
            token_width = self.text_width(token, SIZE_LABEL) + 10 * scale
            if x > PAD * scale and x + token_width > width - PAD * scale / 2:
                x, y = PAD * scale, y + (TOKEN_HEIGHT + TOKEN_GAP) * scale
            boxes.append(QRectF(x, y, token_width, TOKEN_HEIGHT * scale))
            x += token_width + TOKEN_GAP * scale
        return boxes

    def draw_content(self, painter: QPainter) -> None:
        prediction, theme = self.view.prediction, self.theme
        if prediction is None:
            return
        boxes = self.lay_out(self.width())
        lift = max(0.0, boxes[-1].bottom() + 2 - self.height()) if boxes else 0.0  # the last words are always in view
        self._boxes = [box.translated(0, -lift) for box in boxes]
        chance = 1 / max(2, len(prediction.classes))
        for token, box, shares in zip(prediction.tokens, self._boxes, np.nan_to_num(prediction.probabilities), strict=True):
            if box.top() < 0:
                continue
            best = int(shares.argmax())
            sureness = max(0.0, (float(shares[best]) - chance) / (1 - chance))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            color = self.view.class_color(best)
            painter.setBrush(blend(color, theme.panel, 0.3 * sureness))
            painter.drawRoundedRect(box, 3, 3)
            painter.fillRect(QRectF(box.left() + 3, box.bottom() - 2, (box.width() - 6) * sureness, 2), QColor(color))
            self.draw_text(painter, box, token, theme.text, SIZE_LABEL, CENTER)

    def draw_overlay(self, painter: QPainter) -> None:
        if self.cursor_step is not None and self.cursor_step < len(self._boxes):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 1.5))
            painter.drawRoundedRect(self._boxes[self.cursor_step], 3, 3)
        step = None if self.hover is None else self._step_at(self.hover)
        prediction = self.view.prediction
        if step is not None and self.hover is not None and prediction is not None:
            rows = [(f"after “{prediction.tokens[step]}”", "", "")]
            shares = prediction.probabilities[step]
            rows += [(name, share_text(float(shares[k])), self.view.class_color(k)) for k, name in enumerate(prediction.classes)]
            draw_readout(self, painter, self.hover, rows)

    def _step_at(self, at: QPointF) -> int | None:
        return next((step for step, box in enumerate(self._boxes) if box.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        step = self._step_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if step is not None:
            self.view.step_chosen.emit(step)


class ClassesView(PredictionView):
    """Left the words and the probability of every class over time, right the confusion matrix; before them the picture that is read."""

    name = "classes"
    prediction_type = ClassesPrediction

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: ClassesPrediction | None = None
        self._color_places: dict[int, int] = {}
        self.strip = TokenStrip(theme, self)
        self.plot = TimePlot(theme, lambda curves: LinearScale(0, 1))
        self.plot.step_chosen.connect(self.step_chosen)
        self.plot.step_name = self._name_step
        self.spectrogram = InputPicture(theme, self)
        self.spectrogram.step_chosen.connect(self.step_chosen)
        self.spectrogram.setVisible(False)
        self.matrix = ConfusionMatrix(theme, self)
        self.picture = BitmapPlot(theme)
        self.picture.setVisible(False)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.strip)
        left.addWidget(self.spectrogram)
        left.addWidget(self.plot, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.picture)
        layout.addLayout(left, 62)
        layout.addWidget(self.matrix, 38)

    def class_color(self, index: int) -> str:
        """The colour of class ``index``, its own among those that are named; quiet for others."""
        place = self._color_places.get(index)
        return self.theme.text_3 if place is None else self.theme.runs[place]

    def _color(self, named: list[int]) -> None:
        """Give each of ``named`` a colour of its own; those that had one keep it."""
        kept = {k: place for k, place in self._color_places.items() if k in named}
        free = (place for place in range(len(self.theme.runs)) if place not in kept.values())
        self._color_places = kept | {k: next(free) for k in named if k not in kept}

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.strip, self.spectrogram, self.plot, self.matrix, self.picture):
            canvas.set_theme(theme)
        if self.prediction is not None:
            self.show_prediction(self.prediction, None)

    def show_prediction(self, prediction: ClassesPrediction, trace: Trace | None) -> None:
        old, self.prediction = self.prediction, prediction
        is_new_input = old is None or old.tokens != prediction.tokens or _pictures(old) != _pictures(prediction)
        steps = np.arange(1, len(prediction.tokens) + 1, dtype=float)
        named = self._named_classes(prediction)
        if old is None or old.classes != prediction.classes:
            self._color_places = {}
        self._color(named)
        curves = [
            Curve("", steps, prediction.probabilities[:, k], self.theme.line_2, 1.0)
            for k in range(len(prediction.classes))
            if k not in named
        ]
        curves += [
            Curve(
                f"{prediction.classes[k]}{' (truth)' if k == prediction.truth else ''}",
                steps,
                prediction.probabilities[:, k],
                self.class_color(k),
                has_end_dot=True,
            )
            for k in named
        ]
        self.plot.set_curves(curves, len(steps))
        if prediction.picture is not None:
            self.picture.show_picture(prediction.picture, len(steps))
        self.spectrogram.show_values(prediction.spectrogram)
        if is_new_input:
            self._fit()
        self.strip.refresh()
        self.matrix.show_counts(prediction.classes, prediction.confusion)

    def set_cursor(self, step: int) -> None:
        self.plot.set_cursor_step(step)
        self.picture.set_cursor(step)
        self.strip.cursor_step = step
        self.strip.update()
        self.spectrogram.set_cursor_step(step)

    def set_seen(self, seen: Span | None) -> None:
        self.plot.set_seen(seen)

    def subtitle(self) -> str:
        prediction = self.prediction
        if prediction is None or not len(prediction.probabilities):
            return ""
        shares = np.nan_to_num(prediction.probabilities[-1])
        best = int(shares.argmax())
        verdict = "right" if best == prediction.truth else f"wrong, it is {prediction.classes[prediction.truth]}"
        return f"{prediction.classes[best]}, {share_text(float(shares[best]))} sure: {verdict}"

    def as_table(self) -> list[list[str]]:
        prediction = self.prediction
        if prediction is None:
            return [["t", "word"]]
        rows = [["t", "word", *prediction.classes]]
        for t, (token, shares) in enumerate(zip(prediction.tokens, prediction.probabilities, strict=True), 1):
            rows.append([str(t), token, *(f"{share:.4f}" for share in shares)])
        return rows

    def _named_classes(self, prediction: ClassesPrediction) -> list[int]:
        """Classes whose curves have a colour and a name: all of a few; of many the truth, and those likeliest at the end."""
        count = len(prediction.classes)
        if count <= len(self.theme.runs):
            return list(range(count))
        likeliest = np.argsort(-np.nan_to_num(prediction.probabilities[-1]), kind="stable").tolist()
        return sorted({prediction.truth, *likeliest[: MOST_NAMED - 1]})

    def _name_step(self, step: int) -> str:
        tokens = self.prediction.tokens if self.prediction is not None and not any(_pictures(self.prediction)) else ()
        return f"t = {step + 1}, after “{tokens[step]}”" if step < len(tokens) else f"t = {step + 1}"

    def _fit(self) -> None:
        """Give the words the lines they need, at most half of the height, and hide what has no room.

        Where there is a picture of what is read no words repeat it.
        """
        scale = self.strip.text_scale
        has_picture = self.prediction is not None and self.prediction.picture is not None
        beside = self.picture.sizeHint().width() if has_picture else 0
        has_matrix = self.width() - beside >= LEAST_WIDTH_WITH_MATRIX * scale
        self.picture.setVisible(has_picture)
        self.matrix.setVisible(has_matrix)
        has_spectrogram = self.prediction is not None and self.prediction.spectrogram is not None
        self.strip.setVisible(not has_spectrogram and not has_picture)
        self.spectrogram.setVisible(has_spectrogram)
        if has_spectrogram:
            has_plot = self.height() >= LEAST_HEIGHT_WITH_PLOT
            self.plot.setVisible(has_plot)
            self.spectrogram.setFixedHeight(round(self.height() * (SPECTROGRAM_SHARE if has_plot else 1)))
            return
        if has_picture:
            self.plot.setVisible(True)
            return
        width = (self.width() - beside) * (0.62 if has_matrix else 1)
        boxes = self.strip.lay_out(width)
        needed = boxes[-1].bottom() + 4 if boxes else TOKEN_HEIGHT * scale
        has_plot = (
            self.height() - min(needed, self.height() / 2) >= LEAST_HEIGHT_WITH_PLOT * scale / 2 and self.height() >= LEAST_HEIGHT_WITH_PLOT
        )
        self.plot.setVisible(has_plot)
        self.strip.setFixedHeight(round(min(needed, self.height() / 2) if has_plot else self.height()))


def _pictures(prediction: ClassesPrediction) -> tuple[bool, bool]:
    """Which pictures there are."""
    return prediction.picture is not None, prediction.spectrogram is not None


VIEW = ClassesView
