"""The numbers on screen are the network's: read back from the panels of a whole window, and computed again by other means.

All goes the whole way, from the run's thread, which trains by kernels, through a frame and a look to the table and to what is drawn. The
run is done again on the NumPy engine; what panels show of it is computed from the cell's step alone (tests/gui/recomputed.py).
"""

import re
from functools import cache

import numpy as np
import pytest

from core.activations import sigmoid
from core.settings import Settings
from core.snapshot import Snapshot
from core.trainer import Trainer
from gui.panels.panel import Panel
from gui.plots.cell_plan import number_text
from gui.plots.numbers import share_text
from tests.gui.recomputed import Recomputed
from tests.gui.windows import SMALL, compile_kernels, train

UPDATES = 50
PRINTED = {"rtol": 6e-6, "atol": 1e-12}
CELLS: dict[str, dict[str, object]] = {
    "rnn": {"network.cell": "rnn"},
    "rnn relu, no biases": {"network.cell": "rnn", "network.activation": "relu", "network.use_bias": False},
    "lstm": {"network.cell": "lstm"},
    "lstm coupled, peepholes": {"network.cell": "lstm", "network.coupled_gates": True, "network.peepholes": True},
    "lstm of 1997": {"network.cell": "lstm", "network.no_forget_gate": True, "network.no_output_activation": True},
    "gru": {"network.cell": "gru"},
    "gru, reset after": {"network.cell": "gru", "network.reset_after": True},
}


def settings_of(cell: str) -> Settings:
    return Settings.preset("adding").with_changes(SMALL | {"training.dtype": "float64"} | CELLS[cell])


@cache
def twin(cell: str, updates: int = UPDATES) -> Trainer:
    """The same run on the other engine."""
    trainer = Trainer(settings_of(cell), "numpy")
    trainer.train_to(updates)
    return trainer


@cache
def recomputed(cell: str) -> Recomputed:
    """The sequences that the window shows."""
    trainer = twin(cell)
    return Recomputed(trainer, trainer.probe_batch)


def column(panel: Panel, name: str) -> np.ndarray:
    """Of the table, numbers only."""
    header, *rows = panel.as_table()
    return np.array([float(row[header.index(name)]) for row in rows if row[header.index(name)]])


def check_loss(panel: Panel, cell: str, step: int) -> None:
    """Every update's, and the held-out one from the cell's steps over the held-out sequences."""
    np.testing.assert_allclose(column(panel, "training loss"), twin(cell).losses, **PRINTED)
    updates, losses = panel.curve_data()["training"]
    assert len(losses) == len(updates) == UPDATES
    np.testing.assert_allclose(losses, twin(cell).losses, rtol=1e-9)
    held_out = Recomputed(twin(cell), twin(cell).held_out_batch)
    loss = held_out.errors(held_out.plain).sum()
    np.testing.assert_allclose(column(panel, "held-out loss"), [loss], **PRINTED)
    np.testing.assert_allclose(panel.curve_data()["held out"], [[UPDATES], [loss]], rtol=1e-9)


def check_gradient_flow(panel: Panel, cell: str, step: int) -> None:
    """Against complex steps; through C alone against the product of forget gates, where C is not looked at by gates."""
    right = recomputed(cell)
    expected = {"‖∂L/∂h‖": right.hidden_gradient_norms()}
    if right.cell.has_cell_state and not right.options.peepholes:
        total = right.cell_state_gradients()
        expected |= {"‖∂L/∂C‖": right.mean_norms(total), "via C alone": right.mean_norms(right.alone(total))}
    drawn = {curve.name: curve.y for curve in panel.plot.curves}
    for name, norms in expected.items():
        np.testing.assert_allclose(column(panel, name), norms, **PRINTED)
        np.testing.assert_allclose(drawn[name], norms, rtol=1e-8)


def check_gates(panel: Panel, cell: str, step: int) -> None:
    """Every value of every gate and state."""
    right = recomputed(cell)
    units, steps = (column(panel, name).astype(int) for name in ("unit", "t"))
    assert len(units) == right.size * right.seq_len
    names = panel.as_table()[0][2:]
    assert names == [signal.name for signal in right.cell.shown_signals(right.options)]
    for name in names:
        np.testing.assert_allclose(column(panel, name), right.signal(name)[steps - 1, units], **PRINTED)


