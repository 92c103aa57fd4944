"""``rnn-playground compare``: the measured table, as text and as JSON."""

import json

import pytest

from core import cli, compare_command
from core.command_line import EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED
from core.settings import Settings
from core.trainer import Trainer

SMALL = ["--set", "task.seq_len=6", "--set", "network.hidden_size=6", "--set", "training.batch_size=4", "--quiet"]


@pytest.fixture(autouse=True)
def numpy_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small runs on NumPy steps: nothing is compiled for a test."""
    monkeypatch.setattr(compare_command, "Trainer", lambda settings: Trainer(settings, "numpy"))
    monkeypatch.setattr(compare_command, "wait_for_kernels", lambda trainer, is_quiet: None)


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", "adding", *SMALL, "--cells", "rnn,gru,lstm", "--match-parameters", "--steps", "60", "--seed", "3", "--json"]
    assert cli.main(arguments) == EXIT_DONE
    said = json.loads(capsys.readouterr().out)
    assert (said["task"], said["seed"]) == ("adding", 3)
    assert [run["cell"] for run in said["runs"]] == ["rnn", "gru", "lstm"]
    assert said["runs"][2]["hidden_size"] == 6
    for run in said["runs"]:
        twin = Trainer(
            Settings.preset("adding").with_changes(
                {
                    "task.seq_len": 6,
                    "training.batch_size": 4,
                    "training.seed": 3,
                    "network.cell": run["cell"],
                    "network.hidden_size": run["hidden_size"],
                }
            ),
            "numpy",
        )
        twin.train_to(60)
        twin.evaluate()
        assert run["parameters"] == twin.network.layout.parameter_count
        assert abs(run["parameters"] - said["runs"][2]["parameters"]) < 40
        assert run["updates"] == 60 and run["updates_per_second"] > 0
        assert run["best_held_out_loss"] == min(evaluation.loss for evaluation in twin.evaluations)
        assert run["gradient_left"]["at"] == 1 and run["gradient_left"]["of"] == 6


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *SMALL, "--cells", "rnn, lstm", "--steps", "3"]) == EXIT_DONE
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["RNN", "LSTM"]
    by_label = {line[:34].strip(): line[34:].split() for line in lines[1:-1]}
    assert by_label["Hidden units"] == ["6", "6"]
    assert by_label["Updates done"] == ["3", "3"]
    assert by_label["Updates to solved"] == ["not", "yet", "not", "yet"]
    assert sum(text.endswith("*") for text in by_label["Best held-out loss"]) <= 1
    assert by_label["Updates per second"] == ["-", "-"], "three updates say nothing about it"
    assert lines[-1] == "* clearly the best"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cells", "rnn,elman"], "--cells rnn,elman: must be some of rnn"),
        (["--cells", ","], "must be some of"),
        (["--cells", "rnn,gru,lstm,rnn,gru,lstm,rnn"], "at most 6"),
        (["--cells", "rnn,gru,rnn"], "rnn stands there twice"),
        (["--steps", "0"], "--steps 0: must be 1 or more"),
        (["run.rnnp"], "begins anew"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *arguments]) == EXIT_BAD_INPUT
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert words in said.err


def test_divergence_is_said_and_the_others_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    wild = ["--set", "training.optimizer=sgd", "--set", "training.learning_rate=100", "--set", "training.clip_norm=0"]
    assert cli.main(["compare", *SMALL, *wild, "--cells", "rnn,lstm", "--steps", "300", "--json"]) == EXIT_DONE
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert len(runs) == 2
    assert any(run["diverged_at"] is not None and run["updates"] < 300 for run in runs)


def test_interrupted_says_what_was_measured(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    train_to = Trainer.train_to

    def interrupted(trainer: Trainer, step: int) -> None:
        train_to(trainer, min(step, 20))
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "train_to", interrupted)
    assert cli.main(["compare", *SMALL, "--steps", "100", "--json"]) == EXIT_FAILED
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert run["updates"] == 20


def test_they_train_turn_by_turn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[tuple[str, int]] = []
    train_to = Trainer.train_to

    def noting(trainer: Trainer, step: int) -> None:
        turns.append((trainer.settings.network.cell, step))
        train_to(trainer, step)

    monkeypatch.setattr(Trainer, "train_to", noting)
    assert cli.main(["compare", *SMALL, "--cells", "rnn,lstm", "--steps", "120", "--json"]) == EXIT_DONE
    assert turns == [(cell, step) for step in (50, 100, 120) for cell in ("rnn", "lstm")]
    assert all(run["updates"] == 120 for run in json.loads(capsys.readouterr().out)["runs"])
