"""What the measurements of speed calculate with and print; the measurements themselves are run by hand."""

import json
import os
from functools import partial
from math import isnan
from pathlib import Path

import pytest

from core.assistant import VARIABLE
from tests.benchmarks import speed
from tests.benchmarks.comparison import flops
from tests.benchmarks.measuring import Contender, Effort, Row, Shape, exponent, geometric_mean, machine, markdown, one_thread, rounds


def test_geometric_mean() -> None:
    """Twice as fast here and half as fast there is as fast."""
    assert geometric_mean([2.0, 0.5]) == pytest.approx(1)
    assert geometric_mean([3.0, 3.0, 24.0]) == pytest.approx(6)
    assert isnan(geometric_mean([]))


def test_exponent() -> None:
    assert exponent([10, 30, 1000], [7.0, 1.0, 7e4]) == pytest.approx(2)
    assert exponent([1, 256], [5.0, 5.0]) == 0


def test_flops_of_products() -> None:
    """As a loop over steps, sequences, columns and rows of the weights would count them, forward and twice as many back."""
    shape = Shape(units=3, batch_size=2, seq_len=5)
    for cell, gates in (("lstm", 4), ("gru", 3), ("rnn", 1)):
        assert flops(cell, shape) == 3 * 2 * sum(3 + 2 + 1 for _ in range(5 * 2 * gates * 3))


def test_tables() -> None:
    rows = [
        Row("b", {"cell": "lstm", "µs": 12.345}, {"seconds": [1.0]}),
        Row("a", {"T": 7}),
        Row("b", {"cell": "mean", "µs": None, "ratio": 1234.5}),
    ]
    first, second = "| cell | µs | ratio |\n|---|---|---|\n| lstm | 12.3 |  |\n| mean |  | 1234 |\n", "| T |\n|---|\n| 7 |\n"
    assert markdown(rows) == f"## b\n\n{first}\n## a\n\n{second}"


def test_rounds_are_interleaved_and_whole_multiples() -> None:
    calls: list[tuple[str, int]] = []

    def note(name: str, count: int) -> None:
        calls.append((name, count))
        # Takes longer the larger the count, as updates do.
        sum(range(count))

    contenders = {name: Contender(partial(note, name), multiple=7) for name in "ab"}
    times = rounds(contenders, Effort(3, 1e-5))
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}
    timed = calls[-12:]
    assert [name for name, _count in timed] == list("aabb") * 3
    assert all(count % 7 == 0 and count > 0 for _name, count in timed[1::2])


def test_one_thread_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for before in (None, "2"):
        if before is None:
            monkeypatch.delenv(VARIABLE, raising=False)
        else:
            monkeypatch.setenv(VARIABLE, before)
        with one_thread():
            assert os.environ[VARIABLE] == "1"
        assert os.environ.get(VARIABLE) == before


def test_machine_names_what_numbers_depend_on() -> None:
    facts = machine()
    assert all(facts[name] for name in ("cpu", "instruction_set", "python", "numba", "llvmlite", "numpy"))
    assert {"torch", "jax"} <= set(facts)


def test_anchors_need_one_to_compare_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(speed, "missing", lambda: ["torch", "jax"])
    assert speed.main(["anchors"]) == 2
    assert "anchors needs PyTorch or JAX" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nothing"], ["peak", "--cells", "lstm,nothing"]])
def test_unknown_names(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        speed.main(arguments)
    assert "no 'nothing'" in capsys.readouterr().err


def test_numbers_are_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of single rounds too, with the machine."""
    monkeypatch.setitem(speed.PARTS, "peak", lambda options: iter([Row("peak", {"threads": 1}, {"seconds": [0.5]})]))
    path = tmp_path / "speed.json"
    assert speed.main(["peak", "--quick", "--json", str(path)]) == 0
    part = json.loads(path.read_text(encoding="utf-8"))["peak"]
    assert part["rows"] == [{"table": "peak", "shown": {"threads": 1}, "more": {"seconds": [0.5]}}]
    assert part["is_quick"] and part["machine"] == machine()
    assert "| 1 |" in capsys.readouterr().out
