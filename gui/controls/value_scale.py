"""Where a value stands on a slider, and where the ticks are: linear, logarithmic, powers of two, with or without an off end."""

import math
from abc import ABC, abstractmethod

from core.fields import FieldInfo

# A logarithmic range that reaches down to 0 shows this many decades below its maximum.
DECADES = 6
# Room between the off end and the smallest value, in decades.
OFF_GAP = 0.5
MOST_LINEAR_TICKS = 6
FINE_STEPS = 10


class ValueScale(ABC):
    """Values on positions 0…1. ``ticks`` are values, ascending."""

    ticks: tuple[float, ...]

    @abstractmethod
    def position(self, value: float) -> float:
        """Position 0…1 of ``value``."""

    @abstractmethod
    def value_at(self, position: float) -> float:
        """The round value nearest to ``position``."""

    @abstractmethod
    def moved(self, value: float, by: float) -> float:
        """``value`` moved by a part of a tick's distance."""

    def stepped(self, value: float, ticks: int) -> float:
        """The tick that is ``ticks`` further from ``value`` (negative: back); the last one at the ends."""
        for _ in range(abs(ticks)):
            beyond = [tick for tick in self.ticks if (tick > value if ticks > 0 else tick < value)]
            if beyond:
                value = min(beyond) if ticks > 0 else max(beyond)
        return value


class LinearScale(ValueScale):
    """Evenly spaced values in round steps."""

    def __init__(self, low: float, high: float, is_whole: bool) -> None:
        self.low, self.high, self._is_whole = low, high, is_whole
        distance = round_step((high - low) / (MOST_LINEAR_TICKS - 1))
        if is_whole:
            distance = max(1, round(distance))
        self._distance = distance
        first, last = math.ceil(low / distance - 1e-9), math.floor(high / distance + 1e-9)
        inner = [float(f"{k * distance:.10g}") for k in range(first, last + 1)]
        self.ticks = tuple(sorted({low, high, *inner}))
        self._grain = 1.0 if is_whole else 10 ** math.floor(math.log10((high - low) / 50))

    def position(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def value_at(self, position: float) -> float:
        return self._rounded(self.low + position * (self.high - self.low))

    def moved(self, value: float, by: float) -> float:
        step = max(abs(by) * self._distance, self._grain)
        return self._rounded(value + math.copysign(step, by))

    def _rounded(self, value: float) -> float:
        grains = round(value / self._grain)
        return min(self.high, max(self.low, float(f"{grains * self._grain:.10g}")))


class LogScale(ValueScale):
    """Powers of ten evenly spaced; ``end`` is a value of its own, off at the left or unlimited at the right."""

    def __init__(self, low: float, high: float, is_whole: bool, end: float | None = None) -> None:
        self.low, self.high, self._is_whole, self._end = low, high, is_whole, end
        self._is_end_left = end is not None and end < low
        self._start, self._stop = math.log10(low), math.log10(high)
        gap = OFF_GAP if end is not None else 0.0
        self._left = self._start - (gap if self._is_end_left else 0.0)
        self._span = self._stop - self._start + gap
        decades = [10.0**k for k in range(math.ceil(self._start - 1e-9), math.floor(self._stop + 1e-9) + 1)]
        self.ticks = tuple(sorted({float(low), *decades, float(high), *([] if end is None else [end])}))

    def position(self, value: float) -> float:
        if value == self._end:
            return 0.0 if self._is_end_left else 1.0
        inside = min(self.high, max(self.low, value))
        return (math.log10(inside) - self._left) / self._span

    def value_at(self, position: float) -> float:
        exponent = self._left + position * self._span
        if self._end is not None:
            beyond = self._start - exponent if self._is_end_left else exponent - self._stop
            if beyond > OFF_GAP / 2:
                return self._end
        return self._rounded(10 ** min(self._stop, max(self._start, exponent)))

    def moved(self, value: float, by: float) -> float:
        if value == self._end:
            return self.stepped(value, int(math.copysign(1, by)))
        target = math.log10(min(self.high, max(self.low, value))) + by
        if self._end is not None and (target < self._start - 1e-9 if self._is_end_left else target > self._stop + 1e-9):
            return self._end
        moved = self._rounded(10 ** min(self._stop, max(self._start, target)))
        if self._is_whole and moved == value:
            moved = min(self.high, max(self.low, value + math.copysign(1, by)))
        return moved

    def _rounded(self, value: float) -> float:
        rounded = float(round(value)) if self._is_whole else float(f"{value:.2g}")
        if self._is_whole and value >= 100:
            rounded = float(f"{value:.2g}")
        return min(self.high, max(self.low, rounded))


class PowersScale(ValueScale):
    """Powers of two, evenly spaced; other values stand between them but are not reached by sliding."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        first, last = math.ceil(math.log2(max(1.0, low))), math.floor(math.log2(high))
        self.ticks = tuple(float(2**k) for k in range(first, last + 1))
        self._start, self._stop = math.log2(max(1.0, low)), math.log2(high)

    def position(self, value: float) -> float:
        inside = min(self.high, max(self.low, value, 1.0))
        return (math.log2(inside) - self._start) / (self._stop - self._start)

    def value_at(self, position: float) -> float:
        return min(self.ticks, key=lambda tick: abs(self.position(tick) - position))

    def moved(self, value: float, by: float) -> float:
        return min(self.high, max(self.low, value + math.copysign(1, by)))


def scale_of(info: FieldInfo) -> ValueScale:
    """The slider's scale for a numeric field."""
    assert info.minimum is not None and info.maximum is not None, f"{info.label} has no range"
    is_whole = info.kind == "integer"
    if info.scale == "powers_of_two":
        return PowersScale(info.minimum, info.maximum)
    if info.scale == "log":
        low = info.minimum if info.minimum > 0 else 1.0 if is_whole else info.maximum / 10**DECADES
        return LogScale(low, info.maximum, is_whole, info.off_value)
    return LinearScale(info.minimum, info.maximum, is_whole)


def round_step(distance: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is at least ``distance``."""
    power = 10.0 ** math.floor(math.log10(distance))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= distance * (1 - 1e-9))
