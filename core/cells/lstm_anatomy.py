"""The LSTM taken apart: drawing, equations with numbers, code, for every combination of its options."""

from typing import Any

import numpy as np

from core.anatomy import PREVIOUS_CELL, PREVIOUS_HIDDEN, CodeLine, Formula, Piece, linear, signs, terms_of
from core.cell import Cell, Parameters
from core.diagram import Diagram, Dial, End, Line, Operator, Place

# Places on the grid of core.diagram: columns of the dials, rows of what they act on.
FORGET_X, INPUT_X, CANDIDATE_X, OUTPUT_X, SHOWN_X, X_X = 2.45, 4.6, 6.75, 8.9, 10.35, 1.45
ADD_X = (INPUT_X + CANDIDATE_X) / 2
BELT, WRITING, DIALS, HIDDEN, BELOW = 0.95, 1.9, 3.4, 5.0, 5.95
COLUMNS = {"forget": FORGET_X, "input": INPUT_X, "candidate": CANDIDATE_X, "output": OUTPUT_X}
WORDS = {"forget": "keep", "input": "write", "candidate": "propose", "output": "show"}
SYMBOLS = {"forget": "f", "input": "i", "candidate": "C", "output": "o"}
LATEX = {"forget": "f_t", "input": "i_t", "candidate": r"\tilde{C}_t", "output": "o_t"}
VARIABLES = {"forget": "f", "input": "i", "candidate": "cand", "output": "o"}
SAYS = {
    "forget": "{0} of the old cell state is kept.",
    "input": "{0} of what the candidate proposes is written into the cell state.",
    "output": "{0} of the cell state is shown to the rest of the network.",
    "candidate": "This is what could be written into the cell state.",
}
OLD_STATE_X, PEEPHOLE_ROW, PEEPHOLE_SIDE = 1.35, 2.2, 0.55


