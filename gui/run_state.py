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


def failure_words(error: Exception) -> str:
    """Why a run failed, for the screen."""
    if isinstance(error, MemoryError):
        return "there is not enough memory: a smaller batch, network or sequence length would help"
    return f"an error in the program: {type(error).__name__}: {error}"


REWINDING = "Rewinding"
"""What a run is doing that is on its way back; its thread's state is Paused meanwhile."""
