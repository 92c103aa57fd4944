"""The numbers of ``rnn-playground inspect``."""

import json
from pathlib import Path

import numpy as np
import pytest

from core import cli
from core.analysis.jacobian import jacobian_steps
from core.analysis.saliency import input_saliency
from core.inspection import inspect
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import saved


@pytest.mark.parametrize(
    "changes",
    [
        {"task.name": "adding", "network.bidirectional": True, "network.num_layers": 2},
        {"task.name": "translation", "network.cell": "gru"},
        {"task.name": "captioning", "network.cell": "rnn"},
        {"task.name": "copy", "network.coupled_gates": True, "network.peepholes": True},
    ],
    ids=lambda changes: changes["task.name"],
)
def test_what_is_inspected(changes: dict[str, object]) -> None:
    trainer = Trainer(Settings().with_changes({"network.hidden_size": 4, "network.init": "orthogonal", **changes}))
    trainer.train(2)
    found = inspect(trainer)
    assert json.loads(json.dumps(found)) == found
    layers = found["layers"]
    assert len(layers) == trainer.network.layout.num_layers * trainer.network.layout.directions
    assert [layer["is_backward"] for layer in layers] == [False, True] * (len(layers) // 2) if len(layers) > 1 else [False]
    steps = len(found["steps"])
    has_c = trainer.network.layout.cell.has_cell_state
    for layer in layers:
        assert len(layer["gradient_h"]) == steps
        assert (layer["gradient_c"] is not None) == (layer["gradient_c_alone"] is not None) == has_c
        step, largest, smallest = np.array(layer["singular_values"]).T
        start = found["decoder_start"] or 0
        np.testing.assert_array_equal(step, np.arange(1, steps - start))
        assert np.all(largest >= smallest) and np.all(smallest >= 0)
    batch = trainer.probe_batch
    written = batch.lengths if batch.output_lengths is None else batch.output_lengths
    np.testing.assert_array_equal(found["saliency"], input_saliency(trainer.network, batch, 0, int(written[0]) - 1))
    gates = trainer.network.layout.cell.learned_gates(trainer.network.layout.options)
    for name, radii in found["spectral_radius"].items():
        assert name.endswith("W_h") and list(radii) == list(gates)
        # Orthogonal at the start, and two updates later still nearly so.
        assert all(radius == pytest.approx(1, abs=0.1) for radius in radii.values())


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(Settings().with_changes({"network.hidden_size": 3, "task.seq_len": 6}))
    path = saved(trainer, tmp_path / "run.rnnp")
    assert cli.main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == inspect(trainer)
    assert cli.main(["inspect", str(path)]) == 0
    text = capsys.readouterr().out
    assert "spectral radius of layers.0.W_h: input" in text and "through C alone" in text
    assert cli.main(["inspect", str(tmp_path / "none.rnnp")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_numbers_beyond_all_bounds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Finite weights with which nothing else is finite: null in JSON, words for a person."""
    options = {"network.no_input_activation": True, "network.no_output_activation": True}
    trainer = Trainer(Settings().with_changes({"network.hidden_size": 3, "task.seq_len": 6, **options}))
    trainer.network.flat *= 1e20
    path = saved(trainer, tmp_path / "run.rnnp")
    assert cli.main(["inspect", str(path), "--json"]) == 0

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert None in found["layers"][0]["gradient_h"]
    assert cli.main(["inspect", str(path)]) == 0
    assert "not finite" in capsys.readouterr().out


def test_large_states_are_looked_at_here_and_there() -> None:
    assert jacobian_steps(50, 64).tolist() == list(range(1, 50))
    some = jacobian_steps(50, 512)
    assert 4 <= len(some) <= 14 and (some[0], some[-1]) == (1, 49)
    assert jacobian_steps(1, 8).size == 0