class LSTMAnatomy(Cell):
    """What a person is shown of the LSTM."""

    def peephole_gates(self, options: Any) -> tuple[str, ...]:
        """The gates that have a peephole, P of them."""
        raise NotImplementedError

    def diagram(self, options: Any) -> Diagram:
        """The cell state above as a belt, the hidden state below, between them the dials."""
        learned, absent, peepholes = self.learned_gates(options), options.absent_gates, self.peephole_gates(options)
        shown = [gate for gate in COLUMNS if gate not in absent]
        dials = tuple(Dial(gate, WORDS[gate], (COLUMNS[gate], DIALS), gate in peepholes or gate == "candidate") for gate in shown)
        add: Place = (CANDIDATE_X if "input" in absent else ADD_X, BELT)
        shown_at: Place = (SHOWN_X, DIALS)
        lines: list[Line] = []
        operators = [Operator("+", add, "cell_state")]
        if "forget" in absent:
            lines.append(Line(((0, BELT), add), "cell_state", "belt", PREVIOUS_CELL))
        else:
            forget: Place = (FORGET_X, BELT)
            lines += [
                Line(((0, BELT), forget), "cell_state", "belt", PREVIOUS_CELL),
                Line((forget, add), "cell_state", "belt", "kept"),
                Line(((FORGET_X, DIALS), forget), "forget", has_arrow=True),
            ]
            operators.append(Operator("×", forget, "forget"))
        lines.append(Line((add, (12, BELT)), "cell_state", "belt", "cell state", has_arrow=True))
        if "input" in absent:
            lines.append(Line(((CANDIDATE_X, DIALS), add), "candidate", has_arrow=True))
        else:
            write: Place = (ADD_X, WRITING)
            lines += [
                Line(((INPUT_X, DIALS), (INPUT_X, WRITING), write), "input", has_arrow=True),
                Line(((CANDIDATE_X, DIALS), (CANDIDATE_X, WRITING), write), "candidate", has_arrow=True),
                Line((write, add), "input", has_arrow=True),
            ]
            operators.append(Operator("×", write, "input"))
        lines += [
            Line(((0, HIDDEN), (max(COLUMNS[gate] for gate in learned), HIDDEN)), "hidden", "belt", PREVIOUS_HIDDEN),
            *(Line(((COLUMNS[gate], HIDDEN), (COLUMNS[gate], DIALS)), "hidden") for gate in learned),
            Line(((X_X, BELOW), (X_X, HIDDEN)), "x"),
        ]
        if options.coupled_gates:
            lines.append(Line(((INPUT_X, DIALS), (FORGET_X, DIALS)), "input", has_arrow=True))
            operators.append(Operator("1−", ((INPUT_X + FORGET_X) / 2, DIALS), "forget"))
        lines += self._peephole_lines(peepholes)
        squash: Place = (SHOWN_X, (BELT + DIALS) / 2)
        if not options.no_output_activation:
            operators.append(Operator("tanh", squash, "cell_state"))
        if "output" in absent:
            lines.append(Line(((SHOWN_X, BELT), squash, shown_at), "cell_state"))
        else:
            lines += [
                Line(((SHOWN_X, BELT), squash, shown_at), "cell_state", has_arrow=True),
                Line(((OUTPUT_X, DIALS), shown_at), "output", has_arrow=True),
            ]
            operators.append(Operator("×", shown_at, "output"))
        lines.append(Line((shown_at, (SHOWN_X, HIDDEN), (12, HIDDEN)), "hidden", "belt", "hidden", has_arrow=True))
        ends = (
            End("C_{t-1}", "cell_state", PREVIOUS_CELL, (0, BELT)),
            End("C_t", "cell_state", "cell state", (12, BELT), is_right=True),
            End("h_{t-1}", "hidden", PREVIOUS_HIDDEN, (0, HIDDEN)),
            End("h_t", "hidden", "hidden", (12, HIDDEN), is_right=True),
        )
        return Diagram(dials, tuple(operators), tuple(lines), ends, (X_X, BELOW))

    def _peephole_lines(self, gates: tuple[str, ...]) -> list[Line]:
        """From the old cell state to forget and input gate, from the new one to the output gate."""
        lines = []
        for gate in gates:
            dial: Place = (COLUMNS[gate], DIALS)
            x = COLUMNS[gate] - PEEPHOLE_SIDE
            start: tuple[Place, ...] = ((x, BELT),) if gate == "output" else ((OLD_STATE_X, BELT), (OLD_STATE_X, PEEPHOLE_ROW))
            lines.append(Line((*start, (x, PEEPHOLE_ROW), dial), "cell_state", "peephole", has_arrow=True))
        return lines

    def formulas(self, options: Any) -> tuple[Formula, ...]:
        """See Cell; a coupled forget gate has one, too."""
        learned, absent = self.learned_gates(options), options.absent_gates
        by_gate = {gate: self._gate_formula(options, gate) for gate in learned}
        if options.coupled_gates:
            by_gate["forget"] = Formula(
                "forget",
                (Piece("f_t", "forget", ("forget",), "the gate"), *signs("= 1 -"), Piece("i_t", "input", ("input",), "input gate")),
                {"input gate": "input"},
                says="{0} of the old cell state is kept: as much as is not written anew.",
                shares=("forget",),
            )
        order = ("input", "forget", "candidate") if options.coupled_gates else ("forget", "input", "candidate")
        output = (by_gate["output"],) if "output" in by_gate else ()
        return (*(by_gate[gate] for gate in order if gate in by_gate), self._state(absent), *output, self._shown(options, absent))

    def _gate_formula(self, options: Any, gate: str) -> Formula:
        symbol, has_peephole = SYMBOLS[gate], gate in self.peephole_gates(options)
        tone = "candidate" if gate == "candidate" else gate
        pieces = [Piece(LATEX[gate], tone, (gate,), "the proposal" if gate == "candidate" else "the gate"), *signs("=")]  # type: ignore[arg-type]
        is_plain = gate == "candidate" and options.no_input_activation
        if not is_plain:
            pieces += signs(r"\tanh (" if gate == "candidate" else r"\sigma (")
        pieces.append(Piece(rf"W_{symbol}\,[h_{{t-1}}, x_t]", values=(f"{gate} memory", f"{gate} input"), caption="memory + input"))
        if has_peephole:
            looked_at = "C_t" if gate == "output" else "C_{t-1}"
            pieces += [*signs("+"), Piece(rf"p_{symbol} \odot {looked_at}", values=(f"{gate} peephole",), caption="peephole")]
        if options.use_bias:
            pieces += [*signs("+"), Piece(f"b_{symbol}", values=(f"{gate} bias",), caption="bias")]
        if not is_plain:
            pieces += signs(")")
        activation = "identity" if is_plain else "tanh" if gate == "candidate" else "sigmoid"
        shares = () if gate == "candidate" else (gate,)
        terms = terms_of(gate, options.use_bias, has_peephole)
        return Formula(gate, tuple(pieces), terms, f"{gate} sum", activation, SAYS[gate], shares)  # type: ignore[arg-type]

    def _state(self, absent: set[str]) -> Formula:
        keeps = () if "forget" in absent else (Piece("f_t", "forget", ("forget",), "keep"), *signs(r"\odot"))
        writes = () if "input" in absent else (Piece("i_t", "input", ("input",), "write"), *signs(r"\odot"))
        pieces = (
            Piece("C_t", "cell_state", ("cell state",), "new state"),
            *signs("="),
            *keeps,
            Piece("C_{t-1}", "cell_state", (PREVIOUS_CELL,), "old state"),
            *signs("+"),
            *writes,
            Piece(r"\tilde{C}_t", "candidate", ("candidate",), "proposal"),
        )
        shares = tuple(gate for gate in ("forget", "input") if gate not in absent)
        kept = "keeps everything" if "forget" in absent else "keeps {0}"
        written = "writes all of the proposal" if "input" in absent else f"writes {{{len(shares) - 1}}} of the proposal"
        return Formula("cell state", pieces, {"kept": "kept", "written": "written"}, says=f"{kept}, {written}", shares=shares)

    def _shown(self, options: Any, absent: set[str]) -> Formula:
        state = "C_t" if options.no_output_activation else r"\tanh(C_t)"
        gate = () if "output" in absent else (Piece("o_t", "output", ("output",), "show"), *signs(r"\odot"))
        pieces = (
            Piece("h_t", "hidden", ("hidden",), "shown"),
            *signs("="),
            *gate,
            Piece(state, "cell_state", ("shown",), "cell state" if options.no_output_activation else "squashed"),
        )
        says, shares = ("shows all of the cell state", ()) if "output" in absent else ("shows {0} of the cell state", ("output",))
        return Formula("hidden", pieces, {"shown": "shown"}, says=says, shares=shares)

    def quantities(
        self, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """See Cell."""
        assert c_prev is not None
        step = self.step(options, parameters, x, h_prev, c_prev)
        assert step.c is not None
        found = {**step.values, PREVIOUS_HIDDEN: h_prev, PREVIOUS_CELL: c_prev}
        p = dict(zip(self.peephole_gates(options), parameters["p"], strict=True)) if options.peepholes else {}
        for g, gate in enumerate(self.learned_gates(options)):
            b = parameters["b"][g] if options.use_bias else None
            peephole = p[gate] * (step.c if gate == "output" else c_prev) if gate in p else None
            found |= linear(gate, parameters["W_x"][g], parameters["W_h"][g], b, x, h_prev, peephole)
        found["kept"] = step.values["forget"] * c_prev
        found["written"] = step.values["input"] * step.values["candidate"]
        found["shown"] = step.c if options.no_output_activation else np.tanh(step.c)
        return found

    def code(self, options: Any) -> tuple[CodeLine, ...]:
        """See Cell."""
        learned, absent, peepholes = self.learned_gates(options), options.absent_gates, self.peephole_gates(options)

        def line(gate: str, looks_at: str) -> list[CodeLine]:
            if gate not in learned:
                return []
            name = SYMBOLS[gate]
            total = f'W["{name}"] @ hx'
            total += f' + p["{name}"] * {looks_at}' if gate in peepholes else ""
            total += f' + b["{name}"]' if options.use_bias else ""
            function = "np.tanh" if gate == "candidate" else "sigmoid"
            computed = total if gate == "candidate" and options.no_input_activation else f"{function}({total})"
            return [CodeLine(f"    {VARIABLES[gate]} = {computed}", VARIABLES[gate], gate)]

        coupled = [CodeLine("    f = 1 - i", "f", "forget")] if options.coupled_gates else []
        kept = "c_prev" if "forget" in absent else "f * c_prev"
        written = "cand" if "input" in absent else "i * cand"
        state = "c_t" if options.no_output_activation else "np.tanh(c_t)"
        given = ["W", *(["b"] if options.use_bias else []), *(["p"] if options.peepholes else [])]
        return (
            CodeLine(f"def step(x_t, h_prev, c_prev, {', '.join(given)}):"),
            CodeLine("    hx = np.concatenate([h_prev, x_t])"),
            *line("forget", "c_prev"),
            *line("input", "c_prev"),
            *coupled,
            *line("candidate", ""),
            CodeLine(f"    c_t = {kept} + {written}", "c_t", "cell state"),
            *line("output", "c_t"),
            CodeLine(f"    h_t = {state}" if "output" in absent else f"    h_t = o * {state}", "h_t", "hidden"),
            CodeLine("    return h_t, c_t"),
        )

    def code_weights(self, options: Any, parameters: Parameters) -> dict[str, Any]:
        """See Cell."""
        names = [SYMBOLS[gate] for gate in self.learned_gates(options)]
        both = np.concatenate([parameters["W_h"], parameters["W_x"]], axis=2)
        weights: dict[str, Any] = {"W": dict(zip(names, both, strict=True))}
        if options.use_bias:
            weights["b"] = dict(zip(names, parameters["b"], strict=True))
        if options.peepholes:
            weights["p"] = {SYMBOLS[gate]: p for gate, p in zip(self.peephole_gates(options), parameters["p"], strict=True)}
        return weights
