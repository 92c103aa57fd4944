"""How fast time passes: updates a second up to unlimited, and below them slow motion, in which every time step can be seen.

A speed is one number, the larger the faster. Above 0 it is updates a second, infinity: as fast as it goes. Below 0 it is slow motion: minus
the seconds that one time step takes.
"""

import math

SLOW_PACES = (2, 5, 10, 20)
"""Time steps a second in slow motion."""
SLOWEST, FASTEST = 1.0, 1000.0
"""Updates a second."""
UNLIMITED = math.inf


def slow_motion(steps_per_second: float) -> float:
    """The speed at which so many time steps are walked a second."""
    return -1.0 / steps_per_second


def is_slow_motion(speed: float) -> bool:
    """Whether single time steps are shown."""
    return speed < 0


def steps_per_second(speed: float) -> float:
    """Time steps a second of slow motion."""
    return -1.0 / speed


def speed_text(speed: float) -> str:
    """40 -> "40 updates/s"; slow motion: "5 time steps/s"."""
    if is_slow_motion(speed):
        return f"{steps_per_second(speed):.0f} time steps/s"
    if math.isinf(speed):
        return "unlimited"
    return "1 update/s" if speed == 1 else f"{speed:,.0f} updates/s" if speed >= 10 else f"{speed:.2g} updates/s"
