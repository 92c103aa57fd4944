"""What is shown of the inside is what really happens there: states, gates, and the gradient at every time step."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from core.activations import sigmoid
from core.batch import Batch
from core.cell import Step
from core.network import Network
from core.probe import Probe
from tests.core.oracles import OFFSETS, WEIGHTS
from tests.core.samples import Arrays, EchoSettings, Problem, Shape, Variant, echo_task, few_variants, make_batch, make_network

PROBLEM = Problem("sequence_to_sequence", "squared_error")
SHAPE = Shape(seq_len=5, batch_size=2, num_layers=2)
STEP = 1e-3
WITH_CELL_STATE = [variant for variant in few_variants() if variant.cell.has_cell_state]


def state_for(options: Any, parameters: Arrays, step: Step, c: np.ndarray) -> np.ndarray:
    """h_t where C_t is ``c``: through the output activation and, with peepholes, what the output gate sees."""
    o = step.values["output"]
    if options.peepholes and not options.no_output_gate:
        o = sigmoid(np.log(o / (1 - o)) + parameters["p"][-1] * (c - step.c))
    return o * (c if options.no_output_activation else np.tanh(c))


def loss_with_nudge(network: Network, batch: Batch, layer: int, t: int, dh: np.ndarray, dc: np.ndarray | None = None) -> float:
    """Loss when h_t of ``layer`` is moved by ``dh`` (B, H), or its C_t by ``dc`` and h_t with it."""
    layout, parameters = network.layout, network.parameters()
    x = batch.inputs
    for k in range(layout.num_layers):
        h = np.zeros((batch.size, layout.hidden_size))
        c = np.zeros_like(h) if layout.cell.has_cell_state else None
        outputs = []
        for s, x_s in enumerate(x):
            of_layer = layout.layer_parameters(parameters, layout.stack[k][0])
            step = layout.cell.step(layout.options, of_layer, x_s, h, c)
            h, c = step.h, step.c
            if (k, s) == (layer, t):
                h = h + dh
                if dc is not None and c is not None:
                    c = c + dc
                    h = state_for(layout.options, of_layer, step, c)
            outputs.append(h)
        x = np.stack(outputs)
    y = x @ parameters["head.W"].T + parameters["head.b"]
    return float(np.mean((y - batch.targets) ** 2))


def kink_free(variant: Variant) -> bool:
    return getattr(variant.options, "activation", "tanh") != "relu"


def test_recordings_of_both_engines(variant: Variant, topology: str, loss_name: str) -> None:
    problem = Problem(topology, loss_name)
    batch = make_batch(problem, SHAPE, is_ragged=True)
    found, right = (make_network(variant, problem, SHAPE, engine=engine).record(batch, truncate=3) for engine in ("kernels", "numpy"))
    np.testing.assert_allclose(found.outputs, right.outputs, rtol=1e-12)
    assert found.loss == pytest.approx(right.loss, rel=1e-12)
    for a, b in zip(found.layers, right.layers, strict=True):
        assert set(a.values) == set(b.values) == {signal.name for signal in variant.cell.signals}
        for name in a.values:
            np.testing.assert_allclose(a.values[name], b.values[name], rtol=1e-11, atol=1e-14)
        for each in ("dh", "dh_from_above", "dc"):
            if getattr(b, each) is None:
                assert getattr(a, each) is None
            else:
                np.testing.assert_allclose(getattr(a, each), getattr(b, each), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("of_smooth", [variant for variant in few_variants() if kink_free(variant)], ids=str)
def test_gradient_of_every_state(of_smooth: Variant, engine: str) -> None:
    """∂L/∂h_t, by all later paths, is what the loss does when h_t is nudged."""
    network = make_network(of_smooth, PROBLEM, SHAPE, engine=engine)
    batch = make_batch(PROBLEM, SHAPE)
    for k, layer in enumerate(network.record(batch).layers):
        for t in range(SHAPE.seq_len):
            direction = np.random.default_rng([k, t]).standard_normal(layer.dh[t].shape)
            losses = [loss_with_nudge(network, batch, k, t, offset * STEP * direction) for offset in OFFSETS]
            assert np.sum(layer.dh[t] * direction) == pytest.approx(np.dot(WEIGHTS, losses) / STEP, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("variant_with_c", WITH_CELL_STATE, ids=str)
def test_gradient_of_every_cell_state(variant_with_c: Variant, engine: str) -> None:
    network = make_network(variant_with_c, PROBLEM, SHAPE, engine=engine)
    batch = make_batch(PROBLEM, SHAPE)
    for k, layer in enumerate(network.record(batch).layers):
        assert layer.dc is not None
        for t in range(SHAPE.seq_len):
            direction = np.random.default_rng([k, t]).standard_normal(layer.dc[t].shape)
            losses = [loss_with_nudge(network, batch, k, t, np.zeros(1), offset * STEP * direction) for offset in OFFSETS]
            assert np.sum(layer.dc[t] * direction) == pytest.approx(np.dot(WEIGHTS, losses) / STEP, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("variant_with_c", WITH_CELL_STATE, ids=str)
def test_gradient_through_the_cell_state_alone(variant_with_c: Variant) -> None:
    """The loss with all gates and candidates held at what they were, so that a nudge of C_t goes on through C alone."""
    shape = dataclasses.replace(SHAPE, num_layers=1)
    network = make_network(variant_with_c, PROBLEM, shape)
    batch = make_batch(PROBLEM, shape)
    layer = network.record(batch).layers[0]
    options = variant_with_c.options
    alone = network.layout.cell.cell_state_gradient_alone(options, layer.values, layer.dh_from_above)
    parameters = network.parameters()
    f, i, o, candidate = (layer.values[name] for name in ("forget", "input", "output", "candidate"))

    def loss(t: int, nudge: np.ndarray) -> float:
        c = np.zeros_like(nudge)
        h = []
        for s in range(shape.seq_len):
            c = f[s] * c + i[s] * candidate[s] + (nudge if s == t else 0)
            h.append(o[s] * (c if options.no_output_activation else np.tanh(c)))
        y = np.stack(h) @ parameters["head.W"].T + parameters["head.b"]
        return float(np.mean((y - batch.targets) ** 2))

    for t in range(shape.seq_len):
        direction = np.random.default_rng(t).standard_normal(alone[t].shape)
        losses = [loss(t, offset * STEP * direction) for offset in OFFSETS]
        assert np.sum(alone[t] * direction) == pytest.approx(np.dot(WEIGHTS, losses) / STEP, rel=1e-8, abs=1e-11)
    assert not np.allclose(alone, layer.dc)


def test_signals_keep_to_their_scales(variant: Variant) -> None:
    """A gate is a share of 0 to 1; each signal lies between the ends that its colour scale has."""
    network = make_network(variant, PROBLEM, SHAPE)
    for layer in network.record(make_batch(PROBLEM, SHAPE)).layers:
        for signal in variant.cell.shown_signals(variant.options):
            values = layer.values[signal.name]
            assert values.shape == (SHAPE.seq_len, SHAPE.batch_size, SHAPE.hidden_size)
            if signal.is_gate:
                assert (signal.low, signal.high) == (0, 1) and np.all((values > 0) & (values < 1))
            elif kink_free(variant):
                assert signal.low <= values.min() and values.max() <= signal.high
    assert {"hidden"} <= {signal.name for signal in variant.cell.signals}
    assert set(variant.cell.gates) <= {signal.name for signal in variant.cell.signals}


def test_trace(variant: Variant, engine: str) -> None:
    """Values are those of sequence 0 as long as it is, gradients means of norms over all that are as long."""
    task = echo_task()(EchoSettings(seq_len=7, width=2))
    seq_len = 5
    batch = dataclasses.replace(task.sample(np.random.default_rng(3), 4), lengths=np.array([seq_len, 7, seq_len, 2]))
    network = make_network(variant, task, Shape(7, 4, num_layers=2), engine=engine)
    recording = network.record(batch)
    shown = Probe(task, batch).trace(network, truncate=0)
    assert shown.seq_len == seq_len == len(shown.input_labels)
    np.testing.assert_array_equal(shown.inputs, batch.inputs[:seq_len, 0])
    np.testing.assert_allclose(shown.outputs, recording.outputs[:seq_len, 0], rtol=1e-12)
    for layer, recorded in zip(shown.layers, recording.layers, strict=True):
        assert layer.signals == variant.cell.shown_signals(variant.options)
        for name, values in layer.values.items():
            np.testing.assert_array_equal(values, recorded.values[name][:seq_len, 0])
        norms = [np.mean([np.linalg.norm(recorded.dh[t, b]) for b in (0, 2)]) for t in range(seq_len)]
        np.testing.assert_allclose(layer.gradient_h, norms, rtol=1e-12)
        for each in (layer.gradient_c, layer.gradient_c_alone):
            assert (each is not None) == variant.cell.has_cell_state
            assert each is None or (each.shape == (seq_len,) and not each.flags.writeable)
        arrays = [layer.gradient_h, *layer.values.values()]
        assert all(array.dtype == np.float64 and not array.flags.writeable for array in arrays)
    assert not shown.inputs.flags.writeable and not shown.outputs.flags.writeable


def test_trace_in_single_precision(variant: Variant) -> None:
    task = echo_task()(EchoSettings())
    batch = task.sample(np.random.default_rng(3), 4)
    found, right = (Probe(task, batch).trace(make_network(variant, task, SHAPE, dtype), 2) for dtype in ("float32", "float64"))
    for a, b in zip(found.layers, right.layers, strict=True):
        np.testing.assert_allclose(a.gradient_h, b.gradient_h, rtol=1e-4, atol=1e-9)
        assert all(a.values[name].dtype == np.float64 for name in a.values)