def check_cell(panel: Panel, cell: str, step: int) -> None:
    """Dials, terms of every equation, and the code, which is run."""
    right = recomputed(cell)
    t, before, new = step, right.plain[step - 1], right.plain[step]
    x, h_prev = right.batch.inputs[t].astype(np.float64), before.h
    for dial in panel.page.diagram.plan.diagram.dials:
        assert panel.step.shown(dial.signal) == pytest.approx(right.signal(dial.signal)[t].mean(), rel=1e-8)
    for signal in right.cell.shown_signals(right.options):
        if signal.name in panel.page.diagram.plan.formulas:
            panel.choose(signal.name)
            units, values = column(panel, "unit").astype(int), column(panel, "value")
            np.testing.assert_allclose(values, right.signal(signal.name)[t, units], **PRINTED)
            header = panel.as_table()[0]
            if "sum" in header:
                terms = [column(panel, name) for name in header[1 : header.index("sum")]]
                np.testing.assert_allclose(column(panel, "sum"), np.sum(terms, axis=0), rtol=1e-4, atol=1e-5)
    lines = panel.page.code.plan.code
    scope: dict[str, object] = {"np": np, "sigmoid": sigmoid}
    named = [line for line in lines if line.variable]
    exec("\n".join([*(line.text for line in lines[:-1]), f"    return ({', '.join(line.variable for line in named)},)"]), scope)
    states = [h_prev[0]] if before.c is None else [h_prev[0], before.c[0]]
    weights = right.cell.code_weights(right.options, right.own)
    computed = scope["step"](x[0], *states, **weights)  # type: ignore[operator]
    shown = dict(zip((line.text for line in lines), panel.page.code.value_texts(), strict=True))
    for line, values in zip(named, computed, strict=True):
        if line.signal:
            assert shown[line.text] == number_text(float(np.broadcast_to(values, new.h[0].shape)[panel.step.unit])), line.text


def check_unrolled(panel: Panel, cell: str, step: int) -> None:
    """The ways forward and back: sizes of states and of gradients, as told and as drawn; the gates; the answer."""
    right = recomputed(cell)
    layer = panel.plot.layers[0]
    expected = {"h": np.linalg.norm(right.signal("hidden"), axis=1)}
    if right.cell.has_cell_state:
        expected["C"] = np.linalg.norm(right.signal("cell state"), axis=1)
    assert {belt.role for belt in layer.states} == ({"hidden", "cell_state"} if right.cell.has_cell_state else {"hidden"})
    for belt in layer.states:
        np.testing.assert_allclose(belt.norms, expected["h" if belt.role == "hidden" else "C"], rtol=1e-8)
    back = next(belt for belt in layer.gradients if belt.role == "hidden")
    np.testing.assert_allclose(back.norms, right.hidden_gradient_norms(), rtol=1e-7)
    header = panel.as_table()[0]
    for k, belt in enumerate((*layer.states, *layer.gradients), 2):
        np.testing.assert_allclose(column(panel, header[k]), belt.norms, **PRINTED)
    for gate in layer.gates:
        np.testing.assert_allclose(column(panel, f"mean {gate.signal.name}"), right.signal(gate.signal.name).mean(axis=1), **PRINTED)
    answers = right.answers(right.plain)[:, 0, 0]
    np.testing.assert_allclose(column(panel, "answer"), answers, rtol=6e-3, atol=6e-4)


def check_prediction(panel: Panel, cell: str, step: int) -> None:
    right = recomputed(cell)
    np.testing.assert_allclose(column(panel, "answer if asked at t"), right.answers(right.plain)[:, 0, 0], **PRINTED)
    assert column(panel, "right answer so far")[-1] == pytest.approx(float(right.batch.targets.reshape(-1)[0]), rel=1e-5)


def check_connectivity(panel: Panel, cell: str, step: int) -> None:
    """Every ‖∂y_t/∂x_τ‖ against complex steps."""
    right = recomputed(cell)
    shown = np.array([row[2:] for row in panel.as_table()[1:]], dtype=float)
    np.testing.assert_allclose(shown, right.influences(), **PRINTED)
    np.testing.assert_allclose(panel.influences(), right.influences()[:, step], rtol=1e-8, atol=1e-14)


def check_weights(panel: Panel, cell: str, step: int) -> None:
    """Matrices, their singular values and radius, and those of the step's Jacobian against complex steps."""
    right = recomputed(cell)
    gates = list(right.cell.learned_gates(right.options))
    gate = gates.index(panel.gate)
    rows = panel.as_table()[1:]
    for short, symbol in (("W_x", "W_xh"), ("W_h", "W_hh")):
        found = [float(row[3]) for row in rows if row[0].split()[0] == symbol]
        np.testing.assert_allclose(found, right.own[short][gate].ravel(), **PRINTED)
    told = {row[0]: float(row[3]) for row in rows}
    matrix = right.own["W_h"][gate]
    assert told["spectral radius of W_hh"] == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-5)

    def singular_values(of: str) -> list[float]:
        return [value for name, value in told.items() if re.fullmatch(rf"singular value \d+ of {of}.*", name)]

    # Squares of singular values are eigenvalues.
    np.testing.assert_allclose(singular_values("W"), np.sqrt(np.linalg.eigvalsh(matrix @ matrix.T)[::-1]), rtol=1e-5, atol=1e-7)
    jacobian = right.step_jacobian(step)
    largest = np.sqrt(np.abs(np.linalg.eigvalsh(jacobian @ jacobian.T)[::-1]))
    np.testing.assert_allclose(singular_values("J"), largest, rtol=1e-5, atol=1e-7)


