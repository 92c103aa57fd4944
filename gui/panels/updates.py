"""What an update does: how long the gradient is, before and after clipping, and how far each matrix moves.

A person should see whether the learning rate is sane: an update moves weights by about a thousandth of themselves; a tenth is reckless,
a millionth hardly moves them. And whether clipping catches rare steep places, as it should, or shortens every gradient.
"""

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core import registry
from core.look import NoLook
from core.looks.updates import UpdateSizes
from core.settings import Settings
from core.snapshot import Snapshot
from gui.panels.panel import FRAME_MARGINS, Panel
from gui.plots.curve_plot import CurvePlot, Rule
from gui.plots.curves import Curve, blend, smoothed
from gui.plots.numbers import count_text, counted, share_text, value_text
from gui.plots.plot import LEFT_MARGIN
from gui.plots.ratio_bars import SANE, RatioBars
from gui.plots.scales import LogScale, UpdateScale, axis_end, snapped_log_scale
from gui.run_history import RunHistory
from gui.style import current_look
from gui.theme import Theme
from gui.update_history import Bins, UpdateHistory

RECENT = 100
"""Updates of which the share of clipped ones is said."""
NO_MOVE = "Nothing to draw: the last update made numbers that are none. Go back to an earlier one, or reset."
RECKLESS, HARDLY = 1e-1, 1e-6
RAW_SHARE, HAIRLINE = 0.5, 0.0
AFTER_WIDTH = 2.0
SMOOTHING_UPDATES, SMOOTHING_PIXELS = 4.0, 5.0
"""Width (standard deviation) of the smoothing: at least so many updates and pixels."""
# px at text size 1.0
LEAST_WIDTH_WITH_BARS, LEAST_HEIGHT_WITH_RATE = 430, 300


def opinion(ratios: Mapping[str, float]) -> str:
    """What to think of the learning rate, by the middle ratio of the matrices; "" where none is known."""
    known = [value for name, value in ratios.items() if name.rpartition(".")[2].startswith("W") and value >= 0]
    if not known:
        return ""
    middle = float(np.median(known))
    if middle >= RECKLESS:
        return "reckless: each update throws the weights about"
    if middle > SANE[1]:
        return "large: the weights move fast"
    if middle >= SANE[0]:
        return "sane"
    return "small: the weights move slowly" if middle > HARDLY else "tiny: the weights hardly move"


