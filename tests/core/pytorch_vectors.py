"""Networks as PyTorch holds them, turned into the canonical layout: for frozen vectors and for those made live.

PyTorch stacks the gates in one matrix (LSTM i, f, g, o; GRU r, z, n) and has two biases where one is enough. Its GRU's z is
the share that is kept, ours the share that is written: as σ(−a) = 1 − σ(a), one turns into the other where the sign of all that
feeds the gate is turned.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import registry
from core.batch import Batch
from core.network import Network
from core.settings import NetworkSettings
from tests.core.samples import Arrays, Problem, Variant

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "rnn_tanh": ("rnn", {"activation": "tanh"}),
    "rnn_relu": ("rnn", {"activation": "relu"}),
    "lstm": ("lstm", {}),
    "gru_reset_after": ("gru", {"reset_after": True}),
    "gru_reset_before": ("gru", {"reset_after": False}),
    "lstm_bidirectional": ("lstm", {}),
    "gru_reset_after_bidirectional": ("gru", {"reset_after": True}),
    "lstm_peepholes": ("lstm", {"peepholes": True}),
    "lstm_coupled": ("lstm", {"coupled_gates": True, "peepholes": True, "no_output_activation": True}),
    "lstm_no_input_gate": ("lstm", {"no_input_gate": True, "no_input_activation": True, "peepholes": True}),
    "lstm_no_forget_gate": ("lstm", {"no_forget_gate": True}),
    "lstm_no_output_gate": ("lstm", {"no_output_gate": True, "no_output_activation": True}),
}
BIDIRECTIONAL = "_bidirectional"
# Gates of networks that are written out, in canonical order.
WRITTEN_OUT = {"gru": "rzh", "lstm": "ifco"}
UPDATE, CANDIDATE = 1, 2


@dataclass(frozen=True)
class Vector:
    """What PyTorch found, by our names."""

    network: Network
    batch: Batch
    outputs: np.ndarray
    loss: float
    gradients: Arrays


def variant_of(kind: str) -> Variant:
    """Our cell and options for ``kind``."""
    cell_name, options = KINDS[kind]
    cell = registry.cells()[cell_name]
    return Variant(cell, cell.Options(**options))


def frozen_vector(kind: str) -> dict[str, Any]:
    """Content of the file of ``kind`` in tests/golden."""
    content: dict[str, Any] = json.loads((GOLDEN / f"pytorch_{kind}.json").read_text(encoding="utf-8"))
    return content


def translated(vector: Mapping[str, Any], engine: str = "kernels") -> Vector:
    """A network with the parameters of ``vector`` in it, and the rest of the vector beside it."""
    sizes = vector["sizes"]
    variant = variant_of(vector["kind"])
    is_bidirectional = vector["kind"].endswith(BIDIRECTIONAL)
    settings = NetworkSettings(
        variant.cell.name, sizes["hidden_size"], sizes["num_layers"], bidirectional=is_bidirectional, options=variant.options
    )
    problem = Problem("sequence_to_sequence", "squared_error", sizes["input_size"], sizes["output_size"])
    network = Network(settings, problem, "float64", engine)
    network.set_parameters(canonical(vector, "parameters"))
    batch = Batch(np.array(vector["inputs"]), np.array(vector["targets"]), None, np.array(vector["lengths"]))
    return Vector(network, batch, np.array(vector["outputs"]), vector["loss"], canonical(vector, "gradients"))


def canonical(vector: Mapping[str, Any], what: str) -> Arrays:
    """Parameters or gradients of ``vector`` in the canonical layout. Of two biases that are added, each has the sum's gradient."""
    theirs = {name: np.array(value) for name, value in vector[what].items()}
    ours: Arrays = {}
    kind, sizes = vector["kind"], vector["sizes"]
    for k in range(sizes["num_layers"]):
        if "weight_hh_l0" not in theirs:
            layer = _written_out(theirs, k, sizes["hidden_size"], WRITTEN_OUT[KINDS[kind][0]])
            ours |= {f"layers.{k}.{name}": value for name, value in layer.items()}
            continue
        for ours_prefix, suffix in (("", ""), ("backward.", "_reverse")) if kind.endswith(BIDIRECTIONAL) else (("", ""),):
            layer = _library_layer(theirs, f"l{k}{suffix}", kind, is_gradient=what == "gradients")
            ours |= {f"layers.{k}.{ours_prefix}{name}": value for name, value in layer.items()}
    return ours | {"head.W": theirs["head.weight"], "head.b": theirs["head.bias"]}


def _library_layer(theirs: Arrays, place: str, kind: str, is_gradient: bool) -> Arrays:
    hidden_size = theirs[f"weight_hh_{place}"].shape[1]
    W_x, W_h = (
        theirs[f"weight_{side}_{place}"].reshape(-1, hidden_size, theirs[f"weight_{side}_{place}"].shape[1]) for side in ("ih", "hh")
    )
    b_x, b_h = (theirs[f"bias_{side}_{place}"].reshape(-1, hidden_size) for side in ("ih", "hh"))
    b = b_x.copy() if is_gradient else b_x + b_h
    if not kind.startswith("gru"):
        return {"W_x": W_x, "W_h": W_h, "b": b}
    b[CANDIDATE] = b_x[CANDIDATE]
    for of_gates in (W_x, W_h, b):
        of_gates[UPDATE] *= -1
    return {"W_x": W_x, "W_h": W_h, "b": b, "b_h": b_h[CANDIDATE]}


def _written_out(theirs: Arrays, k: int, hidden_size: int, gates: str) -> Arrays:
    learned = [gate for gate in gates if f"W_{gate}_{k}" in theirs]
    W = np.stack([theirs[f"W_{gate}_{k}"] for gate in learned])
    layer = {"W_x": W[:, :, hidden_size:], "W_h": W[:, :, :hidden_size], "b": np.stack([theirs[f"b_{gate}_{k}"] for gate in learned])}
    looking = [gate for gate in learned if f"p_{gate}_{k}" in theirs]
    return layer | ({"p": np.stack([theirs[f"p_{gate}_{k}"] for gate in looking])} if looking else {})
