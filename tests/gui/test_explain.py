"""The status line's sentence says what the figures say."""

import dataclasses

import numpy as np
import pytest

from core import registry
from core.settings import Settings
from core.snapshot import Evaluation, LayerTrace, Mark, Metric, Snapshot, Trace
from gui.explain import explain
from gui.run_history import RunHistory
from gui.run_state import RunState

BASELINE = 1 / 6


def snapshot_with(losses, settings=None, gradient=None, solved_at=None) -> Snapshot:
    gradient = np.ones(50) if gradient is None else gradient
    layer = LayerTrace((), {}, gradient, None, None)
    trace = Trace(np.zeros((50, 2)), ("",) * 50, (), np.zeros((50, 1)), (layer,))
    return Snapshot(
        1, settings or Settings(), len(losses), np.asarray(losses, float), (), (), 100, BASELINE, solved_at, 1.0, 0.0, 0.003, trace=trace
    )


def said(losses, state=RunState.RUNNING, words="", **more):
    snapshot = snapshot_with(losses, **more)
    history = RunHistory()
    history.add(snapshot)
    return explain(state, words, snapshot, history)


def test_before_the_first_update_it_says_what_to_do():
    assert "Press play" in said([], RunState.PAUSED).sentence


def test_a_stalled_run_is_called_stalled_and_gets_remedies():
    explanation = said(np.full(800, BASELINE), settings=Settings().with_changes({"network.cell": "rnn"}))
    assert "no better than 0.167" in explanation.sentence
    assert explanation.remedies[0].changes == {"network.cell": "lstm"}


def test_a_falling_loss_above_the_line_is_not_called_stalled():
    sentence = said(np.linspace(3, 1, 800)).sentence
    assert "comes down" in sentence and "no better" not in sentence


def test_a_learning_run_says_how_far_it_is():
    assert "50 % below" in said(np.full(800, BASELINE / 2)).sentence


def test_fading_gradients_are_named_with_their_reach():
    gradient = 10.0 ** (-0.5 * np.arange(50)[::-1])
    assert "within 7 steps" in said(np.full(800, BASELINE), gradient=gradient).sentence
    assert "fade" not in said(np.full(800, BASELINE)).sentence


def test_solved_offers_twice_the_length():
    explanation = said(np.full(800, 0.001), solved_at=650)
    assert "Solved at update 650" in explanation.sentence
    assert explanation.remedies[0].changes == {"task.seq_len": 100}


@pytest.mark.parametrize(("clip", "count"), [(0.0, 2), (1.0, 1)])
def test_divergence_offers_what_is_not_set_yet(clip, count):
    settings = Settings().with_changes({"training.clip_norm": clip, "training.learning_rate": 10.0})
    explanation = said([1.0], RunState.DIVERGED, "the loss became infinite or NaN in update 2", settings=settings)
    assert "the loss became infinite" in explanation.sentence
    assert len(explanation.remedies) == count
    assert explanation.remedies[-1].changes == {"training.learning_rate": 1.0}


def test_no_rate_is_offered_to_an_optimizer_that_takes_none():
    settings = Settings().with_changes({"training.clip_norm": 0.0, "training.optimizer": "lbfgs"})
    assert said([1.0], RunState.DIVERGED, "the loss became infinite", settings=settings).remedies == ()
    stalled = np.full(800, BASELINE)
    assert said(stalled, settings=settings).remedies == () != said(stalled).remedies


def test_a_failure_is_said_in_its_own_words():
    assert explain(RunState.FAILED, "x.csv: there is no such file", None, RunHistory()).sentence == "x.csv: there is no such file"


def test_every_remedy_is_a_valid_change():
    for settings in (Settings(), Settings().with_changes({"network.cell": "rnn"}), Settings().with_changes({"network.cell": "gru"})):
        for losses, solved_at in ((np.full(800, BASELINE), None), (np.full(800, 1e-4), 10)):
            for remedy in said(losses, settings=settings, solved_at=solved_at).remedies:
                settings.with_changes(remedy.changes)


def test_a_network_that_forgot_is_not_called_solved():
    assert "has forgotten it" in said(np.full(800, BASELINE), solved_at=100).sentence


def test_learning_by_heart_is_named():
    snapshot = snapshot_with(np.full(800, 0.01))
    history = RunHistory()
    history.add(dataclasses.replace(snapshot, evaluations=(Evaluation(800, 8.2, Metric("right", 3.0), False),)))
    assert "own data alone" in explain(RunState.RUNNING, "", snapshot, history).sentence


def test_a_rising_loss_is_not_called_falling():
    explanation = said(np.linspace(0.2, 7, 150), settings=Settings().with_changes({"training.clip_norm": 0.0}))
    assert "rises" in explanation.sentence and explanation.remedies[0].changes == {"training.clip_norm": 1.0}


def test_a_task_whose_line_is_near_the_best_is_not_called_forgotten():
    """Solved is what the last evaluation says, whatever the loss is beside the line."""
    snapshot = snapshot_with(np.full(800, 0.95 * BASELINE), solved_at=200)
    for is_solved, word in ((True, "Solved at update 200"), (False, "has forgotten")):
        history = RunHistory()
        history.add(dataclasses.replace(snapshot, evaluations=(Evaluation(800, 0.15, Metric("right", 99.0), is_solved),)))
        assert word in explain(RunState.RUNNING, "", snapshot, history).sentence


