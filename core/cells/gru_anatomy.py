"""The GRU taken apart: drawing, equations with numbers, code, in both forms of the reset."""

from typing import Any

import numpy as np

from core.anatomy import PREVIOUS_HIDDEN, CodeLine, Formula, Piece, linear, signs, terms_of
from core.cell import Cell, Parameters
from core.diagram import Diagram, Dial, End, Line, Operator, Place

# Places on the grid of core.diagram.
UPDATE_X, RESET_X, CANDIDATE_X, FORGOTTEN_X, PRODUCT_X, X_X, DOWN_X = 3.0, 5.4, 9.4, 8.05, 7.0, 1.75, 1.15
BELT, ONE_MINUS, WRITING, DIALS, LOWER, BELOW = 0.95, 1.58, 2.1, 3.65, 5.1, 5.95
X_ROW, X_SIDE = 5.42, 0.25
RESET, UPDATE, CANDIDATE = 0, 1, 2
SAYS = {
    "update": "{0} of the new state is the proposal, the rest is the old state.",
    "reset": "The proposal sees {0} of the old state.",
    "candidate": "This is what could replace the old state.",
}


class GRUAnatomy(Cell):
    """What a person is shown of the GRU."""

    def diagram(self, options: Any) -> Diagram:
        """The state above as a belt; below, what the dials see of it."""
        update, reset, candidate = (UPDATE_X, DIALS), (RESET_X, DIALS), (CANDIDATE_X, DIALS)
        keep, add, write = (UPDATE_X, BELT), (CANDIDATE_X, BELT), (CANDIDATE_X, WRITING)
        forgotten: Place = (FORGOTTEN_X, LOWER)
        lines = (
            Line(((0, BELT), keep), "hidden", "belt", PREVIOUS_HIDDEN),
            Line((keep, add), "hidden", "belt", "kept"),
            Line((add, (12, BELT)), "hidden", "belt", "hidden", has_arrow=True),
            Line(((DOWN_X, BELT), (DOWN_X, LOWER), forgotten), "hidden", value=PREVIOUS_HIDDEN, has_arrow=True),
            Line(((UPDATE_X, LOWER), update), "hidden"),
            Line(((RESET_X, LOWER), reset), "hidden"),
            Line((forgotten, (CANDIDATE_X, LOWER), candidate), "forget"),
            Line(((X_X, BELOW), (X_X, LOWER)), "x"),
            Line(((X_X, X_ROW), (CANDIDATE_X + X_SIDE, X_ROW), (CANDIDATE_X + X_SIDE, DIALS)), "x"),
            Line((update, keep), "input", has_arrow=True),
            Line(((UPDATE_X, WRITING), write), "input", has_arrow=True),
            Line((candidate, write), "candidate", has_arrow=True),
            Line((write, add), "input", has_arrow=True),
            Line((reset, (FORGOTTEN_X, DIALS), forgotten), "forget", has_arrow=True),
        )
        operators = [
            Operator("×", keep, "input"),
            Operator("1−", (UPDATE_X, ONE_MINUS), "input"),
            Operator("+", add, "hidden"),
            Operator("×", write, "input"),
            Operator("×", forgotten, "forget"),
        ]
        if options.reset_after:
            operators.append(Operator("U_h", (PRODUCT_X, LOWER), "hidden"))
        dials = (
            Dial("update", "write", update),
            Dial("reset", "look back", reset),
            Dial("candidate", "propose", candidate, has_symbol_right=True),
        )
        ends = (End("h_{t-1}", "hidden", PREVIOUS_HIDDEN, (0, BELT)), End("h_t", "hidden", "hidden", (12, BELT), is_right=True))
        return Diagram(dials, tuple(operators), lines, ends, (X_X, BELOW))

    def formulas(self, options: Any) -> tuple[Formula, ...]:
        """See Cell."""
        return (
            self._gate(options, "update", "z", "input"),
            self._gate(options, "reset", "r", "forget"),
            self._candidate_after(options) if options.reset_after else self._candidate_before(options),
            Formula(
                "hidden",
                (
                    Piece("h_t", "hidden", ("hidden",), "new state"),
                    *signs("= ("),
                    Piece("1 - z_t", "input", ("share kept",), "keep"),
                    *signs(r") \odot"),
                    Piece("h_{t-1}", "hidden", (PREVIOUS_HIDDEN,), "old state"),
                    *signs("+"),
                    Piece("z_t", "input", ("update",), "write"),
                    *signs(r"\odot"),
                    Piece(r"\tilde{h}_t", "candidate", ("candidate",), "proposal"),
                ),
                {"kept": "kept", "written": "written"},
                says="keeps {0}, writes {1} of the proposal",
                shares=("share kept", "update"),
            ),
        )

    def _gate(self, options: Any, gate: str, letter: str, tone: Any) -> Formula:
        bias = (*signs("+"), Piece(f"b_{letter}", values=(f"{gate} bias",), caption="bias")) if options.use_bias else ()
        pieces = (
            Piece(f"{letter}_t", tone, (gate,), "the gate"),
            *signs(r"= \sigma ("),
            Piece(rf"W_{letter}\,[h_{{t-1}}, x_t]", values=(f"{gate} memory", f"{gate} input"), caption="memory + input"),
            *bias,
            *signs(")"),
        )
        return Formula(gate, pieces, terms_of(gate, options.use_bias), f"{gate} sum", "sigmoid", SAYS[gate], (gate,))

    def _candidate_before(self, options: Any) -> Formula:
        bias = (*signs("+"), Piece("b_h", values=("candidate bias",), caption="bias")) if options.use_bias else ()
        pieces = (
            Piece(r"\tilde{h}_t", "candidate", ("candidate",), "the proposal"),
            *signs(r"= \tanh ("),
            Piece(r"W_h\,[r_t \odot h_{t-1}, x_t]", values=("candidate memory", "candidate input"), caption="memory + input"),
            *bias,
            *signs(")"),
        )
        return Formula("candidate", pieces, terms_of("candidate", options.use_bias), "candidate sum", "tanh", SAYS["candidate"])

    def _candidate_after(self, options: Any) -> Formula:
        bias: tuple[Piece, ...] = ()
        own_bias: tuple[Piece, ...] = ()
        if options.use_bias:
            bias = (*signs("+"), Piece("b_h", values=("candidate bias",), caption="bias"))
            own_bias = (*signs("+"), Piece("b'_h", values=("recurrent bias",), caption="its bias"))
        pieces = (
            Piece(r"\tilde{h}_t", "candidate", ("candidate",), "the proposal"),
            *signs(r"= \tanh ("),
            Piece(r"W_h\,x_t", values=("candidate input",), caption="input"),
            *bias,
            *signs("+"),
            Piece("r_t", "forget", ("reset",), "look back"),
            *signs(r"\odot ("),
            Piece(r"U_h\,h_{t-1}", values=("recurrent product",), caption="memory"),
            *own_bias,
            *signs(") )"),
        )
        return Formula("candidate", pieces, terms_of("candidate", options.use_bias), "candidate sum", "tanh", SAYS["candidate"])

    def quantities(
        self, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """See Cell; with the reset after the product the candidate's memory is r ⊙ (U h_{t-1} + b')."""
        W_x, W_h = parameters["W_x"], parameters["W_h"]
        b = parameters["b"] if options.use_bias else (None, None, None)
        values = self.step(options, parameters, x, h_prev, c_prev).values
        z, r = values["update"], values["reset"]
        found = {**values, PREVIOUS_HIDDEN: h_prev}
        found |= linear("update", W_x[UPDATE], W_h[UPDATE], b[UPDATE], x, h_prev)
        found |= linear("reset", W_x[RESET], W_h[RESET], b[RESET], x, h_prev)
        found |= linear("candidate", W_x[CANDIDATE], W_h[CANDIDATE], b[CANDIDATE], x, r * h_prev)
        if options.reset_after:
            recurrent = found["recurrent product"] = h_prev @ W_h[CANDIDATE].T
            if options.use_bias:
                found["recurrent bias"] = np.broadcast_to(parameters["b_h"], h_prev.shape)
                recurrent = recurrent + parameters["b_h"]
            found["candidate memory"] = r * recurrent
            found["candidate sum"] = sum(found[key] for key in terms_of("candidate", options.use_bias).values())  # type: ignore[assignment]
        return found | {"share kept": 1 - z, "kept": (1 - z) * h_prev, "written": z * values["candidate"]}

    def code(self, options: Any) -> tuple[CodeLine, ...]:
        """See Cell."""

        def bias(name: str) -> str:
            return f" + {name}" if options.use_bias else ""

        of_z, of_r, of_h = (bias(f'b["{name}"]') for name in "zrh")
        after = f'np.tanh(W["h"] @ x_t{of_h} + r * (U["h"] @ h_prev{bias("b_u")}))'
        before = f'np.tanh(W["h"] @ rhx{of_h})'
        candidate = after if options.reset_after else before
        given = ["W", *(["U"] if options.reset_after else []), *(["b"] if options.use_bias else [])]
        given += ["b_u"] if options.reset_after and options.use_bias else []
        return (
            CodeLine(f"def step(x_t, h_prev, {', '.join(given)}):"),
            CodeLine("    hx = np.concatenate([h_prev, x_t])"),
            CodeLine(f'    z = sigmoid(W["z"] @ hx{of_z})', "z", "update"),
            CodeLine(f'    r = sigmoid(W["r"] @ hx{of_r})', "r", "reset"),
            *([] if options.reset_after else [CodeLine("    rhx = np.concatenate([r * h_prev, x_t])")]),
            CodeLine(f"    cand = {candidate}", "cand", "candidate"),
            CodeLine("    h_t = (1 - z) * h_prev + z * cand", "h_t", "hidden"),
            CodeLine("    return h_t"),
        )

    def code_weights(self, options: Any, parameters: Parameters) -> dict[str, Any]:
        """See Cell."""
        W_x, W_h = parameters["W_x"], parameters["W_h"]
        both = np.concatenate([W_h, W_x], axis=2)
        names = dict(zip("rzh", range(len(W_x)), strict=True))
        weights: dict[str, Any] = {"W": {name: both[g] for name, g in names.items()}}
        if options.use_bias:
            weights["b"] = {name: parameters["b"][g] for name, g in names.items()}
        if options.reset_after:
            weights["W"]["h"], weights["U"] = W_x[CANDIDATE], {"h": W_h[CANDIDATE]}
            if options.use_bias:
                weights["b_u"] = parameters["b_h"]
        return weights
