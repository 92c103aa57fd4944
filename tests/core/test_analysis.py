"""Jacobians of steps, what answers depend on, and spectra of recurrent weights."""

import dataclasses

import numpy as np
import pytest

from core.analysis.jacobian import singular_values, step_jacobian
from core.analysis.saliency import input_gradients, input_saliency
from core.analysis.spectrum import spectral_radii, spectral_radius
from core.batch import Batch
from core.network import Network
from core.topology import HAS_DECODER
from tests.core.configurations import random_configuration
from tests.core.oracles import OFFSETS, WEIGHTS
from tests.core.samples import Problem, Shape, Variant, make_network

EPSILON = 1e-30


def test_step_jacobian_is_the_derivative_of_a_step(variant: Variant) -> None:
    """By complex numbers, column by column."""
    network = make_network(variant, Problem("sequence_to_vector", "squared_error"), Shape(1, 1, hidden_size=4))
    layout = network.layout
    parameters = layout.layer_parameters(network.parameters(), layout.stack[0][0])
    rng = np.random.default_rng(1)
    x, h, c = rng.standard_normal(2), 0.5 * rng.standard_normal(4), rng.standard_normal(4)
    has_c = variant.cell.has_cell_state
    found = step_jacobian(variant.cell, variant.options, parameters, x, h, c if has_c else None)
    size = 8 if has_c else 4
    assert found.shape == (size, size)
    for j in range(size):
        moved = np.concatenate([h, c]).astype(complex)
        moved[j] += 1j * EPSILON
        step = variant.cell.step(variant.options, parameters, x[None], moved[None, :4], moved[None, 4:] if has_c else None)
        states = np.concatenate([step.h[0], step.c[0]]) if step.c is not None else step.h[0]
        np.testing.assert_allclose(found[:, j], states.imag / EPSILON, rtol=1e-12, atol=1e-15)


def test_singular_values() -> None:
    rotation = np.array([[0.0, -2.0], [3.0, 0.0]])
    np.testing.assert_allclose(singular_values(np.stack([rotation, np.eye(2)])), [[3, 2], [1, 1]])


def test_spectral_radius() -> None:
    assert spectral_radius(np.array([[0.0, -2.0], [2.0, 0.0]])) == pytest.approx(2.0)
    assert spectral_radius(np.array([[0.0, 5.0], [0.0, 0.0]])) == 0.0
    radii = spectral_radii(
        {"layers.0.W_h": np.stack([np.eye(3), -3 * np.eye(3)]), "layers.0.W_x": np.ones((2, 3, 1)), "head.W": np.ones((1, 3))}
    )
    assert list(radii) == ["layers.0.W_h"]
    np.testing.assert_allclose(radii["layers.0.W_h"], [1, 3])


def answers_of(network: Network, batch: Batch, member: int, step: int) -> np.ndarray:
    """y_step (O,) of one sequence run alone, a decoder taught."""
    length = int(batch.lengths[member])
    alone = np.s_[:length, member : member + 1]
    x = batch.inputs[alone]
    if network.topology in HAS_DECODER:
        out = int(batch.output_lengths[member])
        own = dataclasses.replace(
            batch,
            inputs=x,
            targets=batch.targets[:out, member : member + 1],
            mask=None,
            lengths=np.array([length]),
            output_lengths=np.array([out]),
        )
        return network.loss_spec.activate(network.engine.outputs_taught(network.flat, own))[step, 0]
    return network.outputs_at_every_step(x)[step, 0]


def test_saliency_is_the_derivative_of_the_answer() -> None:
    """By finite differences, over random networks of all kinds."""
    compared = 0
    for number in range(7000, 7060):
        configuration = random_configuration(number)
        if getattr(configuration.settings.options, "activation", "tanh") == "relu":
            continue
        network, batch = configuration.network(), configuration.batch
        member = batch.size - 1
        written = batch.lengths if batch.output_lengths is None else batch.output_lengths
        step = int(written[member]) - 1
        found = input_gradients(network, batch, member, step)
        length = int(batch.lengths[member])
        assert found.shape == (network.layout.output_size, length, network.layout.input_size)
        rng = np.random.default_rng(number)
        direction = rng.standard_normal(found.shape[1:])
        answers = []
        for offset in OFFSETS:
            inputs = batch.inputs.copy()
            inputs[:length, member] += offset * 1e-3 * direction
            answers.append(answers_of(network, dataclasses.replace(batch, inputs=inputs), member, step))
        differences = np.tensordot(WEIGHTS, answers, 1) / 1e-3
        np.testing.assert_allclose(np.einsum("otd,td->o", found, direction), differences, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(input_saliency(network, batch, member, step), np.sqrt((found**2).sum(axis=(0, 2))), rtol=1e-12)
        compared += 1
    assert compared > 40
