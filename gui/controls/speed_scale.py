"""The scale of the speed: at the left the paces of slow motion, then updates a second on a log scale, at the right end unlimited."""

from gui.controls.value_scale import LogScale, ValueScale
from gui.speed import FASTEST, SLOW_PACES, SLOWEST, UNLIMITED, is_slow_motion, slow_motion

SLOW_SHARE = 0.36
"""Of the length, for slow motion."""


class SpeedScale(ValueScale):
    """Values are speeds as gui/speed.py has them."""

    def __init__(self) -> None:
        self._slow = tuple(slow_motion(pace) for pace in SLOW_PACES)
        self._fast = LogScale(SLOWEST, FASTEST, False, UNLIMITED)
        self.ticks = (*self._slow, *self._fast.ticks)

    def position(self, value: float) -> float:
        if is_slow_motion(value):
            nearest = min(range(len(self._slow)), key=lambda k: abs(self._slow[k] - value))
            return SLOW_SHARE * nearest / len(self._slow)
        return SLOW_SHARE + (1 - SLOW_SHARE) * self._fast.position(value)

    def value_at(self, position: float) -> float:
        pitch = SLOW_SHARE / len(self._slow)
        if position < SLOW_SHARE - pitch / 2:
            return self._slow[min(round(position / pitch), len(self._slow) - 1)]
        return self._fast.value_at(max(0.0, (position - SLOW_SHARE) / (1 - SLOW_SHARE)))

    def moved(self, value: float, by: float) -> float:
        direction = 1 if by > 0 else -1
        if is_slow_motion(value) or (direction < 0 and value <= SLOWEST):
            return self.stepped(value, direction)
        return self._fast.moved(value, by)
