"""Training steps that ours are measured against: the same network and update rule in PyTorch and in JAX, on fixed data.

One recurrent layer and a linear output of its last state, squared error, the gradient clipped at the global norm 1, Adam with rate 0.001,
float32. PyTorch and JAX are imported only where a step is made.
"""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from core import registry
from tests.benchmarks.measuring import INPUT_SIZE, Contender, Shape

LEARNING_RATE, CLIP_NORM = 1e-3, 1.0
BETAS, EPSILON = (0.9, 0.999), 1e-8
# PyTorch: threads, and whether it flushes denormals. JAX: steps of the scan written out.
TORCH = {"PyTorch, 1 thread": (1, False), "PyTorch, 2 threads": (2, False), "PyTorch, 1 thread, flushing": (1, True)}
JAX = {"JAX, unroll 1": 1, "JAX, unroll 5": 5}


def missing() -> list[str]:
    """Which of the two are not installed."""
    return [name for name in ("torch", "jax") if importlib.util.find_spec(name) is None]


def anchors(cell: str, shape: Shape) -> dict[str, Contender]:
    """All steps of what is installed, for cell rnn, lstm or gru; the reset gate of a GRU acts after the product."""
    absent = missing()
    contenders = {}
    if "torch" not in absent:
        for name, (threads, is_flushing) in TORCH.items():
            contenders[name] = Contender(torch_step(cell, shape), partial(_torch_threads, threads, is_flushing))
    if "jax" not in absent:
        for name, unroll in JAX.items():
            contenders[name] = Contender(jax_step(cell, shape, unroll))
    return contenders


def fixed_batch(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (T, B, 2) and sums (B, 1) of the adding task, float32."""
    task = registry.tasks()["adding"]
    batch = task(task.Settings(seq_len=shape.seq_len)).sample(np.random.default_rng(0), shape.batch_size)
    return batch.inputs.astype(np.float32), batch.targets.astype(np.float32)


@contextmanager
def _torch_threads(threads: int, is_flushing: bool) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(is_flushing)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(before)


def torch_step(cell: str, shape: Shape) -> Callable[[int], float]:
    """Training by PyTorch: what does ``count`` updates and returns the last loss."""
    import torch

    torch.manual_seed(0)
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell](INPUT_SIZE, shape.units)
    head = torch.nn.Linear(shape.units, 1)
    parameters = [*layer.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, LEARNING_RATE, BETAS, EPSILON, fused=True)
    inputs, sums = (torch.from_numpy(array) for array in fixed_batch(shape))

    def run(count: int) -> float:
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            last = layer(inputs)[1]
            state = last[0] if isinstance(last, tuple) else last
            loss = torch.nn.functional.mse_loss(head(state[0]), sums)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
            optimizer.step()
        return float(loss.item())

    return run


def jax_step(cell: str, shape: Shape, unroll: int) -> Callable[[int], float]:
    """Training by JAX, the whole update compiled: what does ``count`` updates and returns the last loss."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    step, gates, states = {"rnn": (_jax_rnn, 1, 1), "lstm": (_jax_lstm, 4, 2), "gru": (_jax_gru, 3, 1)}[cell]
    rng = np.random.default_rng(0)
    columns, bound = gates * shape.units, shape.units**-0.5
    shapes = {
        "W_x": (INPUT_SIZE, columns),
        "W_h": (shape.units, columns),
        "b": (columns,),
        "b_h": (shape.units,),
        "W_y": (shape.units, 1),
        "b_y": (1,),
    }
    if cell != "gru":
        del shapes["b_h"]
    weights = {name: jnp.asarray(rng.uniform(-bound, bound, size), jnp.float32) for name, size in shapes.items()}
    moments = [{name: jnp.zeros(size, jnp.float32) for name, size in shapes.items()} for _ in BETAS]
    inputs, sums = (jnp.asarray(array) for array in fixed_batch(shape))

    def mean_loss(w: Any, x: Any, y: Any) -> Any:
        start = (jnp.zeros((shape.batch_size, shape.units), jnp.float32),) * states
        last, _ = jax.lax.scan(lambda state, of_x: (step(w, state, of_x), None), start, x @ w["W_x"] + w["b"], unroll=unroll)
        return jnp.mean((last[0] @ w["W_y"] + w["b_y"] - y) ** 2)

    def update(w: Any, m: Any, v: Any, number: Any, x: Any, y: Any) -> Any:
        loss, gradient = jax.value_and_grad(mean_loss)(w, x, y)
        norm = jnp.sqrt(sum(jnp.sum(each**2) for each in gradient.values()))
        scale = jnp.minimum(1, CLIP_NORM / (norm + 1e-6))
        gradient = {name: scale * each for name, each in gradient.items()}
        m = {name: BETAS[0] * m[name] + (1 - BETAS[0]) * gradient[name] for name in w}
        v = {name: BETAS[1] * v[name] + (1 - BETAS[1]) * gradient[name] ** 2 for name in w}
        rate = LEARNING_RATE / (1 - BETAS[0] ** number)
        correction = 1 - BETAS[1] ** number
        w = {name: w[name] - rate * m[name] / (jnp.sqrt(v[name] / correction) + EPSILON) for name in w}
        return w, m, v, number + 1, loss

    compiled = jax.jit(update, donate_argnums=(0, 1, 2, 3))
    state = (weights, *moments, jnp.ones((), jnp.float32))

    def run(count: int) -> float:
        nonlocal state
        for _ in range(count):
            *after, loss = compiled(*state, inputs, sums)
            state = tuple(after)
        jax.block_until_ready(state)
        return float(loss)

    return run


def _jax_rnn(w: Any, state: Any, of_x: Any) -> Any:
    import jax.numpy as jnp

    return (jnp.tanh(of_x + state[0] @ w["W_h"]),)


def _jax_lstm(w: Any, state: Any, of_x: Any) -> Any:
    import jax
    import jax.numpy as jnp

    h, c = state
    i, f, o, g = jnp.split(of_x + h @ w["W_h"], 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def _jax_gru(w: Any, state: Any, of_x: Any) -> Any:
    import jax
    import jax.numpy as jnp

    (h,) = state
    units = h.shape[1]
    of_h = h @ w["W_h"]
    z, r = jnp.split(jax.nn.sigmoid(of_x[:, : 2 * units] + of_h[:, : 2 * units]), 2, axis=1)
    candidate = jnp.tanh(of_x[:, 2 * units :] + r * (of_h[:, 2 * units :] + w["b_h"]))
    return (z * h + (1 - z) * candidate,)