def test_a_rate_that_has_run_out_is_the_remedy():
    settings = Settings().with_changes({"training.schedule": "cosine", "training.schedule_factor": 0.0})
    snapshot = dataclasses.replace(snapshot_with(np.full(800, BASELINE), settings=settings), learning_rate=0.0)
    history = RunHistory()
    history.add(snapshot)
    assert explain(RunState.RUNNING, "", snapshot, history).remedies[0].changes == {"training.schedule": "constant"}
    cut = said(np.full(800, BASELINE), settings=Settings().with_changes({"training.truncate": 3}))
    assert cut.remedies[0].changes == {"training.truncate": 0}


def test_a_run_at_its_first_update_says_so() -> None:
    assert said([]).sentence == "The first update is being computed."
    second_order = said([], settings=Settings().with_changes({"training.optimizer": "hessian_free"}))
    assert "many passes" in second_order.sentence


def test_a_loss_at_the_line_is_not_said_to_come_down() -> None:
    sentence = said(np.full(150, 1.01 * BASELINE)).sentence
    assert sentence == "The loss stands at the dashed line (without memory), 0.167: it has not learned to do better yet."


def test_the_sentence_says_the_present_loss() -> None:
    """Not a mean that lags behind."""
    losses = np.concatenate([np.full(120, 3.0), np.full(60, 0.5)])
    assert "it is 0.50 by now" in said(losses).sentence


@pytest.mark.parametrize("task_name", list(registry.tasks()))
def test_every_line_is_named_in_brackets(task_name: str) -> None:
    label = registry.tasks()[task_name].baseline_label
    sentence = said(np.full(800, BASELINE / 2), settings=Settings().with_changes({"task.name": task_name})).sentence
    assert f"the loss is 0.083, 50 % below the dashed line ({label})." in sentence


def rewinds_offered(marks=(), best=100, **more):
    settings = Settings().with_changes({"training.learning_rate": 0.5})
    evaluations = tuple(Evaluation(step, abs(step - best) + 1.0, Metric("right", 1.0), False) for step in (50, 100, 150))
    snapshot = dataclasses.replace(snapshot_with(np.full(180, 0.1), settings=settings), evaluations=evaluations, marks=marks, **more)
    history = RunHistory()
    history.add(snapshot)
    return explain(RunState.DIVERGED, "the loss became infinite or NaN in update 181", snapshot, history).remedies


def test_a_run_that_diverged_can_go_back_to_where_it_did_best():
    remedy = rewinds_offered()[0]
    assert (remedy.label, remedy.rewind_to, remedy.changes) == ("Rewind to 100, rate ÷ 10", 100, {"training.learning_rate": 0.05})


def test_what_was_changed_since_is_gone_after_the_rewind_so_the_rate_stays():
    remedy = rewinds_offered(marks=(Mark(120, "learning rate 0.004 → 0.5"),))[0]
    assert (remedy.label, remedy.rewind_to, remedy.changes) == ("Rewind to 100", 100, {})
    earlier = (Mark(20, "learning rate 0.004 → 0.5"), Mark(110, "rewound from 170", is_rewind=True))
    assert rewinds_offered(marks=earlier)[0].label == "Rewind to 100, rate ÷ 10"


def test_a_network_that_forgot_can_go_back():
    evaluations = tuple(Evaluation(step, loss, Metric("right", 1.0), False) for step, loss in ((150, 0.01), (800, BASELINE)))
    snapshot = dataclasses.replace(snapshot_with(np.full(800, BASELINE), solved_at=100), evaluations=evaluations)
    history = RunHistory()
    history.add(snapshot)
    explanation = explain(RunState.RUNNING, "", snapshot, history)
    assert "has forgotten it" in explanation.sentence
    assert [remedy.rewind_to for remedy in explanation.remedies] == [150]
    history.earliest = 400  # a session that was opened there
    assert explain(RunState.RUNNING, "", snapshot, history).remedies == ()


@pytest.mark.parametrize("batch_size", [4, 32])
def test_noise_on_the_plateau_is_not_called_progress(batch_size: int) -> None:
    """Squared errors of a constant answer, as they come from batches: they fall by chance alone."""
    losses = BASELINE * np.random.default_rng(3).chisquare(batch_size, 1500) / batch_size
    sentences = {said(losses[:count]).sentence for count in range(200, 1500, 13)}
    assert all(words.startswith(("After", "The loss stands")) for words in sentences), sentences


def test_a_loss_that_falls_through_its_noise_comes_down() -> None:
    noise = np.random.default_rng(3).chisquare(32, 900) / 32
    assert "comes down" in said(np.linspace(2, 1, 900) * noise).sentence


@pytest.mark.parametrize(
    ("task_name", "words"),
    [("adding", "held-out loss below 0.01."), ("copy", "symbols right at least 99 %."), ("counting", "strings right 100 %.")],
)
def test_solved_says_by_what(task_name: str, words: str) -> None:
    """The share that is right may be small where the loss decides."""
    task = registry.tasks()[task_name]
    settings = Settings().with_changes({"task.name": task_name})
    snapshot = dataclasses.replace(
        snapshot_with(np.full(800, 0.001), settings=settings, solved_at=650), solved_below=task(settings.task.fields).solved_below
    )
    history = RunHistory()
    name = {"copy": "symbols right", "counting": "strings right"}.get(task_name, "right within 0.04")
    history.add(dataclasses.replace(snapshot, evaluations=(Evaluation(800, 0.001, Metric(name, 54.0, "%"), True),)))
    assert f"Solved at update 650: {words}" in explain(RunState.RUNNING, "", snapshot, history).sentence
