"""Steps taken apart on real runs: sums lead to what the trace shows, wherever a layer stands."""

import numpy as np
import pytest

from core import registry
from core.activations import sigmoid
from core.analysis.anatomy import anatomy, window
from core.look import Focus, NoLook
from core.settings import Settings
from core.trainer import Trainer
from tests.core.samples import Variant, few_variants

ACTIVATIONS = {"sigmoid": sigmoid, "tanh": np.tanh, "relu": lambda a: np.maximum(a, 0), "identity": lambda a: a}
PLACES = {
    "one layer": ("adding", {}),
    "three layers": ("reber", {"num_layers": 3}),
    "both ways": ("tagging", {"num_layers": 2, "bidirectional": True}),
    "vector": ("waveform", {"num_layers": 2}),
    "encoder": ("reverse", {"num_layers": 2}),
}


def make_trainer(each: Variant, place: str, **network) -> Trainer:
    task, changes = PLACES[place]
    options = {name: getattr(each.options, name) for name in vars(each.options)}
    whole = {"cell": each.cell.name, "hidden_size": 6, **changes, **options, **network}
    return Trainer(Settings.from_dict({"task": {"name": task}, "network": whole}), "numpy")


def check(trainer: Trainer, found, only: range | None = None) -> int:
    """How many layers were compared with the trace."""
    layout = trainer.network.layout
    for number, layer in found.layers.items():
        of_trace = found.trace.layers[number]
        steps = range(found.trace.seq_len) if only is None else only
        assert layer.first == steps.start
        for formula in layout.cell.formulas(layout.options):
            shown = of_trace.values[formula.signal][steps.start : steps.stop]
            total = sum(layer.values[name] for name in formula.terms.values())
            if formula.activation is not None:
                np.testing.assert_allclose(total, layer.values[formula.total], atol=1e-5)
                np.testing.assert_allclose(ACTIVATIONS[formula.activation](total), shown, atol=1e-5)
            elif formula.signal in ("cell state", "hidden"):
                np.testing.assert_allclose(_of_state(formula, layer, total), shown, atol=1e-5)
            np.testing.assert_array_equal(layer.values[formula.signal], shown)
        assert not any(values.flags.writeable for values in layer.values.values())
    return len(found.layers)


def _of_state(formula, layer, total):
    gates = [piece.values[0] for piece in formula.pieces[2:-1] if piece.values]
    return total * layer.values[gates[0]] if list(formula.terms) == ["shown"] and gates else total


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("each", few_variants(), ids=str)
def test_sums_lead_to_what_the_trace_shows(each: Variant, place: str) -> None:
    trainer = make_trainer(each, place)
    trainer.train(3)
    snapshot = trainer.snapshot(looks=("anatomy", "anatomy_at_focus"), focus=Focus(2, 0))
    found = snapshot.looks["anatomy"]
    assert found.trace is snapshot.trace
    assert check(trainer, found) == len(snapshot.trace.layers)
    assert check(trainer, snapshot.looks["anatomy_at_focus"]) == 1


@pytest.mark.parametrize("place", ["both ways", "encoder"])
def test_some_steps_are_those_of_all(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.analysis.anatomy.MOST_NUMBERS", 40)
    trainer = make_trainer(Variant(registry.cells()["gru"], registry.cells()["gru"].Options()), place)
    trace = trainer.snapshot().trace
    for step in (0, trace.seq_len // 2, trace.decoder_start or 0, trace.seq_len - 1):
        steps = window(trainer.network, trace, step)
        assert step in steps and steps.start >= 0 and steps.stop <= trace.seq_len and len(steps) == 6
        assert check(trainer, anatomy(trainer.network, trainer.probe_batch, trace, 1, steps), steps) == 1


def test_large_networks_are_taken_apart_at_the_cursor_only() -> None:
    settings = Settings.from_dict({"task": {"name": "adding", "seq_len": 200}, "network": {"cell": "lstm", "hidden_size": 400}})
    trainer = Trainer(settings, "numpy")
    looks = trainer.snapshot(looks=("anatomy", "anatomy_at_focus"), focus=Focus(100, 0)).looks
    assert isinstance(looks["anatomy"], NoLook)
    layer = looks["anatomy_at_focus"].layers[0]
    assert layer.has(100) and not layer.has(0) and not layer.has(199)
    np.testing.assert_array_equal(layer.at(100)["hidden"], looks["anatomy_at_focus"].trace.layers[0].values["hidden"][100])


def test_sums_lead_to_what_the_kernels_computed() -> None:
    settings = Settings.from_dict({"task": {"name": "adding"}, "network": {"cell": "lstm", "hidden_size": 8}})
    trainer = Trainer(settings)
    trainer.train(20)
    assert check(trainer, trainer.snapshot(looks=("anatomy",)).looks["anatomy"]) == 1


def test_nothing_of_the_run_changes() -> None:
    trainer = make_trainer(Variant(registry.cells()["lstm"], registry.cells()["lstm"].Options()), "one layer")
    before = trainer.network.flat.copy()
    found = trainer.snapshot(looks=("anatomy",)).looks["anatomy"]
    np.testing.assert_array_equal(trainer.network.flat, before)
    memory = found.layers[0].values["input memory"].copy()
    trainer.train(2)
    np.testing.assert_array_equal(found.layers[0].values["input memory"], memory)
