"""What tasks share that ask for the next value of a series at every step: sine, Mackey–Glass.

The network sees values in units of the series, (value − ``center``) / ``unit_size``. Errors are told as the normalized root mean squared
error, NRMSE: the root of the mean squared error, in percent of the standard deviation of the series, over the second half of each
sequence, for at its first steps nobody can know how the series is moving. Saying the mean all the time gives 100 %.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.prediction import Answer, Prediction, SeriesPrediction
from core.readers.series import read_numbers
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.forecast_band import residual_widths
from core.tasks.forecasting import checked_length, fed_with_itself
from core.topology import Topology

# The part of each sequence, from its end, over which errors are told.
MEASURED_SHARE = 0.5
FORECAST_STEPS = 40
FORECASTS_COMPARED = 16
FEWEST_TYPED = 2


class NextValue(Task):
    """Values of a series → the next one, at every step.

    ``center`` and ``unit_size`` say how values become inputs, ``deviation`` is the standard deviation of the inputs, ``lowest`` and
    ``highest`` bound what a person may type, ``decimals`` is how exactly values are written.
    """

    topology: ClassVar[Topology] = "sequence_to_sequence"
    loss = "squared_error"
    loss_unit = "squared error"
    baseline_label = "the same value again"
    default_length = FORECAST_STEPS
    is_causal = True
    center: float = 0.0
    unit_size: float = 1.0
    deviation: float = 1.0
    lowest: ClassVar[float]
    highest: ClassVar[float]
    decimals: ClassVar[int] = 3

    @abstractmethod
    def held_out_paths(self, length: int, count: int) -> NDArray[np.float64]:
        """``count`` pieces of the series that training never sees, as inputs: (length, count), always the same."""

    @abstractmethod
    def going_on(self, inputs: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
        """What really comes after ``inputs`` (T,), a sequence of the task: (steps,), NaN where nobody knows."""

    @property
    def input_size(self) -> int:
        """The value."""
        return 1

    @property
    def output_size(self) -> int:
        """The next value."""
        return 1

    def held_out(self, count: int) -> Batch:
        """Held-out pieces, with the value after each step: inputs and targets (seq_len, count, 1)."""
        return next_values(self.held_out_paths(self.settings.seq_len + 1, count))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """NRMSE in percent, over the second half of the steps."""
        first = int(len(answers) * (1 - MEASURED_SHARE))
        error = float(np.sqrt(np.mean((answers[first:] - batch.targets[first:]) ** 2)))
        return Metric("NRMSE", 100 * error / self.deviation, "%", is_higher_better=False)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The values."""
        return tuple(f"{value:.{self.decimals}f}" for value in self._values(inputs[:, 0]))

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The probe's values, each with the guess made before it, and a forecast with the error that such forecasts have."""
        known = trace.inputs[:, 0]
        paths = self.held_out_paths(len(known) + FORECAST_STEPS, FORECASTS_COMPARED)
        starts = np.column_stack([paths[: len(known)], known])
        forecasts = fed_with_itself(forward, starts, FORECAST_STEPS, len(known))
        band = self.unit_size * residual_widths(forecasts[:, :-1] - paths[len(known) :], FORECAST_STEPS)
        forecast = self._values(forecasts[:, -1])
        return SeriesPrediction(
            past=self._values(known),
            one_step=np.concatenate([[np.nan], self._values(trace.outputs[:-1, 0])]),
            forecast=forecast,
            future=self._values(self.going_on(known, FORECAST_STEPS)),
            low=forecast - band,
            high=forecast + band,
            column=self.title,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The values that follow those typed."""
        values = read_numbers(text, self.input_example)
        if len(values) < FEWEST_TYPED:
            raise InputError(f"{len(values)} values are too few: at least {FEWEST_TYPED} are needed, for example {self.input_example}")
        wrong = values[(values < self.lowest) | (values > self.highest)]
        if len(wrong):
            raise InputError(f"{wrong[0]:g} is out of range: values from {self.lowest:g} to {self.highest:g} are needed")
        steps = checked_length(sampling)
        known = (values[:, None] - self.center) / self.unit_size
        forecast = self._values(fed_with_itself(forward, known, steps, max(len(known), self.settings.seq_len))[:, 0])
        return Answer(tuple(map(float, forecast)), None, ", ".join(f"{value:.{self.decimals}f}" for value in forecast))

    def _values(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inputs in the unit of the series."""
        return self.center + self.unit_size * inputs


def next_values(paths: NDArray[np.float64]) -> Batch:
    """Paths (T + 1, B) as inputs, and the value after each as targets, (T, B, 1)."""
    return Batch(paths[:-1, :, None], paths[1:, :, None], None, np.full(paths.shape[1], len(paths) - 1))
