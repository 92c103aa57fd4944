"""What a file in one folder exports appears everywhere by itself, in a sensible order."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import registry
from core.errors import InputError


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package of three files that export something, and one that doesn't."""
    folder = tmp_path / "made_for_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    source = "class Thing:\n    name = {name!r}\n{order}\n\nTHING = Thing()\n"
    for file, name, order in (("a", "late", "    order = 200"), ("b", "plain", ""), ("c", "early", "    order = 5")):
        (folder / f"{file}.py").write_text(source.format(name=name, order=order))
    (folder / "helper.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder.name
    registry.members.cache_clear()
    for module in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[module]


def test_members(package: str) -> None:
    assert list(registry.members(package, "THING")) == ["early", "plain", "late"]
    assert registry.members(package, "OTHER") == {}


def test_find(package: str) -> None:
    assert registry.find(package, "THING", "plain", "some.key").name == "plain"
    with pytest.raises(InputError) as caught:
        registry.find(package, "THING", "wrong", "some.key")
    assert str(caught.value) == "some.key = 'wrong': must be one of early, plain, late"


def test_what_there_is() -> None:
    """In the order in which a person meets them."""
    assert [name for name in registry.cells() if name in ("rnn", "lstm", "gru")] == ["rnn", "lstm", "gru"]
    assert [name for name in registry.optimizers() if name in ("sgd", "momentum", "adam")] == ["sgd", "momentum", "adam"]
    assert {"adding", "copy", "completion", "sentiment", "prices"} <= set(registry.tasks())


def test_cells_describe_themselves(cell_name: str) -> None:
    cell = registry.cells()[cell_name]
    assert cell.title and cell.gates
    assert len({signal.symbol for signal in cell.signals}) == len(cell.signals)
    assert len({signal.role for signal in cell.signals}) == len(cell.signals)
    assert all(signal.low < signal.high for signal in cell.signals)
    assert len(cell.equations(cell.Options())) >= len(cell.gates)


def test_optimizers_describe_themselves(optimizer_name: str) -> None:
    optimizer = registry.optimizers()[optimizer_name]
    assert optimizer.title and len(set(optimizer.slot_names)) == len(optimizer.slot_names)
    # They become names in session files.
    assert all(name.isidentifier() for name in optimizer.slot_names)
