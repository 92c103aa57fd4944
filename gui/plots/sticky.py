"""Axis bounds that stand still: they widen at once when values need it and narrow only after a calm."""

PATIENCE, SHORT_PATIENCE = 90, 8
"""Frames for which all values must lie inside narrower bounds before those are taken; the short one where values look lost."""
LOST_SHARE = 0.5
"""Of the axis: values that need no more of it look lost."""


class StickyBounds:
    """The bounds of an axis, fed once a frame with those that would just do."""

    def __init__(self) -> None:
        self._bounds: tuple[float, float] | None = None
        self._calm_bounds: tuple[float, float] | None = None
        self._calm_frames = 0

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Those drawn with last."""
        return self._bounds

    def update(self, low: float, high: float) -> tuple[float, float]:
        """Take in the bounds that this frame needs; return those to draw with."""
        known = self._bounds or (low, high)
        self._bounds = (min(low, known[0]), max(high, known[1]))
        if low <= known[0] and high >= known[1]:
            self._calm_bounds, self._calm_frames = None, 0
            return self._bounds
        calm = self._calm_bounds or (low, high)
        self._calm_bounds = calm = (min(low, calm[0]), max(high, calm[1]))
        self._calm_frames += 1
        is_lost = calm[1] - calm[0] <= LOST_SHARE * (self._bounds[1] - self._bounds[0])
        if self._calm_frames > (SHORT_PATIENCE if is_lost else PATIENCE):
            self._bounds, self._calm_bounds, self._calm_frames = calm, None, 0
        return self._bounds

    def reset(self) -> None:
        """Forget the bounds."""
        self._bounds, self._calm_bounds, self._calm_frames = None, None, 0
