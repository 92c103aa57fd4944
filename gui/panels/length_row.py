"""How the network does on longer sequences than it learned from: a figure and a small bar for each length."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.length_test import LengthResult, has_longer
from core.snapshot import Mark, Metric
from gui.controls.painting import draw_box, painting
from gui.controls.tooltips import tooltip
from gui.plots.numbers import count_text, counted, share_text, value_text
from gui.style import Styled, current_look
from gui.theme import SIZE_LABEL, WEIGHT_TITLE

HEIGHT, SIDE, GAP, BAR_WIDTH, BAR_HEIGHT = 24, 16, 16, 40, 6
# Updates after which what was tested says little of the network as it is.
STALE = 50
# Shares of what can be had.
GOOD, FAIR = 0.9, 0.5


def metric_text(metric: Metric) -> str:
    """The figure with its unit: 99 %, 0.41, 0.41 s."""
    if metric.unit == "%":
        return share_text(metric.value / 100)
    return f"{value_text(metric.value)} {metric.unit}".rstrip()


def kept_share(result: LengthResult, first: LengthResult) -> float:
    """How much of what it does at the trained length (``first``) is left, 0…1."""
    better, worse = (
        (result.metric.value, first.metric.value) if first.metric.is_higher_better else (first.metric.value, result.metric.value)
    )
    if not worse > 0:
        return 1.0 if better >= worse else 0.0
    return min(1.0, max(0.0, better / worse))


def bar_share(result: LengthResult, first: LengthResult) -> float:
    """How long the bar is, 0…1: the figure itself where it is a percentage of what is right, else what is left of the ``first`` one."""
    metric = result.metric
    if metric.unit == "%" and metric.is_higher_better:
        return min(1.0, max(0.0, metric.value / 100)) if metric.value >= 0 else 0.0
    return kept_share(result, first)


def bar_tone(result: LengthResult, first: LengthResult) -> str:
    """Green only for what is good by itself: solved, or nearly all right."""
    metric = result.metric
    share = bar_share(result, first)
    if result.is_solved or (metric.unit == "%" and metric.is_higher_better and share >= GOOD):
        return "ok"
    return "accent" if share >= FAIR else "warn"


class LengthRow(Styled, QWidget):
    """One line: what the metric is, then each length with its figure and a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: Sequence[LengthResult] = ()
        self._message = ""
        self._is_folded = False
        self._step = self._step_now = 0
        self._marks: tuple[Mark, ...] = ()
        self._marks_then: tuple[Mark, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def show_results(self, results: Sequence[LengthResult], step: int) -> None:
        """Show what a network ``step`` updates old does."""
        first = results[0]
        if not has_longer(results):
            self.show_problem(
                f"These data hold no longer sequences: {first.metric.name} {metric_text(first.metric)} at {first.steps:.0f} steps."
            )
            return
        self.results, self._message, self._step = results, "", step
        self._marks_then = self._marks
        self._show()

    def show_problem(self, message: str) -> None:
        """Say why there is nothing to test."""
        self.results, self._message = (), message
        self._show()

    def follow_run(self, step: int, marks: tuple[Mark, ...]) -> None:
        """The run is at update ``step``; a test of weights that it has left, or that were changed by hand since, is forgotten."""
        was_stale, self._step_now, self._marks = self.is_stale, step, marks
        if not self.results:
            return
        known = len(self._marks_then)
        is_left = step < self._step or marks[:known] != self._marks_then
        if is_left or any(mark.is_rewind or mark.step <= self._step for mark in marks[known:]):
            self.clear()
        elif was_stale != self.is_stale:
            self._show()

    @property
    def is_stale(self) -> bool:
        """Whether the network has learned for long since the test."""
        return self._step_now - self._step > STALE

    def set_folded(self, is_folded: bool) -> None:
        """Whether the panel is too low for this row and says it in its title bar; what went wrong is always shown here."""
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._fit()

    def folded_text(self) -> str:
        """The figures for the title bar while the row is folded away; "" where there are none, or they are shown here."""
        if not (self._is_folded and self.results):
            return ""
        return ", ".join(f"{name} {figure}" for name, figure in self._figures())

    def _fit(self) -> None:
        self.setVisible(bool(self._message) or (bool(self.results) and not self._is_folded))

    def clear(self) -> None:
        """Forget the test."""
        self.results, self._message = (), ""
        self._fit()

    def text(self) -> str:
        """What is drawn, in words."""
        if not self.results:
            return self._message
        parts = [f"{name}: {figure}" for name, figure in self._figures()]
        return f"{self.results[0].metric.name} by length, tested at update {count_text(self._step)}: {' · '.join(parts)}"

    def sizeHint(self) -> QSize:
        return QSize(0, current_look().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        font, strong = look.font(SIZE_LABEL), look.font(SIZE_LABEL, WEIGHT_TITLE)
        metrics, strong_metrics = QFontMetrics(font), QFontMetrics(strong)
        figures = self._figures()
        widths = [metrics.horizontalAdvance(name) + strong_metrics.horizontalAdvance(figure) + look.px(6) for name, figure in figures]
        bars, gaps = look.px(BAR_WIDTH + 6) * len(figures), look.px(GAP) * len(figures)
        room = self.width() - 2 * look.px(SIDE) - sum(widths) - gaps
        words = next((words for words in self._words() if room >= metrics.horizontalAdvance(words) + look.px(GAP) or not figures), "")
        room -= metrics.horizontalAdvance(words) + (look.px(GAP) if words else 0)
        has_bars = room >= bars
        x, height = float(look.px(SIDE)), self.height()
        with painting(self) as painter:
            painter.setFont(font)
            if words:
                painter.setPen(look.color("text_2"))
                shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width() - 2 * look.px(SIDE))
                painter.drawText(QRectF(x, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, shown)
                x += metrics.horizontalAdvance(shown) + look.px(GAP)
            for (name, figure), result in zip(figures, self.results, strict=True):
                painter.setFont(font)
                painter.setPen(look.color("text_2"))
                painter.drawText(QRectF(x, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, name)
                x += metrics.horizontalAdvance(name) + look.px(6)
                painter.setFont(strong)
                painter.setPen(look.color("text_3" if self.is_stale else "text"))
                painter.drawText(QRectF(x, 0, self.width(), height), Qt.AlignmentFlag.AlignVCenter, figure)
                x += strong_metrics.horizontalAdvance(figure)
                if has_bars:
                    x += look.px(6)
                    kept = bar_share(result, self.results[0])
                    tone = "ghost" if self.is_stale else bar_tone(result, self.results[0])
                    track = QRectF(x, (height - look.px(BAR_HEIGHT)) / 2, look.px(BAR_WIDTH), look.px(BAR_HEIGHT))
                    draw_box(painter, track, 2, look.color("raised_2"))
                    draw_box(painter, QRectF(track.x(), track.y(), max(2.0, kept * track.width()), track.height()), 2, look.color(tone))
                    x += track.width()
                x += look.px(GAP)

    def _words(self) -> tuple[str, ...]:
        """What stands before the figures, the longest first."""
        if not self.results:
            return (self._message,)
        tested = f"tested at update {count_text(self._step)}:"
        return f"{self.results[0].metric.name}, {tested}", tested, f"at {count_text(self._step)}:"

    def _figures(self) -> list[tuple[str, str]]:
        """("50 steps", "99 %"), ("100", "97 %") …"""
        return [
            (f"{count_text(round(result.steps))}{' steps' if k == 0 else ''}", metric_text(result.metric))
            for k, result in enumerate(self.results)
        ]

    def _show(self) -> None:
        self.setAccessibleName("Test on longer sequences")
        self.setAccessibleDescription(self.text())
        tested = f"{self.text()}\nTested after {counted(self._step, 'update')}, on held-out sequences." if self.results else self.text()
        if self.results and self.is_stale:
            tested += " It has learned on since then: test again for the network as it is."
        self.setToolTip(tooltip(tested))
        self._fit()
        self.update()
