"""Held-out pictures to begin a drawing with."""

from functools import lru_cache

from core import registry
from core.pads import PixelPad
from core.settings import TaskSettings
from gui.panels.pads.pixel_pad_view import BLANK, PAINTED

PICTURES = 64


class PixelExamples:
    """One picture after the other."""

    def __init__(self) -> None:
        self._shown = -1

    def next_text(self, settings: TaskSettings) -> str:
        """The next held-out picture of the task, as a pad writes it."""
        self._shown += 1
        texts = _texts(settings)
        return texts[self._shown % len(texts)]


@lru_cache(maxsize=1)
def _texts(settings: TaskSettings) -> tuple[str, ...]:
    task = registry.tasks()[settings.name]
    assert isinstance(task.pad, PixelPad), f"{settings.name} has no pixels"
    pictures = task(settings.fields).held_out(PICTURES).inputs[0].reshape(-1, task.pad.rows, task.pad.columns) > 0.5
    return tuple(" ".join("".join(PAINTED if pixel else BLANK for pixel in row) for row in picture) for picture in pictures)
