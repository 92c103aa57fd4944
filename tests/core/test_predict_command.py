"""``rnn-playground predict``: a trained network is asked from the shell."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import registry, session
from core.command_line import EXIT_DONE
from core.prediction import Answer
from core.sampling import Sampling
from tests.core.commands import Result, assert_one_line


def test_predict(run: Callable[..., Result], trained: Path) -> None:
    result = run("predict", trained, "--input", "0.5,0.25", "--json")
    right = session.load(trained).answer("0.5,0.25", Sampling(1, 0.7))
    assert result.code == EXIT_DONE and result.json["output"] == [right.output[0]] and "probabilities" not in result.json
    assert run("predict", trained, "--input", "0.5,0.25").out == right.text + "\n"


def test_predict_passes_everything_on(
    run: Callable[..., Result], trained: Path, register_echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sampling, float]] = []
    task = registry.tasks()["echo"]
    answer = task.answer

    def noting(self: Any, forward: Any, text: str, sampling: Sampling, rng: np.random.Generator) -> Any:
        asked.append((text, sampling, rng.random()))
        return answer(self, forward, "0.5", sampling, rng)

    monkeypatch.setattr(task, "answer", noting)
    Path("words.txt").write_text("0.1,0.2\n", encoding="utf-8")
    run("predict", trained, "--input", "words.txt", "--length", 12, "--temperature", 0.25, "--top-k", 3, "--past-end", "--seed", 9)
    run("predict", trained, "--input", "table.csv")
    assert asked == [
        ("0.1,0.2\n", Sampling(12, 0.25, 3, stops_at_end=False), np.random.default_rng(9).random()),
        ("table.csv", Sampling(1, 0.7), np.random.default_rng(0).random()),
    ]


def test_predict_answers_several_times(
    run: Callable[..., Result], trained: Path, register_echo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drawn(self: Any, forward: Any, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        share = float(rng.random())
        return Answer((share,), {"a": share}, f"{share:.3f}", (0.0,), (1.0,))

    monkeypatch.setattr(registry.tasks()["echo"], "answer", drawn)
    shares = [float(np.random.default_rng(seed).random()) for seed in (5, 6, 7)]
    found = run("predict", trained, "--input", "1", "--samples", 3, "--seed", 5, "--json").json
    assert [sample["output"] for sample in found["samples"]] == [[share] for share in shares]
    one = run("predict", trained, "--input", "1", "--seed", 5, "--json").json
    assert one == {"output": shares[:1], "text": f"{shares[0]:.3f}", "probabilities": {"a": shares[0]}, "low": [0.0], "high": [1.0]}
    assert found == one | {"samples": found["samples"]}
    lines = run("predict", trained, "--input", "1", "--samples", 3, "--seed", 5).out.splitlines()
    assert lines == [f"{share:.3f}" for share in shares]


def test_predict_reads_texts_as_the_tasks_do(run: Callable[..., Result], trained: Path) -> None:
    """Whatever their encoding; and one that is missing is no text to answer."""
    right = run("predict", trained, "--input", "0.5,0.25").out
    Path("words.txt").write_text("0.5,0.25", encoding="utf-16")
    assert run("predict", trained, "--input", "words.txt").out == right
    assert_one_line(run("predict", trained, "--input", "none.txt"), "none.txt: there is no such file")


def test_predict_of_what_cannot_be_read(run: Callable[..., Result], trained: Path) -> None:
    assert_one_line(run("predict", trained, "--input", "words"), "numbers with commas are needed, for example")
