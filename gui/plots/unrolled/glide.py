"""The lens on its way to the time cursor: the eye can follow where it goes."""

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal


class Glide(QObject):
    """From where the lens is to where it should be; ``moved`` at every picture of the way. ``at`` is None once it is there."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.at: float | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.valueChanged.connect(self._on_moved)
        self._animation.finished.connect(self._on_arrived)

    def go(self, start: int | None, goal: int | None, milliseconds: int) -> None:
        """Go from ``start``, or from where it is on its way, to ``goal``; at once where there is no time for it."""
        begin = self.at if self.at is not None else start
        self._animation.stop()
        if begin is None or goal is None or not milliseconds:
            self.at = None
            return
        self._animation.setDuration(milliseconds)
        self._animation.setStartValue(float(begin))
        self._animation.setEndValue(float(goal))
        self._animation.start()
        self.at = float(begin)

    def stop(self) -> None:
        """Be there at once."""
        if self.at is not None:
            self._animation.stop()
            self._on_arrived()

    @property
    def is_on_its_way(self) -> bool:
        """Whether the lens moves."""
        return self.at is not None

    def _on_moved(self, value: object) -> None:
        if self.at is not None and isinstance(value, float):
            self.at = value
            self.moved.emit()

    def _on_arrived(self) -> None:
        self.at = None
        self.moved.emit()
