"""How fast a run trains: updates of a chunk, a limit of speed, and what was done so far."""

import math

# Less than a frame (gui/frame_clock.py); each chunk begins and ends with a wait for the window's thread to lend Python's lock.
CHUNK_SECONDS = 0.022
MAX_CHUNK_UPDATES = 5_000.0
# Share of the time for which a run with a speed limit trains and still has time to spare.
MOST_BUSY = 0.5


class TrainingPace:
    """``limit`` is in updates a second, infinity for none; ``seconds_per_update`` is what updates took lately.

    ``updates_trained`` and ``seconds_trained`` count all that was trained here.
    """

    def __init__(self) -> None:
        self.limit = math.inf
        self.updates_trained, self.seconds_trained = 0, 0.0
        self.begin_anew()

    def count_on(self, earlier: "TrainingPace") -> None:
        """The run goes on that was trained before at the pace ``earlier``."""
        self.updates_trained, self.seconds_trained = earlier.updates_trained, earlier.seconds_trained

    def copy(self) -> "TrainingPace":
        """What was trained so far, for a run that goes on from here in another thread."""
        pace = TrainingPace()
        pace.count_on(self)
        return pace

    def begin_anew(self) -> None:
        """Forget how long updates took: another engine trains from now on."""
        self.seconds_per_update = CHUNK_SECONDS

    @property
    def chunk_updates(self) -> float:
        """How many updates take about CHUNK_SECONDS."""
        return min(MAX_CHUNK_UPDATES, max(1.0, CHUNK_SECONDS / self.seconds_per_update))

    @property
    def most_updates(self) -> float:
        """How many updates the limit of speed allows in a chunk."""
        return max(1.0, self.limit * CHUNK_SECONDS)

    @property
    def has_time_to_spare(self) -> bool:
        """Whether the limit leaves the run standing still for a good part of the time."""
        return self.seconds_per_update * self.limit < MOST_BUSY

    def note(self, updates: int, seconds: float) -> None:
        """A chunk of ``updates`` took ``seconds``."""
        if updates:
            self.seconds_per_update = 0.7 * self.seconds_per_update + 0.3 * seconds / updates
        self.updates_trained += updates
        self.seconds_trained += seconds
