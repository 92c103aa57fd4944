"""What the answers of the probe sequence depend on: ‖∂y_t/∂x_τ‖ for every output step t, or for as many as there is time for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from core.analysis.connectivity import input_norms, largest_entries, multiplications
from core.look import Focus, Look
from core.network import Network
from core.probe import frozen
from core.snapshot import Floats, Trace
from core.topology import SEQUENCE_TO_VECTOR

if TYPE_CHECKING:
    from core.trainer import Trainer

WORK_AT_MOST = 1.2e8
"""Multiplications of one look: about as long as a few traces at the default size."""
MOST_COPIES = 128


@dataclass(frozen=True)
class Connectivity:
    """R rows, one an output step.

    Attributes
    ----------
    steps : the output steps t of the rows, ascending, counted like the trace's (a decoder's come after what its encoder reads)
    norms : (R, T) ‖∂y_t/∂x_τ‖; NaN where nothing is read (a decoder's first step), 0 where x_τ comes after the answer.
        Of a decoder it reads the right previous outputs. For vector_to_sequence the vector stands at τ = 1.
    entries : (R,) which entry of y_t is asked; None: all of them, and the norm is over these too
    names : what the entries stand for, () where they are measured values
    output_steps : all steps at which there is an output
    answers_once : whether only the last output is the task's answer, the others "if asked at t"
    """

    steps: tuple[int, ...]
    norms: Floats
    entries: tuple[int, ...] | None
    names: tuple[str, ...]
    output_steps: range
    answers_once: bool

    @property
    def has_all_steps(self) -> bool:
        """Whether there is a row for every output."""
        return len(self.steps) == len(self.output_steps)

    def row_for(self, step: int) -> int:
        """The row of output step ``step``, or of the nearest that there is."""
        return int(np.abs(np.array(self.steps) - step).argmin())

    def asked(self, row: int) -> str:
        """Which entry of the output row ``row`` asks for, by its name; "" where all are."""
        if self.entries is None:
            return ""
        entry = self.entries[row]
        return self.names[entry] if self.names else f"output {entry + 1}"


def _steps_for(output_steps: range, wanted: int, room: int) -> np.ndarray:
    """All output steps where there is ``room``; else the wanted one, the last, and others at equal distances."""
    if len(output_steps) <= room:
        return np.array(output_steps)
    spread = np.linspace(output_steps[0], output_steps[-1], max(1, room - 1)).round().astype(np.int64)
    return np.unique([*spread, output_steps[-1], min(max(wanted, output_steps[0]), output_steps[-1])])


def _is_whole(network: Network, outputs: int, room: int) -> bool:
    """Whether all entries of the outputs are asked, rather than the largest."""
    size = network.layout.output_size
    return size == 1 or size * outputs <= room or (not network.loss_spec.has_labels and 2 * size <= room)


class ConnectivityLook(Look):
    """Of the probe's first sequence; the focus chooses an output step that is never left out."""

    name: ClassVar[str] = "connectivity"
    depends_on_focus: ClassVar[bool] = True

    def take(self, trainer: "Trainer", trace: Trace, focus: Focus) -> Connectivity:
        """See Look."""
        network, batch = trainer.network, trainer.probe_batch
        start = trace.decoder_start or 0
        output_steps = range(start, trace.seq_len)
        room = int(min(MOST_COPIES, max(2, WORK_AT_MOST // multiplications(network, trace.seq_len))))
        is_whole = _is_whole(network, len(output_steps), room)
        size = network.layout.output_size if is_whole else 1
        steps = _steps_for(output_steps, focus.step, room // size)
        rows = np.repeat(steps - start, size)
        largest = None if is_whole else largest_entries(network, batch, 0)[steps - start]
        entries = np.tile(np.arange(size), len(steps)) if largest is None else largest
        found = input_norms(network, batch, 0, rows, entries)
        parts = [found.encoder]
        if found.fed_back is not None:
            fed_back = found.fed_back.copy()
            fed_back[:, 0] = found.encoder[:, 0] if start == 0 else np.nan
            parts = [found.encoder, fed_back] if start else [fed_back]
        by_entry = np.concatenate(parts, axis=1).reshape(len(steps), size, -1)
        with np.errstate(over="ignore", invalid="ignore"):
            norms = frozen(np.sqrt(np.square(by_entry).sum(axis=1)))
        asked = None if largest is None else tuple(int(entry) for entry in largest)
        names = trainer.task.output_names
        once = network.topology == SEQUENCE_TO_VECTOR
        return Connectivity(tuple(int(step) for step in steps), norms, asked, names, output_steps, once)


LOOK = ConnectivityLook()
