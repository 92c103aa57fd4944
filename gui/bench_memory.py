"""Where the panels stand, remembered apart for narrow and wide windows, and from one start to the next."""

from PySide6.QtCore import QByteArray

from gui.arrangement import COMPACT, WIDE
from gui.bench import Bench
from gui.preferences import Preferences

SIZE_CLASSES = {True: "compact", False: "wide"}


class BenchMemory:
    """Gives the bench the layout for the width of its window."""

    def __init__(self, bench: Bench, preferences: Preferences) -> None:
        self._bench, self._preferences = bench, preferences
        self._is_compact: bool | None = None
        self._states: dict[bool, QByteArray] = {}

    def fit(self, is_compact: bool) -> None:
        """The window is narrow, or wide: arrange the panels as they last stood in such a one."""
        if is_compact == self._is_compact:
            return
        if self._is_compact is not None:
            self._states[self._is_compact] = self._bench.layout_state()
        self._is_compact = is_compact
        state = self._states.get(is_compact) or self._preferences.layout(SIZE_CLASSES[is_compact], self._bench.docks)
        self._bench.arrange(COMPACT if is_compact else WIDE)
        if not state.isEmpty():
            self._bench.restore_layout(state)

    def restore_first(self) -> None:
        """Arrange everything as at first, and forget how it stood."""
        self._states.clear()
        self._preferences.forget_layouts()
        self._bench.arrange()

    def keep(self) -> None:
        """Remember for the next start."""
        if self._is_compact is None:
            return
        self._states[self._is_compact] = self._bench.layout_state()
        for is_compact, state in self._states.items():
            self._preferences.remember_layout(SIZE_CLASSES[is_compact], self._bench.docks, state)
