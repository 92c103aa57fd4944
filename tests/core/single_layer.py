"""One layer of a cell, run without an engine: by the kernels on arrays made here, and by the NumPy steps one after the other."""

from dataclasses import dataclass

import numpy as np

from core.cell import LayerArrays, Step, Tangents, padded, spaced
from core.kernels.layer_weights import LayerWeights, make_panels
from tests.core.samples import Arrays, Variant

SEQ_LEN, BATCH_SIZE, INPUT_SIZE, HIDDEN_SIZE = 6, 3, 2, 5
UNITS = padded(HIDDEN_SIZE)
IMAGINARY = 1e-30


@dataclass(frozen=True)
class Values:
    """A point, or a direction in which to move it.

    x (T, B, D); h, c (B, H) the initial states, c None without a cell state.
    """

    parameters: Arrays
    x: np.ndarray
    h: np.ndarray
    c: np.ndarray | None

    def moved(self, direction: "Values") -> "Values":
        """The point with an imaginary step along ``direction``, so small that its square is nothing."""
        step = 1j * IMAGINARY
        return Values(
            {name: value + step * direction.parameters[name] for name, value in self.parameters.items()},
            self.x + step * direction.x,
            self.h + step * direction.h,
            None if self.c is None or direction.c is None else self.c + step * direction.c,
        )


def random_values(variant: Variant, seed: int) -> Values:
    """Random numbers that are exact in float32."""
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return (0.5 * rng.standard_normal(shape)).astype(np.float32).astype(np.float64)

    shapes = variant.cell.shapes(variant.options, INPUT_SIZE, HIDDEN_SIZE)
    parameters = {name: draw(*shape) for name, shape in shapes.items()}
    c = draw(BATCH_SIZE, HIDDEN_SIZE) if variant.cell.has_cell_state else None
    return Values(parameters, draw(SEQ_LEN, BATCH_SIZE, INPUT_SIZE), draw(BATCH_SIZE, HIDDEN_SIZE), c)


def run_steps(variant: Variant, values: Values) -> list[Step]:
    """The NumPy steps over the sequence."""
    h, c = values.h, values.c
    steps = []
    for x in values.x:
        step = variant.cell.step(variant.options, values.parameters, x, h, c)
        h, c = step.h, step.c
        steps.append(step)
    return steps


def packed(variant: Variant, parameters: Arrays, dtype: str = "float64") -> np.ndarray:
    """The engine's weight matrix (K + P, C·Hp)."""
    cell, options = variant.cell, variant.options
    weights = np.zeros((UNITS + INPUT_SIZE + 1 + cell.own_rows(options), cell.column_blocks(options), UNITS), dtype)
    cell.pack(options, parameters, weights)
    return weights.reshape(len(weights), -1)


def for_kernels(variant: Variant, parameters: Arrays, dtype: str = "float64") -> LayerWeights:
    """The same matrix with its panels, those for the gradients of inputs included."""
    rows = packed(variant, parameters, dtype)
    size = UNITS + INPUT_SIZE
    weights = LayerWeights(rows, *make_panels(size + 1, rows.shape[1], size, np.dtype(dtype)))
    weights.pack()
    return weights


def unpacked(variant: Variant, weights: np.ndarray) -> Arrays:
    """The canonical parameters in a weight matrix."""
    return variant.cell.unpack(variant.options, weights.reshape(len(weights), -1, UNITS), HIDDEN_SIZE)


def padded_units(values: np.ndarray) -> np.ndarray:
    """(…, H) -> (…, Hp)."""
    return np.concatenate([values, np.zeros((*values.shape[:-1], UNITS - HIDDEN_SIZE), values.dtype)], axis=-1)


def make_arrays(variant: Variant, values: Values, dtype: str = "float64") -> LayerArrays:
    """Arrays with inputs and initial state in them, and nonsense where the kernels have to write first."""
    cell, options = variant.cell, variant.options
    rows = np.full((SEQ_LEN + 1, BATCH_SIZE, UNITS + INPUT_SIZE + 1), 7, dtype)
    rows[:-1, :, UNITS:-1] = values.x
    rows[:, :, -1] = 1 if options.use_bias else 0
    rows[0, :, :UNITS] = padded_units(values.h)
    extra = np.full((cell.extra_count, SEQ_LEN + 1, BATCH_SIZE, UNITS), 7, dtype)
    if values.c is not None:
        extra[0, 0] = padded_units(values.c)
    gates = np.full((SEQ_LEN, BATCH_SIZE, spaced(cell.column_blocks(options) * UNITS)), 7, dtype)
    dh, dc = (np.zeros((SEQ_LEN + 1, BATCH_SIZE, UNITS), dtype) for _ in range(2))
    return LayerArrays(rows, gates, extra, dh, dc)


def make_tangents(variant: Variant, direction: Values, dtype: str = "float64") -> Tangents:
    """The same for a direction."""
    arrays = make_arrays(variant, direction, dtype)
    arrays.rows[:, :, -1] = 0
    return Tangents(arrays.rows, arrays.gates[0], arrays.extra)


def run_forward(
    variant: Variant, values: Values, dtype: str = "float64", ranges: tuple[int, ...] = (0, SEQ_LEN), is_sparse: bool = False
) -> LayerArrays:
    """Arrays after the kernels ran from each of ``ranges`` to the next."""
    arrays, weights = make_arrays(variant, values, dtype), for_kernels(variant, values.parameters, dtype)
    for first, last in zip(ranges, ranges[1:], strict=False):
        variant.cell.forward(variant.options, arrays, weights, is_sparse, first, last)
    return arrays


def random_gradients(variant: Variant, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """∂L/∂h and ∂L/∂C (T + 1, B, H) as they come from outside."""
    rng = np.random.default_rng(seed)
    dh, dc = rng.standard_normal((2, SEQ_LEN + 1, BATCH_SIZE, HIDDEN_SIZE)).astype(np.float32).astype(np.float64)
    return dh, dc if variant.cell.has_cell_state else np.zeros_like(dc)
