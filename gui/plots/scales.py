"""Scales: where a value lies along an axis, and which ticks the axis wears."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gui.plots.numbers import MINUS, count_text, log_tick_text

Floats = NDArray[np.float64]
Tick = tuple[float, str]
AXIS_ENDS = (1, 1.2, 1.4, 1.6, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10)


class Scale(Protocol):
    """An axis from ``low`` to ``high``; fractions run from 0 at ``low`` to 1 at ``high``."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    def fraction(self, values: Floats) -> Floats: ...
    def value(self, fraction: float) -> float: ...
    def ticks(self, length: float, spacing: float) -> list[Tick]: ...


def _linear_fraction(values: Floats, low: float, high: float) -> Floats:
    return (np.asarray(values, dtype=float) - low) / (high - low) if high > low else np.full(np.shape(values), 0.5)


def nice_step(span: float, count: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts ``span`` into at most ``count`` parts."""
    rough = span / max(count, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= rough * (1 - 1e-9))


def plain_text(value: float, step: float) -> str:
    """``value`` with just the decimals that ticks ``step`` apart need, thousands with commas, a true minus."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{abs(value):,.{decimals}f}"
    return (MINUS if value < 0 and float(text.replace(",", "")) != 0 else "") + text


@dataclass(frozen=True)
class LinearScale:
    """Equal steps, equal lengths."""

    low: float
    high: float

    def fraction(self, values: Floats) -> Floats:
        return _linear_fraction(values, self.low, self.high)

    def value(self, fraction: float) -> float:
        return self.low + fraction * (self.high - self.low)

    def ticks(self, length: float, spacing: float) -> list[Tick]:
        if self.high <= self.low:
            return [(self.low, plain_text(self.low, 0.1))]
        step = nice_step(self.high - self.low, length / spacing)
        first, last = math.ceil(self.low / step - 1e-6), math.floor(self.high / step + 1e-6)
        return [(k * step, plain_text(k * step, step)) for k in range(first, last + 1)]


def snapped_bounds(lowest: float, highest: float, count: float = 3.0) -> tuple[float, float]:
    """The nearest round numbers that hold both values, ``count`` round steps or so apart."""
    is_flat = highest - lowest <= 1e-9 * max(abs(lowest), abs(highest), 1e-9)
    step = nice_step(max(abs(highest), 1e-9) if is_flat else highest - lowest, count)
    low, high = math.floor(lowest / step + 1e-6) * step, math.ceil(highest / step - 1e-6) * step
    return low, high if high > low else low + step


@dataclass(frozen=True)
class LogScale:
    """Equal factors, equal lengths. Values at or below 0 lie at minus infinity."""

    low: float
    high: float

    def fraction(self, values: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _linear_fraction(np.log10(values), math.log10(self.low), math.log10(self.high))

    def value(self, fraction: float) -> float:
        return float(10 ** (math.log10(self.low) + fraction * math.log10(self.high / self.low)))

    def ticks(self, length: float, spacing: float) -> list[Tick]:
        decades = math.log10(self.high / self.low)
        first, last = math.floor(math.log10(self.low) + 1e-9), math.ceil(math.log10(self.high) - 1e-9)
        per_decade = length / max(decades, 1e-9) / spacing
        if per_decade >= 3 and decades < 2.5:
            digits, every = [1, 2, 5], 1
        else:
            digits, every = [1], next(k for k in (1, 2, 3, 4, 6, 12, 25, 50, 100, 1000) if per_decade * k >= 1)
        values = (digit * 10.0**k for k in range(first, last + 1) if k % every == 0 for digit in digits)
        inside = [value for value in values if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)]
        return [(value, log_tick_text(value)) for value in inside]


def snapped_log_scale(lowest: float, highest: float) -> LogScale:
    """The log scale from 1, 2 or 5 times a power of ten to another that holds both values, at least a decade long.

    Long scales begin and end at ticks where that costs little: at a power of ten rather than at 2 below or 5 above.
    """
    exponents = (math.floor(math.log10(lowest)), math.ceil(math.log10(highest)))
    bounds = [digit * 10.0**k for k in range(exponents[0] - 1, exponents[1] + 2) for digit in (1, 2, 5)]
    low = max(bound for bound in bounds if bound <= lowest * (1 + 1e-9))
    high = min(bound for bound in bounds if bound >= highest * (1 - 1e-9))
    if high / low < 9.99:
        low = max(bound for bound in bounds if bound <= high / 9.99)
    elif high / low > 30:
        low = low / 2 if f"{low:e}"[0] == "2" else low
        high = high * 2 if f"{high:e}"[0] == "5" else high
    return LogScale(low, high)


@dataclass(frozen=True)
class StepScale:
    """Whole steps on a linear axis: time steps t = 1 … T, or updates. The first and the last step always wear a tick.

    ``text`` turns a step into the tick's words.
    """

    low: float
    high: float
    text: Callable[[int], str] = field(default=count_text)

    def fraction(self, values: Floats) -> Floats:
        return _linear_fraction(values, self.low, self.high)

    def value(self, fraction: float) -> float:
        return self.low + fraction * (self.high - self.low)

    def ticks(self, length: float, spacing: float) -> list[Tick]:
        first, last = math.ceil(self.low), math.floor(self.high)
        if last <= first:
            return [(first, self.text(first))]
        per_step = length / max(self.high - self.low, 1)
        step = max(1, round(nice_step(last - first, length / spacing)))
        clear = spacing * 0.75 / per_step
        between = [k for k in range(step * math.ceil(first / step), last + 1, step) if k - first >= clear and last - k >= clear]
        steps = [first, *between, *([last] if last - first >= clear else [])]
        return [(k, self.text(k)) for k in steps]


@dataclass(frozen=True)
class UpdateScale(LinearScale):
    """Updates from 0: round ticks, thousands with commas, none in between two updates."""

    def ticks(self, length: float, spacing: float) -> list[Tick]:
        return [(value, count_text(round(value))) for value, _ in super().ticks(length, spacing) if value == round(value)]


def axis_end(step: int) -> int:
    """A round number a little beyond ``step``, so that the axis moves in rare jumps."""
    wanted = max(1.04 * step, 50.0)
    power = 10.0 ** math.floor(math.log10(wanted))
    return round(next(power * end for end in AXIS_ENDS if power * end >= wanted))
