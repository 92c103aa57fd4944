"""What a run is doing."""

from enum import Enum


class RunState(Enum):
    """What a run is doing; the values are the words on screen."""

    LOADING = "Loading"
    RUNNING = "Running"
    PAUSED = "Paused"
    DIVERGED = "Diverged"
    FAILED = "Failed"
    STOPPED = "Stopped"
