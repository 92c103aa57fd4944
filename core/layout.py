"""How a network's parameters lie in one flat vector, and how that maps to the canonical layout.

The flat vector is what optimizers and kernels work on: layer after layer the weight matrices (K, C·Hp) of core/cell.py, then
the head's weights (O, Hp) and its bias (O). The canonical layout is a dict: ``layers.{k}.W_x`` (G, H, D), ``layers.{k}.W_h``
(G, H, H), ``layers.{k}.b`` (G, H) and so on, ``head.W`` (O, H), ``head.b`` (O).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cell import Cell, Parameters, padded
from core.errors import InputError


@dataclass(frozen=True)
class Layout:
    """Sizes of a stack of ``num_layers`` layers of one cell with a linear head."""

    cell: Cell
    options: Any
    input_size: int
    hidden_size: int
    num_layers: int
    output_size: int

    @property
    def units(self) -> int:
        """Hp, the padded hidden size."""
        return padded(self.hidden_size)

    @property
    def columns(self) -> int:
        """C·Hp, the columns of a layer's weight matrix."""
        return self.cell.column_blocks(self.options) * self.units

    def layer_input_size(self, layer: int) -> int:
        """D of ``layer``: the task's input size, above it the hidden size."""
        return self.input_size if layer == 0 else self.hidden_size

    def row_size(self, layer: int) -> int:
        """K of ``layer``: [h | x | 1]."""
        return self.units + self.layer_input_size(layer) + 1

    def _layer_offset(self, layer: int) -> int:
        return sum(self.row_size(k) * self.columns for k in range(layer))

    @property
    def size(self) -> int:
        """Length of the flat vector, padding included."""
        return self._layer_offset(self.num_layers) + self.output_size * (self.units + 1)

    def layer_weights(self, flat: np.ndarray, layer: int) -> np.ndarray:
        """View (K, C·Hp) of a layer's weights in ``flat``."""
        start = self._layer_offset(layer)
        rows = self.row_size(layer)
        return flat[start : start + rows * self.columns].reshape(rows, self.columns)

    def head_weights(self, flat: np.ndarray) -> np.ndarray:
        """View (O, Hp) of the head's weights in ``flat``."""
        start = self._layer_offset(self.num_layers)
        return flat[start : start + self.output_size * self.units].reshape(self.output_size, self.units)

    def head_bias(self, flat: np.ndarray) -> np.ndarray:
        """View (O) of the head's bias in ``flat``."""
        return flat[self.size - self.output_size : self.size]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every canonical parameter."""
        shapes: dict[str, tuple[int, ...]] = {}
        for k in range(self.num_layers):
            layer = self.cell.shapes(self.options, self.layer_input_size(k), self.hidden_size)
            shapes |= {f"layers.{k}.{name}": shape for name, shape in layer.items()}
        return shapes | {"head.W": (self.output_size, self.hidden_size), "head.b": (self.output_size,)}

    @property
    def parameter_count(self) -> int:
        """Number of parameters, without padding."""
        return sum(int(np.prod(shape)) for shape in self.shapes().values())

    def layer_parameters(self, parameters: Parameters, layer: int) -> dict[str, np.ndarray]:
        """The entries of ``layer`` with their short names W_x, W_h, b …"""
        prefix = f"layers.{layer}."
        return {name.removeprefix(prefix): value for name, value in parameters.items() if name.startswith(prefix)}

    def pack(self, parameters: Parameters, flat: np.ndarray) -> None:
        """Write canonical ``parameters`` into ``flat``, modified in place.

        Raises
        ------
        InputError
            If a name is missing or unknown, or a shape differs.
        """
        self.check(parameters)
        flat[:] = 0
        for k in range(self.num_layers):
            weights = self.layer_weights(flat, k)
            self.cell.pack(self.options, self.layer_parameters(parameters, k), weights.reshape(len(weights), -1, self.units))
        self.head_weights(flat)[:, : self.hidden_size] = parameters["head.W"]
        self.head_bias(flat)[:] = parameters["head.b"]

    def unpack(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Canonical copies of the parameters (or gradients, or moments) that stand in ``flat``."""
        parameters: dict[str, np.ndarray] = {}
        for k in range(self.num_layers):
            weights = self.layer_weights(flat, k)
            layer = self.cell.unpack(self.options, weights.reshape(len(weights), -1, self.units), self.hidden_size)
            parameters |= {f"layers.{k}.{name}": value for name, value in layer.items()}
        parameters["head.W"] = self.head_weights(flat)[:, : self.hidden_size].copy()
        parameters["head.b"] = self.head_bias(flat).copy()
        return parameters

    def check(self, parameters: Parameters) -> None:
        """Raise InputError unless ``parameters`` has exactly the names and shapes of this layout."""
        shapes = self.shapes()
        for name, shape in shapes.items():
            if name not in parameters:
                raise InputError(f"parameter {name} is missing: it should have shape {shape}")
            if parameters[name].shape != shape:
                raise InputError(f"parameter {name} has shape {parameters[name].shape}: it should be {shape}")
        unknown = sorted(set(parameters) - set(shapes))
        if unknown:
            raise InputError(f"unknown parameter {unknown[0]}: there are {', '.join(shapes)}")