def check_state_space(panel: Panel, cell: str, step: int) -> None:
    """Distances in the plane of largest variance, whatever way its axes point, and the share of the variance in it."""
    right = Recomputed(twin(cell), twin(cell).held_out_batch)
    sequences, steps = (column(panel, name).astype(int) - 1 for name in ("sequence", "t"))
    points = np.stack([column(panel, "axis 1"), column(panel, "axis 2")], axis=1)
    projection = panel.projection()
    states = np.array([step.h if projection.signal.role == "hidden" else step.c for step in right.plain])[steps, sequences]
    centred = states - states.mean(axis=0)
    lengths, axes = np.linalg.svd(centred, full_matrices=False)[1:]
    # Tables print six digits of every coordinate: far from 0 that is the largest one's millionth.
    largest = np.abs(points).max()
    np.testing.assert_allclose(_distances(points), _distances(centred @ axes[:2].T), atol=1e-5 * largest)
    way = recomputed(cell).signal(projection.signal.name) @ axes[:2].T
    np.testing.assert_allclose(_distances(projection.path), _distances(way), rtol=1e-6, atol=1e-9)
    shares = lengths**2 / (lengths**2).sum()
    np.testing.assert_allclose(np.sort(projection.axes.shares)[::-1], shares[:2], rtol=1e-7)
    assert f"the axes hold {share_text(float(shares[:2].sum()))} of the variance" in panel.as_sentence()


def _distances(points: np.ndarray) -> np.ndarray:
    some = points[::9]
    distances: np.ndarray = np.linalg.norm(some[:, None] - some[None], axis=2)
    return distances


def check_updates(panel: Panel, cell: str, step: int) -> None:
    """How far the last update moved every matrix, from the weights before and after; what clipping left of the gradients."""
    before, after = twin(cell, UPDATES - 1).network.parameters(), twin(cell).network.parameters()
    expected = {name: np.linalg.norm(after[name] - before[name]) / np.linalg.norm(before[name]) for name in before}
    header, *rows = panel.as_table()
    told = {row[4]: float(row[5]) for row in rows if row[4]}
    assert told == pytest.approx(expected, rel=1e-5)
    assert sorted(ratio.value for ratio in panel.bars.ratios) == pytest.approx(sorted(expected.values()), rel=1e-6)
    norms, clipped = column(panel, "gradient norm"), column(panel, "after clipping")
    limit = settings_of(cell).training.clip_norm
    np.testing.assert_allclose(clipped, np.minimum(norms, limit), **PRINTED)
    assert norms[-1] == pytest.approx(twin(cell).snapshot(1).gradient_norm, rel=1e-5)
    np.testing.assert_allclose(column(panel, "learning rate"), settings_of(cell).training.learning_rate, **PRINTED)


CHECKS = {
    "loss": check_loss, "gradient_flow": check_gradient_flow, "gates": check_gates, "cell": check_cell, "unrolled": check_unrolled,
    "prediction": check_prediction, "connectivity": check_connectivity, "weights": check_weights, "state_space": check_state_space,
    "updates": check_updates,
}  # fmt: skip


@pytest.mark.parametrize("cell", CELLS)
def test_every_panel_shows_what_the_network_does(qtbot, make_window, cell: str) -> None:
    """One window a cell, in which all panels are looked at in turn."""
    compile_kernels(**CELLS[cell], **{"training.dtype": "float64"})
    # They are read from the disk here, not while the window is waited for.
    Trainer(settings_of(cell)).train(1)
    window = make_window(settings=settings_of(cell))
    train(qtbot, window, UPDATES)
    assert window.controller._worker._trainer.engine == "kernels"
    for name, check in CHECKS.items():
        panel = shown_whole(qtbot, window, name)
        check(panel, cell, window.frames.cursor)


def shown_whole(qtbot, window, name: str) -> Panel:
    """A panel that shows a frame of the last update with all that it looks at."""

    def is_whole(snapshot: Snapshot) -> bool:
        looks = window.bench.docks[name].panel.looks
        return snapshot.step == UPDATES and snapshot.prediction is not None and set(looks) <= set(snapshot.looks)

    with qtbot.waitSignal(window.frames.shown, check_params_cb=is_whole):
        window.bench.show_panel(name)
        window.request_full_frame()
    panel: Panel = window.bench.docks[name].panel
    panel.grab()
    return panel


def test_probabilities(qtbot, make_window) -> None:
    """A network that chooses among symbols: those of the answers, from the cell's step and a softmax of their own."""
    settings = Settings.preset("parity").with_changes({"network.hidden_size": 8, "training.dtype": "float64", "training.batch_size": 8})
    window = make_window(settings=settings)
    train(qtbot, window, UPDATES)
    panel = shown_whole(qtbot, window, "prediction")
    trainer = Trainer(settings, "numpy")
    trainer.train_to(UPDATES)
    right = Recomputed(trainer, trainer.probe_batch)
    outputs = right.answers(right.plain)[:, 0]
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    names = panel.as_table()[0][2:]
    shown = np.stack([column(panel, name) for name in names], axis=1)
    assert len(names) == shares.shape[1] and len(shown) == trainer.probe_batch.lengths[0]
    np.testing.assert_allclose(shown, shares[: len(shown)], atol=6e-5)
    np.testing.assert_allclose(panel.view.prediction.probabilities, shares[: len(shown)], rtol=1e-8)
