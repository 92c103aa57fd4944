"""How a network's parameters lie in one flat vector, and how that maps to the canonical layout.

The flat vector is what optimizers and kernels work on: layer after layer the weight matrices (K + P, C·Hp) of core/cell.py, then
of vector_to_sequence networks the map to the initial states, then the head's weights and its bias. The canonical layout is a dict:

``layers.{k}.W_x`` (G, H, D), ``layers.{k}.W_h`` (G, H, H), ``layers.{k}.b`` (G, H) and what else the cell has
    The layers below the head. Where they are bidirectional ``layers.{k}.backward.…`` is the direction that reads from the end,
    and every layer above has D = 2H: [forward | backward].
``encoder.layers.{k}.…``
    The encoder of an encoder_decoder network, of the same cell, size and number of layers.
``start.W`` (L, S, H, D), ``start.b`` (L, S, H)
    Of vector_to_sequence networks: the initial h, and where S = 2 the initial C, of each of L layers.
``head.W`` (O, H), or (O, 2H) over [forward | backward]; ``head.b`` (O)
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.cell import Cell, Parameters, padded
from core.errors import InputError
from core.topology import ENCODER_DECODER, HAS_DECODER, VECTOR_TO_SEQUENCE, Topology


@dataclass(frozen=True)
class Layer:
    """One cell that reads a whole sequence in one direction.

    ``prefix`` begins its canonical names; ``input_size`` is D; ``start`` its place in the flat vector.
    """

    prefix: str
    input_size: int
    is_backward: bool
    start: int


Level = tuple[Layer, ...]
Stack = tuple[Level, ...]


@dataclass(frozen=True)
class Layout:
    """Sizes of a network: stacks of ``num_layers`` layers of one cell, with a linear head."""

    cell: Cell
    options: Any
    input_size: int
    hidden_size: int
    num_layers: int
    output_size: int
    topology: Topology = "sequence_to_vector"
    is_bidirectional: bool = False

    def __post_init__(self) -> None:
        if self.is_bidirectional and self.topology in HAS_DECODER:
            raise InputError(
                "network.bidirectional = true: a decoder writes its sequence and can't read it from the end; it must be false for this task"
            )

    @property
    def units(self) -> int:
        """Hp, the padded hidden size."""
        return padded(self.hidden_size)

    @property
    def columns(self) -> int:
        """C·Hp, the columns of a layer's weight matrix."""
        return self.cell.column_blocks(self.options) * self.units

    @property
    def directions(self) -> int:
        """2 where each layer reads from both ends, else 1."""
        return 2 if self.is_bidirectional else 1

    @property
    def states(self) -> int:
        """S: 2 for cells with a cell state, else 1."""
        return 2 if self.cell.has_cell_state else 1

    def row_size(self, layer: Layer) -> int:
        """K of ``layer``: [h | x | 1]."""
        return self.units + layer.input_size + 1

    def _weights_shape(self, layer: Layer) -> tuple[int, int]:
        return self.row_size(layer) + self.cell.own_rows(self.options), self.columns

    @cached_property
    def encoder(self) -> Stack:
        """The encoder's levels, bottom first; empty but for encoder_decoder."""
        return self._make_stack("encoder.", self.input_size, 0) if self.topology == ENCODER_DECODER else ()

    @cached_property
    def stack(self) -> Stack:
        """The levels below the head, bottom first. A decoder reads the previous output."""
        last = self.encoder[-1][-1] if self.encoder else None
        start = 0 if last is None else last.start + int(np.prod(self._weights_shape(last)))
        return self._make_stack("", self.output_size if self.topology in HAS_DECODER else self.input_size, start)

    def _make_stack(self, prefix: str, input_size: int, start: int) -> Stack:
        levels = []
        for k in range(self.num_layers):
            level = []
            for is_backward in (False, True)[: self.directions]:
                of = input_size if k == 0 else self.directions * self.hidden_size
                level.append(Layer(f"{prefix}layers.{k}.{'backward.' if is_backward else ''}", of, is_backward, start))
                start += int(np.prod(self._weights_shape(level[-1])))
            levels.append(tuple(level))
        return tuple(levels)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers in the order of the flat vector."""
        return tuple(layer for level in (*self.encoder, *self.stack) for layer in level)

    @cached_property
    def _end_of_layers(self) -> int:
        last = self.layers[-1]
        return last.start + int(np.prod(self._weights_shape(last)))

    @property
    def _start_shape(self) -> tuple[int, int, int]:
        count = self.num_layers * self.states if self.topology == VECTOR_TO_SEQUENCE else 0
        return count, self.input_size + 1, self.units

    @property
    def _head_shape(self) -> tuple[int, int]:
        return self.output_size, self.directions * self.units

    @cached_property
    def size(self) -> int:
        """Length of the flat vector, padding included."""
        return self._end_of_layers + int(np.prod(self._start_shape)) + int(np.prod(self._head_shape)) + self.output_size

    def layer_weights(self, flat: np.ndarray, layer: Layer) -> np.ndarray:
        """View (K + P, C·Hp) of a layer's weights in ``flat``."""
        shape = self._weights_shape(layer)
        return flat[layer.start : layer.start + shape[0] * shape[1]].reshape(shape)

    def start_weights(self, flat: np.ndarray) -> np.ndarray:
        """View (L·S, D + 1, Hp) of the map from [v | 1] to the initial states; L·S is 0 for other topologies."""
        shape = self._start_shape
        return flat[self._end_of_layers : self._end_of_layers + int(np.prod(shape))].reshape(shape)

    def head_weights(self, flat: np.ndarray) -> np.ndarray:
        """View (O, Hp) of the head's weights in ``flat``; (O, 2Hp) where layers are bidirectional."""
        shape = self._head_shape
        end = self.size - self.output_size
        return flat[end - shape[0] * shape[1] : end].reshape(shape)

    def head_bias(self, flat: np.ndarray) -> np.ndarray:
        """View (O) of the head's bias in ``flat``."""
        return flat[self.size - self.output_size : self.size]

    @cached_property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in self.layers:
            own = self.cell.shapes(self.options, layer.input_size, self.hidden_size)
            shapes |= {f"{layer.prefix}{name}": shape for name, shape in own.items()}
        if self.topology == VECTOR_TO_SEQUENCE:
            states = (self.num_layers, self.states, self.hidden_size)
            shapes |= {"start.W": (*states, self.input_size), "start.b": states}
        return shapes | {"head.W": (self.output_size, self.directions * self.hidden_size), "head.b": (self.output_size,)}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every canonical parameter."""
        return dict(self._shapes)

    @cached_property
    def parameter_count(self) -> int:
        """Number of parameters, without padding."""
        return sum(int(np.prod(shape)) for shape in self._shapes.values())

    def layer_parameters(self, parameters: Parameters, layer: Layer) -> dict[str, np.ndarray]:
        """The entries of ``layer`` with their short names W_x, W_h, b …"""
        names = self.cell.shapes(self.options, layer.input_size, self.hidden_size)
        return {name: parameters[layer.prefix + name] for name in names}

    def pack(self, parameters: Parameters, flat: np.ndarray) -> None:
        """Write canonical ``parameters`` into ``flat``, modified in place.

        Raises
        ------
        InputError
            If a name is missing or unknown, or a shape differs.
        """
        self.check(parameters)
        flat[:] = 0
        for layer in self.layers:
            weights = self.layer_weights(flat, layer)
            self.cell.pack(self.options, self.layer_parameters(parameters, layer), weights.reshape(len(weights), -1, self.units))
        if self.topology == VECTOR_TO_SEQUENCE:
            start = self.start_weights(flat)[:, :, : self.hidden_size]
            start[:, :-1] = parameters["start.W"].reshape(-1, self.hidden_size, self.input_size).transpose(0, 2, 1)
            start[:, -1] = parameters["start.b"].reshape(-1, self.hidden_size)
        self.by_direction(self.head_weights(flat))[:] = parameters["head.W"].reshape(self.output_size, self.directions, self.hidden_size)
        self.head_bias(flat)[:] = parameters["head.b"]

    def unpack(self, flat: np.ndarray) -> dict[str, np.ndarray]:
        """Canonical copies of the parameters (or gradients, or moments) that stand in ``flat``."""
        parameters: dict[str, np.ndarray] = {}
        for layer in self.layers:
            parameters |= {f"{layer.prefix}{name}": value for name, value in self.unpack_layer(flat, layer).items()}
        if self.topology == VECTOR_TO_SEQUENCE:
            start = self.start_weights(flat)[:, :, : self.hidden_size]
            parameters["start.W"] = start[:, :-1].transpose(0, 2, 1).reshape(self._shapes["start.W"]).copy()
            parameters["start.b"] = start[:, -1].reshape(self._shapes["start.b"]).copy()
        parameters["head.W"] = self.by_direction(self.head_weights(flat)).reshape(self.output_size, -1).copy()
        parameters["head.b"] = self.head_bias(flat).copy()
        return parameters

    def unpack_layer(self, flat: np.ndarray, layer: Layer) -> dict[str, np.ndarray]:
        """Those of one layer, by their short names."""
        weights = self.layer_weights(flat, layer)
        return self.cell.unpack(self.options, weights.reshape(len(weights), -1, self.units), self.hidden_size)

    def by_direction(self, head: np.ndarray) -> np.ndarray:
        """View (O, directions, H) of the head's weights."""
        return head.reshape(self.output_size, self.directions, self.units)[:, :, : self.hidden_size]

    def check(self, parameters: Parameters) -> None:
        """Raise InputError unless ``parameters`` has exactly the names and shapes of this layout."""
        for name, shape in self._shapes.items():
            if name not in parameters:
                raise InputError(f"parameter {name} is missing: it should have shape {shape}")
            if parameters[name].shape != shape:
                raise InputError(f"parameter {name} has shape {parameters[name].shape}: it should be {shape}")
        unknown = sorted(set(parameters) - set(self._shapes))
        if unknown:
            raise InputError(f"unknown parameter {unknown[0]}: there are {', '.join(self._shapes)}")
