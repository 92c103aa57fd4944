"""Axis bounds that stand still: they widen at once when values need it and narrow only after a long calm."""

PATIENCE = 90
"""Frames for which all values must lie inside narrower bounds before those are taken."""


class StickyBounds:
    """The bounds of an axis, fed once a frame with those that would just do."""

    def __init__(self) -> None:
        self._bounds: tuple[float, float] | None = None
        self._calm_frames = 0

    def update(self, low: float, high: float) -> tuple[float, float]:
        """Take in the bounds that this frame needs; return those to draw with."""
        if self._bounds is None:
            self._bounds = (low, high)
        is_narrower = low > self._bounds[0] or high < self._bounds[1]
        self._calm_frames = self._calm_frames + 1 if is_narrower else 0
        if self._calm_frames > PATIENCE:
            self._bounds, self._calm_frames = (low, high), 0
        else:
            self._bounds = (min(low, self._bounds[0]), max(high, self._bounds[1]))
        return self._bounds

    def reset(self) -> None:
        """Forget the bounds."""
        self._bounds, self._calm_frames = None, 0