class UpdatesPanel(Panel):
    """Gradient norms and learning rate against updates, and the ratios of the last update."""

    looks = ("updates",)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._history = UpdateHistory()
        self._settings: Settings | None = None
        self._rate = math.nan
        self._step = 0
        self._sizes: UpdateSizes | None = None
        self._bounds: tuple[float, float] | None = None
        self._drawn: tuple[object, ...] = ()

        def describe(at: float) -> str:
            return f"update {count_text(max(1, round(at)))}"

        self.norms = CurvePlot(theme, LEFT_MARGIN, describe)
        self.norms.hint = "Press play: the length of every gradient is drawn here."
        self.norms.setAccessibleName("Gradient norm before and after clipping")
        self.rates = CurvePlot(theme, LEFT_MARGIN, describe)
        self.rates.setAccessibleName("Learning rate")
        self.bars = RatioBars(theme)
        self.bars.setAccessibleName("Update-to-weight ratio of each matrix")
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.norms, 5)
        left.addWidget(self.rates, 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*FRAME_MARGINS)
        layout.setSpacing(0)
        layout.addLayout(left, 11)
        layout.addWidget(self.bars, 9)
        self.setAccessibleName("Updates")
        self._arrange()

    # The contract

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for canvas in (self.norms, self.rates, self.bars):
            canvas.set_theme(theme)
        self._redraw_curves()

    def show_snapshot(self, snapshot: Snapshot, history: RunHistory) -> None:
        if snapshot.step < self._step:
            self._bounds = None
        self._history, self._settings, self._step = history.updates, snapshot.settings, snapshot.step
        self._rate = snapshot.learning_rate
        sizes = history.look("updates")
        if isinstance(sizes, UpdateSizes) and sizes is not self._sizes:
            self._sizes = sizes
            self.bars.show_ratios(sizes.ratios)
        elif isinstance(sizes, NoLook):
            self._sizes = None
            is_over = history.divergence is not None and history.divergence.step >= snapshot.step
            self.bars.hint = NO_MOVE if is_over else f"Nothing to draw: {sizes.reason}."
            self.bars.clear()
        drawn = (snapshot.run_id, snapshot.step, snapshot.settings, self.width())
        if drawn != self._drawn:
            self._drawn = drawn
            self._redraw_curves()
        self._arrange()
        self.say(self._subtitle())

    def clear(self) -> None:
        self._history, self._settings, self._sizes, self._bounds = UpdateHistory(), None, None, None
        self._step, self._rate, self._drawn = 0, math.nan, ()
        for canvas in (self.norms, self.rates, self.bars):
            canvas.clear()
        self._arrange()
        self.say("")

    def as_table(self) -> list[list[str]]:
        """Every update, then the ratios of the last one."""
        rows = [["update", "gradient norm", "after clipping", "learning rate", "update-to-weight ratio of", "ratio"]]
        columns = (self._history.norms.values, self._history.clipped_norms.values, self._history.rates.values)
        for number, values in enumerate(zip(*columns, strict=True), 1):
            if np.isfinite(values[0]):
                rows.append([str(number), *(f"{value:.6g}" if np.isfinite(value) else "" for value in values), "", ""])
        if self._sizes is not None:
            rows += [[str(self._sizes.step), "", "", "", name, f"{ratio:.6g}"] for name, ratio in self._sizes.ratios.items()]
        return rows

    def as_sentence(self) -> str:
        if not self._history.norms.is_known:
            return "No updates yet: press play."
        norm = value_text(float(self._history.norms.values[-1]))
        sentence = f"After {counted(self._step, 'update')} the gradient's norm is {norm}"
        share = self._clipped_share()
        if share is not None:
            sentence += f" and {share_text(share)} of the last {min(RECENT, self._step)} were clipped"
        said = opinion(self._sizes.ratios) if self._sizes is not None else ""
        return f"{sentence}; the learning rate {self._rate_text()} is {said}." if said and self._has_rate() else f"{sentence}."

    def say(self, subtitle: str) -> None:
        super().say(subtitle)
        self.setAccessibleDescription(self.as_sentence())

    # What is drawn

    def _has_rate(self) -> bool:
        settings = self._settings
        return settings is not None and registry.optimizers()[settings.training.optimizer].uses_learning_rate

    def _has_clipping(self) -> bool:
        settings = self._settings
        is_on = settings is not None and (settings.training.clip_norm > 0 or settings.training.clip_value > 0)
        return is_on and self._has_rate()

    def _clipped_share(self) -> float | None:
        """None where nothing is clipped by the settings, and nothing was of late."""
        share = self._history.clipped_share(RECENT)
        return None if math.isnan(share) or (share == 0 and not self._has_clipping()) else share

    def _rate_text(self) -> str:
        return f"{self._rate:.3g}"

    def _subtitle(self) -> str:
        if not self._history.norms.is_known:
            return ""
        share = self._clipped_share()
        said = opinion(self._sizes.ratios).partition(":")[0] if self._sizes is not None else ""
        rate = f"rate {self._rate_text()}{f' is {said}' if said else ''}" if self._has_rate() else "it finds its own step size"
        return rate + (f"; {share_text(share)} clipped lately" if share is not None else "")

    def _redraw_curves(self) -> None:
        settings = self._settings
        if settings is None or not len(self._history.norms.values):
            return
        end = axis_end(self._step)
        width = max(1, math.ceil(end / max(1.0, self.norms.plot_rect().width())))
        before = self._history.norms.bins(1, self._step, width)
        after = self._history.clipped_norms.bins(1, self._step, width)
        clip = settings.training.clip_norm if self._has_clipping() else 0.0
        has_clipped = bool(np.any(after.low < before.low) or np.any(after.high < before.high))
        theme = self.theme
        raw, fainter = (blend(color, theme.panel, RAW_SHARE).name() for color in (theme.text, theme.accent))
        curves = [Curve("before clipping" if has_clipped or clip else "gradient norm", *_zigzag(before), raw, HAIRLINE)]
        if has_clipped or clip:
            curves.append(Curve("after", *_zigzag(after), fainter, AFTER_WIDTH))
        sigma = max(SMOOTHING_UPDATES / width, SMOOTHING_PIXELS)
        middle = smoothed(np.log10(np.maximum(np.sqrt(after.low * after.high), 1e-300)), sigma)
        curves.append(Curve("smoothed", after.updates, 10**middle, theme.accent, 2.0, has_end_dot=True))
        rules = [Rule(clip, f"clip at {clip:g}")] if clip > 0 else []
        x_scale = UpdateScale(0, end)
        self.norms.show_curves(curves, x_scale, self._norm_scale(before, after, clip), rules, "updates")
        self._redraw_rates(x_scale, width)

    def _norm_scale(self, before: Bins, after: Bins, clip: float) -> LogScale:
        shown = np.concatenate((before.low, before.high, after.low, [clip]))
        shown = shown[np.isfinite(shown) & (shown > 0)]
        lowest, highest = (float(shown.min()), float(shown.max())) if len(shown) else (0.1, 1.0)
        known = self._bounds or (lowest, highest)
        self._bounds = lowest, highest = min(lowest, known[0]), max(highest, known[1])
        return snapped_log_scale(max(lowest, 1e-30), min(highest, 1e30))

    def _redraw_rates(self, x_scale: UpdateScale, width: int) -> None:
        rates = self._history.rates.bins(1, self._step, width)
        known = rates.high[np.isfinite(rates.high) & (rates.high > 0)]
        if not len(known):
            self.rates.clear()
            return
        scale = snapped_log_scale(float(known.min()) / 2, float(known.max()) * 2)
        curve = Curve("learning rate", rates.updates, rates.high, self.theme.input.text, 2.0, is_stairs=True, has_end_dot=True)
        self.rates.show_curves([curve], x_scale, scale, (), "updates")

    # Room

    def _arrange(self) -> None:
        """Show what there is room for."""
        px = current_look().px
        self.bars.setVisible(self._settings is not None and self.width() >= px(LEAST_WIDTH_WITH_BARS))
        has_rates = self._has_rate() and not self.rates.is_empty()
        self.rates.setVisible(has_rates and self.height() >= px(LEAST_HEIGHT_WITH_RATE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _zigzag(bins: Bins) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the largest of each group in turn; one point where they are the same everywhere."""
    if np.array_equal(bins.low, bins.high, equal_nan=True):
        return bins.updates, bins.low
    return np.repeat(bins.updates, 2), np.column_stack((bins.low, bins.high)).ravel()
