"""Where the panels stand, remembered apart for narrow and wide windows, and from one start to the next."""

from PySide6.QtCore import QByteArray, QTimer

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
        self._is_compact_soon = False
        self._fitting = QTimer(bench)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(lambda: self.fit(self._is_compact_soon))

    def fit_soon(self, is_compact: bool) -> None:
        """``fit``, but not while the window still changes its size: docks must not be taken out while Qt lays them out."""
        if self._is_compact is None:
            self.fit(is_compact)
        else:
            self._is_compact_soon = is_compact
            self._fitting.start()

    def fit(self, is_compact: bool) -> None:
        """The window is narrow, or wide: arrange the panels as they last stood in such a one, those that are open now."""
        if is_compact == self._is_compact:
            return
        opened = None
        if self._is_compact is not None:
            self._note_state()
            opened = self._bench.opened()
            self._bench.leave_enlarged()
        self._is_compact = is_compact
        state = self._states.get(is_compact) or self._preferences.layout(SIZE_CLASSES[is_compact], self._bench.docks)
        self._bench.arrange(COMPACT if is_compact else WIDE)
        if not state.isEmpty():
            self._bench.restore_layout(state)
        if opened is not None:
            self._bench.open_as(opened)

    def restore_first(self) -> None:
        """Arrange everything as at first, and forget how it stood."""
        self._states.clear()
        self._preferences.forget_layouts()
        self._bench.arrange()

    def keep(self) -> None:
        """Remember for the next start."""
        if self._is_compact is None:
            return
        self._note_state()
        for is_compact, state in self._states.items():
            self._preferences.remember_layout(SIZE_CLASSES[is_compact], self._bench.docks, state)

    def _note_state(self) -> None:
        assert self._is_compact is not None
        self._states[self._is_compact] = self._bench.layout_state()
