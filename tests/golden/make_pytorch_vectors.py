"""Writes the frozen vectors of tests/core/test_against_pytorch.py: outputs, loss and gradients as PyTorch computes them.

Run it where PyTorch 2.6 or newer and NumPy are installed (the project itself needs no PyTorch)::

    python tests/golden/make_pytorch_vectors.py

Each file holds one small network in float64: inputs (T, B, D), lengths (B), targets (T, B, O), the parameters and their
gradients by PyTorch's own names and in its own layout, outputs (T, B, O) and the loss: the mean squared error of the outputs
of valid steps. Numbers are written so that they are read back bit for bit.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Sizes:
    """T steps, B sequences, D inputs, H units, O outputs."""

    seq_len: int = 6
    batch_size: int = 3
    input_size: int = 3
    hidden_size: int = 4
    num_layers: int = 2
    output_size: int = 2


class ResetBeforeGRU(torch.nn.Module):
    """The GRU of Cho et al. (2014), which PyTorch has not: r before the product, z the share that is written; written out for autograd."""

    def __init__(self, input_size: int, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        for k in range(num_layers):
            columns = hidden_size + (input_size if k == 0 else hidden_size)
            for gate in ("r", "z", "h"):
                self.register_parameter(f"W_{gate}_{k}", torch.nn.Parameter(torch.empty(hidden_size, columns)))
                self.register_parameter(f"b_{gate}_{k}", torch.nn.Parameter(torch.empty(hidden_size)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        for k in range(self.num_layers):
            h = torch.zeros(x.shape[1], self.hidden_size)
            states = []
            for x_t in x:
                h_and_x = torch.cat([h, x_t], dim=1)
                r = torch.sigmoid(h_and_x @ self.get_parameter(f"W_r_{k}").T + self.get_parameter(f"b_r_{k}"))
                z = torch.sigmoid(h_and_x @ self.get_parameter(f"W_z_{k}").T + self.get_parameter(f"b_z_{k}"))
                reset_and_x = torch.cat([r * h, x_t], dim=1)
                candidate = torch.tanh(reset_and_x @ self.get_parameter(f"W_h_{k}").T + self.get_parameter(f"b_h_{k}"))
                h = (1 - z) * h + z * candidate
                states.append(h)
            x = torch.stack(states)
        return x, None


class WrittenOutLSTM(torch.nn.Module):
    """Variants of the LSTM that PyTorch has not (Greff et al. 2015), written out for autograd from the equations.

    ``absent`` are gates that are 1; ``coupled``: f = 1 − i; ``peepholes``: i and f see C_{t-1}, o sees C_t.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        absent: str = "",
        coupled: bool = False,
        peepholes: bool = False,
        squash_input: bool = True,
        squash_output: bool = True,
    ) -> None:
        super().__init__()
        self.hidden_size, self.num_layers, self.absent = hidden_size, num_layers, absent
        self.coupled, self.peepholes = coupled, peepholes
        self.squash_input, self.squash_output = squash_input, squash_output
        self.learned = [gate for gate in "ifco" if gate not in absent and not (coupled and gate == "f")]
        for k in range(num_layers):
            columns = hidden_size + (input_size if k == 0 else hidden_size)
            for gate in self.learned:
                self.register_parameter(f"W_{gate}_{k}", torch.nn.Parameter(torch.empty(hidden_size, columns)))
                self.register_parameter(f"b_{gate}_{k}", torch.nn.Parameter(torch.empty(hidden_size)))
                if peepholes and gate != "c":
                    self.register_parameter(f"p_{gate}_{k}", torch.nn.Parameter(torch.empty(hidden_size)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        for k in range(self.num_layers):
            h = C = torch.zeros(x.shape[1], self.hidden_size)
            states = []
            for x_t in x:
                i = self.gate("i", k, h, x_t, C)
                f = 1 - i if self.coupled else self.gate("f", k, h, x_t, C)
                a = torch.cat([h, x_t], dim=1) @ self.get_parameter(f"W_c_{k}").T + self.get_parameter(f"b_c_{k}")
                C = f * C + i * (torch.tanh(a) if self.squash_input else a)
                o = self.gate("o", k, h, x_t, C)
                h = o * (torch.tanh(C) if self.squash_output else C)
                states.append(h)
            x = torch.stack(states)
        return x, None

    def gate(self, gate: str, k: int, h: torch.Tensor, x_t: torch.Tensor, C: torch.Tensor) -> torch.Tensor:
        if gate in self.absent:
            return torch.ones_like(h)
        a = torch.cat([h, x_t], dim=1) @ self.get_parameter(f"W_{gate}_{k}").T + self.get_parameter(f"b_{gate}_{k}")
        return torch.sigmoid(a + self.get_parameter(f"p_{gate}_{k}") * C if self.peepholes else a)


def sizes_of(s: Sizes) -> tuple[int, int, int]:
    return s.input_size, s.hidden_size, s.num_layers


LAYERS: dict[str, Callable[[Sizes], torch.nn.Module]] = {
    "rnn_tanh": lambda s: torch.nn.RNN(s.input_size, s.hidden_size, s.num_layers, nonlinearity="tanh"),
    "rnn_relu": lambda s: torch.nn.RNN(s.input_size, s.hidden_size, s.num_layers, nonlinearity="relu"),
    "lstm": lambda s: torch.nn.LSTM(s.input_size, s.hidden_size, s.num_layers),
    "gru_reset_after": lambda s: torch.nn.GRU(s.input_size, s.hidden_size, s.num_layers),
    "gru_reset_before": lambda s: ResetBeforeGRU(s.input_size, s.hidden_size, s.num_layers),
    "lstm_bidirectional": lambda s: torch.nn.LSTM(*sizes_of(s), bidirectional=True),
    "gru_reset_after_bidirectional": lambda s: torch.nn.GRU(*sizes_of(s), bidirectional=True),
    "lstm_peepholes": lambda s: WrittenOutLSTM(*sizes_of(s), peepholes=True),
    "lstm_coupled": lambda s: WrittenOutLSTM(*sizes_of(s), coupled=True, peepholes=True, squash_output=False),
    "lstm_no_input_gate": lambda s: WrittenOutLSTM(*sizes_of(s), absent="i", squash_input=False, peepholes=True),
    "lstm_no_forget_gate": lambda s: WrittenOutLSTM(*sizes_of(s), absent="f"),
    "lstm_no_output_gate": lambda s: WrittenOutLSTM(*sizes_of(s), absent="o", squash_output=False),
}


def run(layers: torch.nn.Module, inputs: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """States (T, B, ·); where layers read from the end, from the last valid step, with zeros in the padding."""
    if not getattr(layers, "bidirectional", False):
        return layers(inputs)[0]
    packed = torch.nn.utils.rnn.pack_padded_sequence(inputs, lengths, enforce_sorted=False)
    return torch.nn.utils.rnn.pad_packed_sequence(layers(packed)[0], total_length=len(inputs))[0]


def make_vector(kind: str, sizes: Sizes, seed: int) -> dict[str, Any]:
    """Run one random network forward and backward and write down all of it as plain lists."""
    torch.set_default_dtype(torch.float64)
    generator = torch.Generator().manual_seed(seed)
    layers = LAYERS[kind](sizes)
    directions = 2 if getattr(layers, "bidirectional", False) else 1
    head = torch.nn.Linear(directions * sizes.hidden_size, sizes.output_size)
    parameters: Tensors = dict(layers.named_parameters()) | {f"head.{name}": value for name, value in head.named_parameters()}
    with torch.no_grad():
        for value in parameters.values():
            value.copy_(0.5 * torch.randn(value.shape, generator=generator))
    inputs = torch.randn(sizes.seq_len, sizes.batch_size, sizes.input_size, generator=generator)
    targets = torch.randn(sizes.seq_len, sizes.batch_size, sizes.output_size, generator=generator)
    lengths = torch.randint(1, sizes.seq_len + 1, (sizes.batch_size,), generator=generator)
    outputs = head(run(layers, inputs, lengths))
    is_valid = torch.arange(sizes.seq_len)[:, None] < lengths
    loss = torch.mean((outputs - targets)[is_valid] ** 2)
    loss.backward()
    return {
        "kind": kind,
        "made_with": f"PyTorch {torch.__version__}",
        "sizes": asdict(sizes),
        "inputs": inputs.tolist(),
        "lengths": lengths.tolist(),
        "targets": targets.tolist(),
        "parameters": {name: value.tolist() for name, value in parameters.items()},
        "gradients": {name: value.grad.tolist() for name, value in parameters.items() if value.grad is not None},
        "outputs": outputs.tolist(),
        "loss": loss.item(),
    }


def main() -> None:
    """Write every vector beside this file."""
    for seed, kind in enumerate(LAYERS):
        path = Path(__file__).with_name(f"pytorch_{kind}.json")
        path.write_text(json.dumps(make_vector(kind, Sizes(), seed)) + "\n", encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
