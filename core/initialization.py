"""How the weights start.

default      uniform in ±1/√H, all parameters (the rule of PyTorch's recurrent layers)
uniform      uniform in ±0.08 (Sutskever, Vinyals & Le 2014); biases 0
xavier       uniform in ±√(6 / (fan-in + fan-out)) (Glorot & Bengio 2010); biases 0
orthogonal   W_h orthogonal (Saxe, McClelland & Ganguli 2014), W_x Xavier; biases 0
identity     W_h the identity (Le, Jaitly & Hinton 2015), W_x normal with deviation 0.001; biases 0
zeros        everything 0: no unit ever differs from another, learning fails; there to be seen

All of it can then be scaled; only what a cell sets itself, such as the LSTM's forget bias, stays as it is.
"""

from collections.abc import Callable

import numpy as np

Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, str, Shape, int], np.ndarray]


def _uniform(rng: np.random.Generator, shape: Shape, bound: float) -> np.ndarray:
    return rng.uniform(-bound, bound, shape)


def _xavier(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return _uniform(rng, shape, float(np.sqrt(6 / (shape[-1] + shape[-2]))))


def _orthogonal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    q, r = np.linalg.qr(rng.standard_normal(shape))
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    orthogonal: np.ndarray = q * signs[..., None, :]
    return orthogonal


def _is_bias(name: str) -> bool:
    return name.startswith("b")


def _draw_default(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    return _uniform(rng, shape, 1 / float(np.sqrt(hidden_size)))


def _draw_uniform(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    return np.zeros(shape) if _is_bias(name) else _uniform(rng, shape, 0.08)


def _draw_xavier(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    return np.zeros(shape) if _is_bias(name) else _xavier(rng, shape)


def _draw_orthogonal(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    return _orthogonal(rng, shape) if name == "W_h" else _draw_xavier(rng, name, shape, hidden_size)


def _draw_identity(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    if name == "W_h":
        return np.broadcast_to(np.eye(hidden_size), shape).copy()
    if name == "W_x":
        return 0.001 * rng.standard_normal(shape)
    return _draw_xavier(rng, name, shape, hidden_size)


def _draw_zeros(rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    return np.zeros(shape)


INITIALIZATIONS: dict[str, Draw] = {
    "default": _draw_default,
    "uniform": _draw_uniform,
    "xavier": _draw_xavier,
    "orthogonal": _draw_orthogonal,
    "identity": _draw_identity,
    "zeros": _draw_zeros,
}


def initial_value(rule: str, rng: np.random.Generator, name: str, shape: Shape, hidden_size: int) -> np.ndarray:
    """Draw one parameter: ``name`` is W_x (G, H, D), W_h (G, H, H), b… (biases) or W (the head's (O, H))."""
    return INITIALIZATIONS[rule](rng, name, shape, hidden_size)
