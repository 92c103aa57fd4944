"""The walk through one sequence: the network reads it step by step, then the gradient comes back step by step.

What is walked through was computed by the run at once; the walk says how far a person has come in looking at it.
"""

from dataclasses import dataclass
from enum import Enum

Span = tuple[int, int]


class Phase(Enum):
    """Which way the walk goes."""

    NONE = "none"
    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True)
class Walk:
    """``step`` (from 0) of ``seq_len`` is the one that was computed last in ``phase``."""

    phase: Phase = Phase.NONE
    step: int = 0
    seq_len: int = 0

    @property
    def is_on(self) -> bool:
        """Whether somebody walks."""
        return self.phase is not Phase.NONE

    @property
    def is_complete(self) -> bool:
        """Whether the gradient has come back to the first step: the weights are changed next."""
        return self.phase is Phase.BACKWARD and self.step == 0

    @property
    def is_read(self) -> bool:
        """Whether the network has just read the last step."""
        return self.phase is Phase.FORWARD and self.step == self.seq_len - 1

    def advanced(self) -> "Walk":
        """One step further; a walk that is complete begins again at the first step."""
        if not self.is_on or self.is_complete:
            return Walk(Phase.FORWARD, 0, self.seq_len)
        if self.is_read:
            return Walk(Phase.BACKWARD, self.seq_len - 1, self.seq_len)
        return Walk(self.phase, self.step + (1 if self.phase is Phase.FORWARD else -1), self.seq_len)

    def at_end_of_pass(self) -> "Walk":
        """At the end of the forward pass; where it is there or beyond, at the end of the backward pass."""
        if self.is_read or self.phase is Phase.BACKWARD:
            return Walk(Phase.BACKWARD, 0, self.seq_len)
        return Walk(Phase.FORWARD, self.seq_len - 1, self.seq_len)

    def values_seen(self, is_backward: bool = False) -> Span:
        """First step, and the one after the last, whose gates and states are computed, of a layer that reads forward or backward."""
        if self.phase is Phase.FORWARD:
            return self._mirrored((0, self.step + 1), is_backward)
        return (0, self.seq_len)

    def gradients_seen(self, is_backward: bool = False) -> Span:
        """The same for gradients, which come back against the order of reading."""
        if self.phase is Phase.FORWARD:
            return self._mirrored((self.seq_len, self.seq_len), is_backward)
        if self.phase is Phase.BACKWARD:
            return self._mirrored((self.step, self.seq_len), is_backward)
        return (0, self.seq_len)

    def _mirrored(self, span: Span, is_backward: bool) -> Span:
        return (self.seq_len - span[1], self.seq_len - span[0]) if is_backward else span


def walk_sentence(walk: Walk, is_playing: bool) -> str:
    """Where the walk stands, in words for the status line; "" while nobody walks."""
    if not walk.is_on:
        return ""
    if walk.is_complete:
        return f"Both done: {'the weights change' if is_playing else 'Enter changes the weights'} by the next batch."
    if walk.phase is Phase.FORWARD:
        return f"Forward: the network reads step {walk.step + 1} of {walk.seq_len} of the shown sequence."
    return f"Backward: the gradient has come back to step {walk.step + 1}."
