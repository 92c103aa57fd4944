"""What the weights look says is what the analysis computes, for every kind of network."""

from typing import Any

import numpy as np
import pytest

from core import registry
from core.analysis.jacobian import singular_values as values_of
from core.analysis.jacobian import step_jacobian, step_singular_values
from core.analysis.spectrum import spectral_radius
from core.look import Focus
from core.looks import weights as weights_look
from core.looks.weights import LayerWeights
from core.settings import Settings
from core.trainer import Trainer

NETWORKS = [
    ("adding", {"cell": "rnn"}),
    ("adding", {"cell": "lstm", "peepholes": True, "num_layers": 2}),
    ("adding", {"cell": "lstm", "coupled_gates": True, "use_bias": False}),
    ("adding", {"cell": "gru", "reset_after": True}),
    ("sentiment", {"cell": "gru", "bidirectional": True, "num_layers": 2}),
    ("reverse", {"cell": "lstm", "num_layers": 2}),
    ("waveform", {"cell": "lstm", "num_layers": 2}),
    ("waveform", {"cell": "rnn"}),
]


def make_trainer(task: str, network: dict[str, Any], hidden_size: int = 4) -> Trainer:
    settings = {
        "task": {"name": task},
        "network": {"hidden_size": hidden_size, **network},
        "training": {"dtype": "float64", "batch_size": 4},
    }
    return Trainer(Settings.from_dict(settings), "numpy")


def look_at(trainer: Trainer, step: int = 0, layer: int = 0) -> LayerWeights:
    found: LayerWeights = trainer.snapshot(has_prediction=False, looks=("weights",), focus=Focus(step, layer)).looks["weights"]
    return found


@pytest.mark.parametrize(("task", "network"), NETWORKS)
def test_it_is_the_analysis(task: str, network: dict[str, Any]) -> None:
    trainer = make_trainer(task, network)
    trainer.train(2)
    trace = trainer.snapshot().trace
    parameters = trainer.network.parameters()
    layout = trainer.network.layout
    of_layers = step_singular_values(trainer.network, trainer.probe_batch, 0)
    first = trace.decoder_start or 0
    for number, (steps, values) in enumerate(of_layers):
        is_backward = trace.layers[number].is_backward
        for t in (1, 2, trace.seq_len - first - 1):
            at = trace.seq_len - 1 - t if is_backward else first + t
            found = look_at(trainer, at, number)
            np.testing.assert_allclose(found.jacobian, values[list(steps).index(t)], rtol=1e-6, atol=1e-9)
            assert found.jacobian_step == at
        for name, value in found.parameters.items():
            assert np.array_equal(value, parameters[found.prefix + name]) and not value.flags.writeable
            assert len(found.gates[name]) in (0, len(value))
        for g, gate in enumerate(layout.cell.learned_gates(layout.options)):
            spectrum = found.spectra[gate]
            assert spectrum.radius == pytest.approx(spectral_radius(found.parameters["W_h"][g]), rel=1e-12)
            np.testing.assert_allclose(spectrum.singular_values, values_of(found.parameters["W_h"][g]), rtol=1e-12)
        if found.head is None:
            assert number < len(of_layers) - layout.directions
        else:
            width = found.hidden_size
            assert np.array_equal(found.head, parameters["head.W"][:, found.head_start : found.head_start + width])
            assert np.array_equal(found.head_bias, parameters["head.b"])


def test_all_of_a_head_over_both_directions() -> None:
    trainer = make_trainer("sentiment", {"bidirectional": True})
    parts = [look_at(trainer, 0, layer).head for layer in (0, 1)]
    assert np.array_equal(np.hstack(parts), trainer.network.parameters()["head.W"])


def test_encoder_is_shown_while_it_reads() -> None:
    trainer = make_trainer("reverse", {"cell": "lstm"})
    start = trainer.snapshot().trace.decoder_start
    parameters = trainer.network.parameters()
    for step, prefix in ((start - 1, "encoder.layers.0."), (start, "layers.0.")):
        found = look_at(trainer, step)
        assert found.prefix == prefix and np.array_equal(found.parameters["W_x"], parameters[f"{prefix}W_x"])
        assert (found.head is None) == prefix.startswith("encoder")
    assert np.isfinite(look_at(trainer, start).jacobian).all()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_first_step_of_what_a_vector_starts(cell: str) -> None:
    """The state before it is the map of the vector."""
    trainer = make_trainer("waveform", {"cell": cell})
    trainer.train(1)
    parameters, layout = trainer.network.parameters(), trainer.network.layout
    vector = trainer.probe_batch.inputs[0, 0]
    states = parameters["start.W"][0] @ vector + parameters["start.b"][0]
    own = layout.layer_parameters(parameters, layout.layers[0])
    c = states[1] if layout.states == 2 else None
    right = values_of(step_jacobian(layout.cell, layout.options, own, np.zeros(layout.output_size), states[0], c))
    np.testing.assert_allclose(look_at(trainer, 0).jacobian, right, rtol=1e-9)


def test_spectra_of_many_units_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_look, "MANY_UNITS", 3)
    trainer = make_trainer("adding", {"cell": "lstm"})
    looks = [look_at(trainer) for _ in range(5)]
    assert [len(look.spectra) for look in looks] == [1, 2, 3, 4, 4]
    assert [look.is_partial for look in looks] == [True, True, True, False, False]
    trainer.train(1)
    assert sorted(spectrum.step for spectrum in look_at(trainer).spectra.values()) == [0, 0, 0, 1]
    for _ in range(3):
        found = look_at(trainer)
    assert {spectrum.step for spectrum in found.spectra.values()} == {1}


def test_spectra_are_not_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(weights_look, "spectral_radius", lambda matrix: calls.append(matrix) or 1.0)
    trainer = make_trainer("adding", {"cell": "gru"})
    for _ in range(3):
        look_at(trainer)
    assert len(calls) == 3
    trainer.edit_weight("layers.0.W_h", (1, 2, 3), 5.0)
    look_at(trainer)
    assert len(calls) == 4


def test_large_networks_go_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_look, "MOST_UNITS", 3)
    monkeypatch.setattr(weights_look, "MOST_STATES", 7)
    found = look_at(make_trainer("adding", {"cell": "lstm"}))
    assert found.spectra == {} and found.jacobian is None and found.parameters["W_h"].shape == (4, 4, 4)


def test_after_growth(cell_name: str) -> None:
    trainer = make_trainer("adding", {"cell": cell_name})
    trainer.train(1)
    look_at(trainer)
    trainer.apply({"network.hidden_size": 6})
    found = look_at(trainer)
    assert found.hidden_size == 6 and found.head.shape == (1, 6)
    assert all(len(spectrum.singular_values) == 6 for spectrum in found.spectra.values())
    assert len(found.spectra) == len(registry.cells()[cell_name].gates)


def test_weights_that_are_not_finite() -> None:
    trainer = make_trainer("adding", {"cell": "lstm"})
    trainer.network.flat[:] = np.nan
    found = look_at(trainer, 3)
    assert all(np.isnan(spectrum.radius) and np.isnan(spectrum.singular_values).all() for spectrum in found.spectra.values())
    assert np.isnan(found.jacobian).all()
