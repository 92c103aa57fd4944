"""Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000).

i_t = σ(W_i [h_{t-1}, x_t] + b_i)         how much of the candidate is written
f_t = σ(W_f [h_{t-1}, x_t] + b_f)         how much of the old cell state is kept
C̃_t = tanh(W_C [h_{t-1}, x_t] + b_C)      what is proposed
C_t = f_t ⊙ C_{t-1} + i_t ⊙ C̃_t
o_t = σ(W_o [h_{t-1}, x_t] + b_o)         how much of the cell state is shown
h_t = o_t ⊙ tanh(C_t)

The forget gate's bias starts at 1 (Gers et al. 2000; Jozefowicz, Zaremba & Sutskever 2015), the others at their draw.

The options are the variants of Greff et al. 2015, which may be combined. A gate that is taken away is 1; without the input
activation C̃_t is W_C [h_{t-1}, x_t] + b_C, without the output activation h_t is o_t ⊙ C_t; coupled gates have f_t = 1 − i_t;
with peepholes (Gers & Schmidhuber 2000) p_i ⊙ C_{t-1}, p_f ⊙ C_{t-1} and p_o ⊙ C_t are added inside σ.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.activations import sigmoid
from core.cell import LayerArrays, Parameters, Step, StepGradient
from core.cells import lstm_kernels
from core.cells.lstm_anatomy import LSTMAnatomy
from core.errors import InputError
from core.fields import flag, number
from core.signal import Signal

CELL_STATE = 0


@dataclass(frozen=True)
class LSTMOptions:
    """Options of the LSTM. Raises InputError where two of them exclude each other."""

    forget_bias: float = number(
        1.0, -10.0, 10.0, "Forget bias", "Start of the forget gate's bias. 1 or more: the cell remembers before it has learned to."
    )
    use_bias: bool = flag(True, "Biases", "Add a learned constant to every gate.", is_important=False)
    no_input_gate: bool = flag(False, "No input gate", "Every candidate is written in full.", is_important=False)
    no_forget_gate: bool = flag(
        False, "No forget gate", "The cell state only ever adds up, as in the LSTM of 1997: nothing is forgotten.", is_important=False
    )
    no_output_gate: bool = flag(False, "No output gate", "The whole cell state is shown at every step.", is_important=False)
    no_input_activation: bool = flag(
        False, "No input activation", "The candidate is not squashed by tanh and may be as large as it likes.", is_important=False
    )
    no_output_activation: bool = flag(
        False, "No output activation", "The cell state is not squashed by tanh before the output gate.", is_important=False
    )
    coupled_gates: bool = flag(
        False, "Coupled gates", "Forget as much as is written: f = 1 − i, one gate instead of two.", is_important=False
    )
    peepholes: bool = flag(False, "Peepholes", "Let each gate look at its unit's own cell state.", is_important=False)

    def __post_init__(self) -> None:
        for key in ("no_input_gate", "no_forget_gate"):
            if self.coupled_gates and getattr(self, key):
                raise InputError(f"network.coupled_gates = true: needs the input gate and the forget gate: switch {key} off")
        if self.peepholes and self.no_input_gate and self.no_forget_gate and self.no_output_gate:
            raise InputError(
                "network.peepholes = true: needs a gate to look through: switch no_input_gate, no_forget_gate or no_output_gate off"
            )

    @property
    def absent_gates(self) -> set[str]:
        """Gates that are always 1."""
        absent = {"input": self.no_input_gate, "forget": self.no_forget_gate, "output": self.no_output_gate}
        return {gate for gate, is_absent in absent.items() if is_absent}


class LSTM(LSTMAnatomy):
    """The LSTM; canonical gate order input, forget, candidate, output."""

    name = "lstm"
    title = "LSTM"
    order = 30
    Options = LSTMOptions
    gates = ("input", "forget", "candidate", "output")
    signals = (
        Signal("forget", "f", "forget", 0.0, 1.0),
        Signal("input", "i", "input", 0.0, 1.0),
        Signal("output", "o", "output", 0.0, 1.0),
        Signal("candidate", "C̃", "candidate", -1.0, 1.0, is_gate=False),
        Signal("cell state", "C", "cell_state", -4.0, 4.0, is_gate=False),
        Signal("hidden", "h", "hidden", -1.0, 1.0, is_gate=False),
    )
    has_cell_state = True
    extra_count = 2
    kernels = lstm_kernels.KERNELS

    def equations(self, options: LSTMOptions) -> tuple[str, ...]:
        """See Cell."""
        learned, peepholes = self.learned_gates(options), self.peephole_gates(options)

        def sum_of(letter: str, peephole: str = "") -> str:
            bias = f" + b_{letter}" if options.use_bias else ""
            return rf"W_{letter}\,[h_{{t-1}}, x_t]{peephole}{bias}"

        def gate(name: str, looks_at: str) -> list[str]:
            letter = name[0]
            peephole = rf" + p_{letter} \odot {looks_at}" if name in peepholes else ""
            return [rf"{letter}_t = \sigma({sum_of(letter, peephole)})"] if name in learned else []

        candidate = sum_of("C") if options.no_input_activation else rf"\tanh({sum_of('C')})"
        kept = r"C_{t-1}" if options.no_forget_gate else r"f_t \odot C_{t-1}"
        written = r"\tilde{C}_t" if options.no_input_gate else r"i_t \odot \tilde{C}_t"
        shown = "C_t" if options.no_output_activation else r"\tanh(C_t)"
        return (
            *gate("forget", "C_{t-1}"),
            *gate("input", "C_{t-1}"),
            *([r"f_t = 1 - i_t"] if options.coupled_gates else []),
            rf"\tilde{{C}}_t = {candidate}",
            rf"C_t = {kept} + {written}",
            *gate("output", "C_t"),
            f"h_t = {shown}" if options.no_output_gate else rf"h_t = o_t \odot {shown}",
        )

    def idle_options(self, values: Mapping[str, Any]) -> dict[str, str]:
        """No forget bias without a forget gate of its own; and the flags that ``LSTMOptions`` would refuse to switch on."""
        idle = {}
        if not values["use_bias"] or values["no_forget_gate"] or values["coupled_gates"]:
            idle["forget_bias"] = "there is no forget gate with a bias of its own"
        if values["coupled_gates"]:
            idle |= dict.fromkeys(("no_input_gate", "no_forget_gate"), "coupled gates need the input and the forget gate")
        elif values["no_input_gate"] or values["no_forget_gate"]:
            idle["coupled_gates"] = "needs the input and the forget gate"
        return idle

    def learned_gates(self, options: LSTMOptions) -> tuple[str, ...]:
        """Without those that are absent, and without a forget gate that is coupled."""
        without = options.absent_gates | ({"forget"} if options.coupled_gates else set())
        return tuple(gate for gate in self.gates if gate not in without)

    def peephole_gates(self, options: LSTMOptions) -> tuple[str, ...]:
        """The gates that have a peephole, P of them."""
        return tuple(gate for gate in self.learned_gates(options) if gate != "candidate") if options.peepholes else ()

    def shown_signals(self, options: LSTMOptions) -> tuple[Signal, ...]:
        """Without those of absent gates; what nothing squashes has the wide scale of the cell state."""
        unbounded = {"candidate"} if options.no_input_activation else set()
        unbounded |= {"hidden"} if options.no_output_activation else set()
        shown = (signal for signal in self.signals if signal.name not in options.absent_gates)
        return tuple(_widened(signal) if signal.name in unbounded else signal for signal in shown)

    def shapes(self, options: LSTMOptions, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """With peepholes also p (P, H)."""
        shapes = super().shapes(options, input_size, hidden_size)
        if options.peepholes:
            shapes["p"] = (len(self.peephole_gates(options)), hidden_size)
        return shapes

    def gates_of(self, options: LSTMOptions, name: str) -> tuple[str, ...]:
        """See Cell; those with a peephole for p."""
        return self.peephole_gates(options) if name == "p" else super().gates_of(options, name)

    def initial_bias(self, options: LSTMOptions, name: str, values: np.ndarray) -> np.ndarray:
        """The forget gate's bias starts at ``forget_bias``."""
        learned = self.learned_gates(options)
        if "forget" in learned:
            values[learned.index("forget")] = options.forget_bias
        return values

    def own_rows(self, options: LSTMOptions) -> int:
        """With peepholes one, which has each in the column block of its gate."""
        return 1 if options.peepholes else 0

    def pack(self, options: LSTMOptions, parameters: Parameters, weights: np.ndarray) -> None:
        """See Cell."""
        super().pack(options, parameters, weights)
        if options.peepholes:
            blocks = [self.gates.index(gate) for gate in self.peephole_gates(options)]
            weights[-1, blocks, : parameters["p"].shape[1]] = parameters["p"]

    def unpack(self, options: LSTMOptions, weights: np.ndarray, hidden_size: int) -> dict[str, np.ndarray]:
        """See Cell."""
        parameters = super().unpack(options, weights, hidden_size)
        if options.peepholes:
            blocks = [self.gates.index(gate) for gate in self.peephole_gates(options)]
            parameters["p"] = weights[-1, blocks, :hidden_size].copy()
        return parameters

    def step(self, options: LSTMOptions, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None) -> Step:
        """The equations of the module's docstring."""
        assert c_prev is not None
        a = {}
        for g, gate in enumerate(self.learned_gates(options)):
            a[gate] = x @ parameters["W_x"][g].T + h_prev @ parameters["W_h"][g].T
            if options.use_bias:
                a[gate] = a[gate] + parameters["b"][g]
        p = self._peepholes(options, parameters)
        one = np.ones_like(h_prev)
        i = one if options.no_input_gate else sigmoid(_look(a, p, "input", c_prev))
        f = one if options.no_forget_gate else 1 - i if options.coupled_gates else sigmoid(_look(a, p, "forget", c_prev))
        candidate = a["candidate"] if options.no_input_activation else np.tanh(a["candidate"])
        c = f * c_prev + i * candidate
        o = one if options.no_output_gate else sigmoid(_look(a, p, "output", c))
        shown = c if options.no_output_activation else np.tanh(c)
        h = o * shown
        values = {"forget": f, "input": i, "output": o, "candidate": candidate, "cell state": c, "hidden": h}
        return Step(h, c, values, (x, h_prev, c_prev, i, f, candidate, c, o, shown))

    def step_gradient(
        self, options: LSTMOptions, parameters: Parameters, step: Step, dh: np.ndarray, dc: np.ndarray | None
    ) -> StepGradient:
        """``dc`` is the total ∂L/∂C_t except for what comes through h_t of this step, which is added here."""
        assert dc is not None
        x, h_prev, c_prev, i, f, candidate, c, o, shown = step.kept
        p = self._peepholes(options, parameters)
        da = {"output": dh * shown * o * (1 - o)}
        dc_total = dc + dh * o * (1 if options.no_output_activation else 1 - shown**2)
        if "output" in p:
            dc_total = dc_total + da["output"] * p["output"]
        di = dc_total * (candidate - c_prev if options.coupled_gates else candidate)
        da["input"] = di * i * (1 - i)
        da["forget"] = dc_total * c_prev * f * (1 - f)
        da["candidate"] = dc_total * i * (1 if options.no_input_activation else 1 - candidate**2)
        dc_prev = dc_total * f
        for gate in {"input", "forget"} & set(p):
            dc_prev = dc_prev + da[gate] * p[gate]
        of_learned = np.stack([da[gate] for gate in self.learned_gates(options)])
        gradients = {"W_x": of_learned.transpose(0, 2, 1) @ x, "W_h": of_learned.transpose(0, 2, 1) @ h_prev}
        if options.use_bias:
            gradients["b"] = of_learned.sum(axis=1)
        if options.peepholes:
            gradients["p"] = np.stack([(da[gate] * (c if gate == "output" else c_prev)).sum(axis=0) for gate in p])
        dx = (of_learned @ parameters["W_x"]).sum(axis=0)
        dh_prev = (of_learned @ parameters["W_h"]).sum(axis=0)
        return StepGradient(dx, dh_prev, dc_prev, gradients, dc_total)

    def _peepholes(self, options: LSTMOptions, parameters: Parameters) -> dict[str, np.ndarray]:
        """Gate -> (H)."""
        return dict(zip(self.peephole_gates(options), parameters["p"], strict=True)) if options.peepholes else {}

    def parts(self, options: LSTMOptions) -> np.ndarray:
        """See Cell."""
        parts = lstm_kernels.Parts(
            input_gate=not options.no_input_gate,
            forget_gate=not options.no_forget_gate,
            output_gate=not options.no_output_gate,
            input_activation=not options.no_input_activation,
            output_activation=not options.no_output_activation,
            coupling=options.coupled_gates,
            peepholes=options.peepholes,
        )
        return np.array(parts)

    def read_signals(self, options: Any, arrays: LayerArrays, hidden_size: int) -> Mapping[str, np.ndarray]:
        """See Cell."""
        by_gate = self.by_block(options, arrays)[..., :hidden_size]
        values = {name: by_gate[:, :, g] for g, name in enumerate(self.gates)}
        values["cell state"] = arrays.extra[CELL_STATE, 1 : len(arrays.rows), :, :hidden_size]
        values["hidden"] = arrays.rows[1:, :, :hidden_size]
        return values

    def cell_state_gradient_alone(self, options: LSTMOptions, values: Mapping[str, np.ndarray], dh_from_outputs: np.ndarray) -> np.ndarray:
        """What flows from outputs into C_t through o ⊙ tanh(C), and back along C through the forget gates only.

        The gates count as fixed, so that nothing flows through peepholes.
        """
        f, o, c = values["forget"], values["output"], values["cell state"]
        alone: np.ndarray = dh_from_outputs * o
        if not options.no_output_activation:
            alone *= 1 - np.tanh(c) ** 2
        later, f_later = alone[-1], f[-1]
        for now, f_now in zip(alone[-2::-1], f[-2::-1], strict=True):
            now += later * f_later
            later, f_later = now, f_now
        return alone


def _look(a: Mapping[str, np.ndarray], p: Mapping[str, np.ndarray], gate: str, c: np.ndarray) -> np.ndarray:
    """A gate's sum, with what it sees of the cell state."""
    return a[gate] + p[gate] * c if gate in p else a[gate]


def _widened(signal: Signal) -> Signal:
    """``signal`` as it is where nothing squashes it."""
    return dataclasses.replace(signal, low=-4.0, high=4.0, has_fixed_scale=False)


CELL = LSTM()
