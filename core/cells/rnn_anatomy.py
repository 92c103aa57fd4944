"""The simple RNN taken apart: drawing, equation with numbers, code."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.anatomy import PREVIOUS_HIDDEN, Activation, CodeLine, Formula, Piece, linear, signs, terms_of
from core.cell import Cell, Parameters
from core.diagram import Diagram, Dial, End, Line, Operator, Place

# Places on the grid of core.diagram.
ROW = 3.0
LEFT, RIGHT = (0.0, ROW), (12.0, ROW)
RECURRENT, SUM, SQUASH, STATE = (2.7, ROW), (5.1, ROW), (6.65, ROW), (8.9, ROW)
INPUT, FROM_INPUT, BIAS = (5.1, 5.95), (5.1, 4.5), (5.1, 1.5)
NEXT_STEP: tuple[Place, ...] = ((10.6, ROW), (10.6, 0.75), (1.4, 0.75), (1.4, ROW))


class RNNAnatomy(Cell):
    """What a person is shown of the simple RNN."""

    def diagram(self, options: Any) -> Diagram:
        """One road: the old state by its weights, the input by its own, a sum, a squashing function."""
        lines: list[Line] = [
            Line((LEFT, RECURRENT), "hidden", "belt", PREVIOUS_HIDDEN),
            Line((RECURRENT, SUM), "hidden", "belt", "hidden memory", has_arrow=True),
            Line((INPUT, FROM_INPUT, SUM), "x", has_arrow=True),
            Line((SUM, SQUASH, STATE), "hidden", has_arrow=True),
            Line((STATE, RIGHT), "hidden", "belt", "hidden", has_arrow=True),
            Line(NEXT_STEP, "hidden", "return", has_arrow=True),
        ]
        operators = [
            Operator("W_{hh}", RECURRENT, "hidden"),
            Operator("W_{xh}", FROM_INPUT, "x"),
            Operator("+", SUM, "hidden"),
            Operator("ReLU" if options.activation == "relu" else "tanh", SQUASH, "hidden"),
        ]
        if options.use_bias:
            lines.append(Line((BIAS, SUM), "hidden", has_arrow=True))
            operators.append(Operator("b_h", BIAS, "hidden"))
        ends = (End("h_{t-1}", "hidden", PREVIOUS_HIDDEN, LEFT), End("h_t", "hidden", "hidden", RIGHT, is_right=True))
        label: Place = (INPUT[0], INPUT[1])
        return Diagram((Dial("hidden", "remember", STATE),), tuple(operators), tuple(lines), ends, label)

    def formulas(self, options: Any) -> tuple[Formula, ...]:
        """See Cell."""
        is_rectified = options.activation == "relu"
        bias = (*signs("+"), Piece("b_h", values=("hidden bias",), caption="bias")) if options.use_bias else ()
        pieces = (
            Piece("h_t", "hidden", ("hidden",), "the new state"),
            *signs(r"= \mathrm{ReLU} (" if is_rectified else r"= \tanh ("),
            Piece(r"W_{hh}\,h_{t-1}", values=("hidden memory",), caption="memory"),
            *signs("+"),
            Piece(r"W_{xh}\,x_t", values=("hidden input",), caption="input"),
            *bias,
            *signs(")"),
        )
        says = (
            "What is below 0 becomes 0; the rest is the new state." if is_rectified else "The sum, squashed into −1 … 1, is the new state."
        )
        activation: Activation = "relu" if is_rectified else "tanh"
        return (Formula("hidden", pieces, terms_of("hidden", options.use_bias), "hidden sum", activation, says),)

    def quantities(
        self, options: Any, parameters: Parameters, x: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray | None
    ) -> dict[str, np.ndarray]:
        """See Cell."""
        b = parameters["b"][0] if options.use_bias else None
        values: Mapping[str, np.ndarray] = self.step(options, parameters, x, h_prev, c_prev).values
        return {**values, PREVIOUS_HIDDEN: h_prev, **linear("hidden", parameters["W_x"][0], parameters["W_h"][0], b, x, h_prev)}

    def code(self, options: Any) -> tuple[CodeLine, ...]:
        """See Cell."""
        bias = " + b_h" if options.use_bias else ""
        function = "np.maximum(a, 0)" if options.activation == "relu" else "np.tanh(a)"
        return (
            CodeLine(f"def step(x_t, h_prev, W_xh, W_hh{', b_h' if options.use_bias else ''}):"),
            CodeLine(f"    a = W_hh @ h_prev + W_xh @ x_t{bias}", "a", "hidden sum"),
            CodeLine(f"    h_t = {function}", "h_t", "hidden"),
            CodeLine("    return h_t"),
        )

    def code_weights(self, options: Any, parameters: Parameters) -> dict[str, Any]:
        """See Cell."""
        weights = {"W_xh": parameters["W_x"][0], "W_hh": parameters["W_h"][0]}
        return weights | ({"b_h": parameters["b"][0]} if options.use_bias else {})
