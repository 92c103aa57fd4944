"""What a person can draw as an input of a task, instead of typing it. What is drawn becomes a text that the task's ``answer`` reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PixelPad:
    """A grid of pixels, black or white: seven rows of five ``.`` or ``#``, spaces between the rows."""

    rows: int
    columns: int


@dataclass(frozen=True)
class CurvePad:
    """A curve from left to right: ``steps`` numbers from ``low`` to ``high``, commas between them."""

    steps: int
    low: float
    high: float


Pad = PixelPad | CurvePad
