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


REWINDING = "Rewinding"
"""What a run is doing that is on its way back; its thread's state is Paused meanwhile."""
