"""Prices: read a series of values and say at every step what comes next.

The network sees changes, not values, in units of their standard deviation s, so that 20, 23, 25 and 120, 123, 125 are the same to it::

    x_t = (p_t − p_{t−1}) / s        target_t = (p_{t+1} − p_t) / s

Where a positive series grows more than threefold its changes usually grow with it; then p is the logarithm of the value, and changes are
relative ones. It goes on for several steps by taking its own answers for true. Training sees the first four fifths of the series.

Without memory the best is a line through the points (x_t, target_t), fitted by least squares to the training part.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import choice, column, file, integer
from core.folders import CORPORA
from core.pads import CurvePad
from core.prediction import Answer, Prediction, SeriesPrediction
from core.readers.recognition import Recognition
from core.readers.series import Series, read_numbers, read_series
from core.readers.table import SUFFIXES, is_table_path, read_table
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.forecast_band import BANDS, RESIDUALS, SAMPLING, drawn_errors, one_step_errors, path_quantiles, residual_widths
from core.tasks.forecasting import checked_length, fed_with_itself
from core.tasks.user_data import UserData
from core.tasks.windows import Windows

BUNDLED_SERIES = {"prices": "prices.csv", "airline passengers": "airline_passengers.csv"}
TRAIN_SHARE = 0.8
SOLVED_SHARE = 0.5
FORECAST_STEPS = 12
FORECASTS_COMPARED = 16
AUTOMATIC, ABSOLUTE, RELATIVE = "automatic", "absolute", "relative"
GROWTH_OF_RELATIVE = 3.0
# What the bundled prices lie between, roughly.
LOWEST_DRAWN, HIGHEST_DRAWN, DRAWN_STEPS = 100.0, 150.0, 31
BAND_SEED = 0


@dataclass(frozen=True)
class PricesSettings:
    """Which series, and how much of it is read at once."""

    series: str = choice("prices", tuple(BUNDLED_SERIES), "Series", "The bundled series that is read while no file is chosen.")
    file: str = file((".csv", ".tsv"), "Table", "A table of your own with a column of numbers; empty: a bundled series.", holds="numbers")
    column: str = column("Column", "The column to predict; automatic: the first column of numbers.", holds="numbers")
    changes: str = choice(
        AUTOMATIC,
        (AUTOMATIC, ABSOLUTE, RELATIVE),
        "Changes",
        "Absolute: 100 to 101 is like 200 to 201. Relative: like 200 to 202. Automatic takes relative where values grow threefold.",
        is_important=False,
    )
    seq_len: int = integer(30, 2, 500, "Length", "Past changes the network reads in one go.", unit="steps", scale="log", is_live=True)
    band: str = choice(
        RESIDUALS,
        BANDS,
        "Band",
        "Residuals: twice the error that forecasts had on held-out data. Sampling: 5 to 95 % of many paths with errors drawn at random.",
        is_live=True,
        is_important=False,
    )


class Prices(Task):
    """Past values → the next one, at every step."""

    name = "prices"
    title = "Prices"
    summary = "Read a series of values and forecast the next ones."
    card = (
        "In goes a series of values, as changes from one to the next. Out must come, at every step, the next change. Fed with "
        "its own answers the network forecasts many steps ahead. What makes it hard: the last change alone does not tell "
        "whether the series is about to turn; one must remember how it has been moving, and where in its cycle it is. The "
        "line is what the last change alone gives. All three cells get below it."
    )
    order = 30
    topology = "sequence_to_sequence"
    loss = "squared_error"
    loss_unit = "squared error"
    input_example = "120, 123, 125"
    answer_files = SUFFIXES
    pad = CurvePad(DRAWN_STEPS, LOWEST_DRAWN, HIGHEST_DRAWN)
    is_causal = True
    has_stream = True
    Settings = PricesSettings

    def __init__(self, settings: PricesSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        path = self.data_path(settings)
        if vocabulary:
            self._scale, self._column = float(vocabulary["scale"]), str(vocabulary["column"])
            self._is_relative, self._decimals = bool(vocabulary["is_relative"]), int(vocabulary["decimals"])
            self._known_baseline: float | None = float(vocabulary["baseline_loss"])
            if not 0 < self._scale < np.inf or not 0 <= self._decimals <= 12:
                raise ValueError(f"a scale of {self._scale:g} with {self._decimals} decimals can't be right")
            self._series = UserData(lambda: self._usable(read_series(path, settings.column), path), may_miss=True)
        else:
            series = read_series(path, settings.column)
            self._series = UserData(lambda: series, may_miss=False)
            train = series.values[: self._train_count + 1]
            self._column = series.name
            self._is_relative = _is_relative(settings.changes, series.values, train)
            self._usable(series, path)
            self._scale = float(np.diff(self._level(train)).std())
            if self._scale <= 1e-12 * float(np.abs(self._level(train)).max()):
                raise InputError(f"{path}: column {series.name!r} changes by the same amount in every row: there is nothing to learn")
            self._decimals = int(np.clip(2 - np.floor(np.log10(np.diff(train).std())), 0, 12))
            self._known_baseline = None

    @classmethod
    def data_path(cls, settings: PricesSettings) -> str:
        """The table chosen, or the bundled one."""
        return settings.file or str(CORPORA / BUNDLED_SERIES[settings.series])

    @classmethod
    def recognise(cls, settings: PricesSettings) -> Recognition:
        """How the table was read, and which column."""
        return read_series(cls.data_path(settings), settings.column).recognition

    def _usable(self, series: Series, path: str) -> Series:
        """``series``, unless it has no logarithm where one is needed."""
        if self._is_relative and series.values.min() <= 0:
            raise InputError(f"{path}: column {series.name!r} holds {series.values.min():g}: relative changes need values above 0")
        return series

    def _level(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """p: the values, or their logarithms."""
        return np.log(values) if self._is_relative else values

    def _value(self, level: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of ``_level``."""
        return np.exp(level) if self._is_relative else level

    @property
    def _train_count(self) -> int:
        return round(TRAIN_SHARE * (len(self._series.get().values) - 2))

    @property
    def _windows(self) -> Windows:
        return Windows(len(self._series.get().values) - 2, self._train_count, self.settings.seq_len)

    @cached_property
    def _changes(self) -> NDArray[np.float64]:
        """All changes in units of the scale, (N − 1,)."""
        changes: NDArray[np.float64] = np.diff(self._level(self._series.get().values)) / self._scale
        return changes

    @property
    def input_size(self) -> int:
        """The change."""
        return 1

    @property
    def output_size(self) -> int:
        """The next change."""
        return 1

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random windows of the training part: inputs and targets (T, count, 1). Raises InputError without the table."""
        return self._batch(self._windows.draw(rng, count), None)

    def stream(self, rng: np.random.Generator, position: int, count: int) -> Batch:
        """The training part read from ``count`` places on, window after window. Raises InputError without the table."""
        steps, does_continue = self._windows.stream(position, count)
        return replace(self._batch(steps, None), continues=np.full(count, does_continue))

    def held_out(self, count: int) -> Batch:
        """Windows evenly spread over the last fifth of the series."""
        return self._batch(*self._windows.held_out(count))

    def _batch(self, steps: NDArray[np.int64], mask: NDArray[np.float64] | None) -> Batch:
        changes = self._changes
        return Batch(changes[steps][..., None], changes[steps + 1][..., None], mask, np.full(steps.shape[1], len(steps)))

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        changes = self._changes[: self._train_count + 1]
        now, following = changes[:-1], changes[1:]
        design = np.stack([now, np.ones_like(now)], axis=1)
        line = np.linalg.lstsq(design, following, rcond=None)[0]
        return float(np.mean((design @ line - following) ** 2))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Mean distance between answer and next value, in the series' own unit, or in percent where changes are relative."""
        errors = np.abs(answers - batch.targets)[..., 0]
        mean = self._scale * float(np.average(errors, weights=batch.mask))
        return Metric("mean error", 100 * mean if self._is_relative else mean, "%" if self._is_relative else "", is_higher_better=False)

    @property
    def solved_below(self) -> float:
        """Held-out loss below half of what the last change alone gives."""
        return SOLVED_SHARE * self.baseline_loss

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The changes in the series' own unit, or in percent."""
        if self._is_relative:
            return tuple(f"{100 * change:+.1f} %" for change in inputs[:, 0] * self._scale)
        return tuple(f"{change:+.{self._decimals}f}" for change in inputs[:, 0] * self._scale)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The probe's values, each with the guess made before it, and a forecast with the error that such forecasts have."""
        values, changes = self._series.get().values, self._changes
        first = _find(changes, trace.inputs[:, 0], min(self._train_count, len(changes) - 1 - trace.seq_len))
        last = first + trace.seq_len
        past = values[first + 1 : last + 1]
        guesses = self._value(self._level(past[:-1]) + self._scale * trace.outputs[:-1, 0])
        steps = max(1, min(FORECAST_STEPS, (len(changes) - self._train_count) // 2))
        window = changes[last - min(trace.seq_len, self._train_count) : last]
        distances = self._forecast(forward, window[:, None], steps)[:, 0]
        low, high = self._band(forward, window, distances, np.random.default_rng(BAND_SEED))
        future = np.full(steps, np.nan)
        known = values[last + 1 : last + 1 + steps]
        future[: len(known)] = known
        return SeriesPrediction(
            past=past,
            one_step=np.concatenate([[np.nan], guesses]),
            forecast=self._ahead(values[last], distances),
            future=future,
            low=self._ahead(values[last], low),
            high=self._ahead(values[last], high),
            column=self._column,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The next values after ``120, 123, 125`` (or after the table of that name, .csv or .tsv), with a band where the file is there."""
        values = self._typed_values(text)[-self.settings.seq_len - 1 :]
        window = np.diff(self._level(values)) / self._scale
        steps = checked_length(sampling)
        distances = self._forecast(forward, window[:, None], steps)[:, 0]
        forecast = self._ahead(values[-1], distances)
        shown = ", ".join(f"{value:.{self._decimals}f}" for value in forecast)
        answer = Answer(tuple(map(float, forecast)), None, shown)
        try:
            low, high = (self._ahead(values[-1], edge) for edge in self._band(forward, window, distances, rng))
        except InputError:
            # A session whose file is gone has no held-out data to measure an error on.
            return answer
        return replace(answer, low=tuple(map(float, low)), high=tuple(map(float, high)))

    def _ahead(self, value: float, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values at ``distances``, in units of the scale, from ``value``."""
        return self._value(self._level(np.asarray(value)) + self._scale * distances)

    def _band(
        self, forward: Forward, window: NDArray[np.float64], distances: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high (steps,) about the forecast ``distances`` that was made after the changes ``window`` (T,).

        Raises InputError without the table.
        """
        steps, changes = len(distances), self._changes
        if self.settings.band == SAMPLING:
            held_out = self.held_out(FORECASTS_COMPARED)
            errors = one_step_errors(forward(held_out.inputs, held_out.lengths), held_out)
            taken = drawn_errors(errors, steps, rng)
            return path_quantiles(self._forecast(forward, np.tile(window[:, None], taken.shape[1]), steps, taken)[:, 1:])
        # Held-out places from which a forecast can be compared with what came.
        reach = max(1, min(steps, FORECAST_STEPS, (len(changes) - self._train_count) // 2))
        compared = np.linspace(self._train_count, len(changes) - reach, FORECASTS_COMPARED).round().astype(np.int64)
        context = min(len(window), self._train_count)
        guessed = self._forecast(forward, changes[compared - context + np.arange(context)[:, None]], reach)
        came = np.cumsum(changes[compared + np.arange(reach)[:, None]], axis=0)
        widths = residual_widths(guessed - came, steps)
        return distances - widths, distances + widths

    def _typed_values(self, text: str) -> NDArray[np.float64]:
        if is_table_path(text.strip()):
            table = read_table(text.strip())
            has_column = self._column.casefold() in (name.casefold() for name in table.names)
            values = table.numbers_in_time(table.find_column(self._column) if has_column else table.pick_number_column())
        else:
            values = read_numbers(text, self.input_example)
        if len(values) < 2:
            raise InputError(f"{len(values)} values are too few: at least two are needed, for example 120, 123, 125")
        if self._is_relative and values.min() <= 0:
            raise InputError(f"{values.min():g} is not above 0: this network was trained on relative changes of positive values")
        return values

    def _forecast(
        self, forward: Forward, changes: NDArray[np.float64], steps: int, errors: NDArray[np.float64] | float = 0.0
    ) -> NDArray[np.float64]:
        """Distances from the last value, in units of the scale: changes (T, B) -> (steps, B), as ``fed_with_itself`` says."""
        distances: NDArray[np.float64] = np.cumsum(fed_with_itself(forward, changes, steps, self.settings.seq_len, errors), axis=0)
        return distances

    def vocabulary(self) -> dict[str, Any]:
        """How values become inputs, the column's name and the baseline."""
        return {
            "scale": self._scale,
            "column": self._column,
            "is_relative": self._is_relative,
            "decimals": self._decimals,
            "baseline_loss": self.baseline_loss,
        }


def _is_relative(wanted: str, values: NDArray[np.float64], train: NDArray[np.float64]) -> bool:
    is_growing = bool(values.min() > 0) and bool(train.max() > GROWTH_OF_RELATIVE * train.min())
    return wanted == RELATIVE or (wanted == AUTOMATIC and is_growing)


def _find(changes: NDArray[np.float64], window: NDArray[np.float64], earliest: int) -> int:
    """Where ``window`` (T,) lies in ``changes``: the first place from ``earliest`` on where it fits best."""
    starts = np.arange(earliest, len(changes) - len(window) + 1)
    is_near = np.isclose(changes[starts], window[0], rtol=1e-5, atol=1e-6)
    starts = starts[is_near] if is_near.any() else starts
    distances = ((changes[starts[:, None] + np.arange(len(window))] - window) ** 2).sum(axis=1)
    return int(starts[distances.argmin()])


TASK = Prices
