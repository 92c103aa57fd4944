"""Networks of equal size: the matched hidden size is the one that counting all of them finds."""

import pytest

from core import registry
from core.errors import InputError
from core.matching import match_parameters, parameter_count
from core.settings import Settings
from core.trainer import Trainer

TASKS = ("adding", "copy", "translation", "waveform", "tagging")
"""One answer at the end, one a step, an encoder with a decoder, a decoder alone, and both directions where they are allowed."""
NETWORKS = {
    "plain": {},
    "deep": {"network.num_layers": 3, "network.use_bias": False},
}


def counted_all(settings: Settings, most: int) -> dict[int, int]:
    task = registry.tasks()[settings.task.name](settings.task.fields)
    return {size: parameter_count(settings.with_changes({"network.hidden_size": size}), task) for size in range(1, most + 1)}


def closest(counts: dict[int, int], budget: int) -> int:
    return min(counts, key=lambda size: (abs(counts[size] - budget), size))


@pytest.mark.parametrize("of", NETWORKS)
@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("kind", list(registry.cells()))
def test_no_other_size_comes_closer(kind: str, name: str, of: str) -> None:
    settings = Settings().with_changes({"task.name": name, "network.cell": kind, **NETWORKS[of]})
    counts = counted_all(settings, 40)
    for budget in (1, 500, counts[7], counts[7] + 1, (counts[7] + counts[8]) // 2, (counts[7] + counts[8]) // 2 + 1, counts[39]):
        matched = match_parameters(settings, budget)
        assert matched.network.hidden_size == closest(counts, budget)
        assert matched.with_changes({"network.hidden_size": settings.network.hidden_size}) == settings


def test_both_directions_count_twice() -> None:
    settings = Settings().with_changes({"task.name": "tagging", "network.bidirectional": True})
    counts = counted_all(settings, 30)
    assert match_parameters(settings, counts[20]).network.hidden_size == 20
    assert counts[20] > parameter_count(settings.with_changes({"network.bidirectional": False, "network.hidden_size": 20}))


def test_options_count() -> None:
    settings = Settings().with_changes({"network.cell": "gru", "network.reset_after": True})
    matched = match_parameters(settings, 4_513)
    counts = counted_all(settings, 60)
    assert matched.network.hidden_size == closest(counts, 4_513)
    assert counts[30] - counted_all(settings.with_changes({"network.reset_after": False}), 30)[30] == 30


def test_sizes_of_the_adding_race() -> None:
    base = Settings.preset("adding")
    assert parameter_count(base) == 4_513
    sizes = {
        kind: match_parameters(base.with_changes({"network.cell": kind}), 4_513).network.hidden_size for kind in ("rnn", "gru", "lstm")
    }
    assert sizes == {"rnn": 65, "gru": 37, "lstm": 32}


def test_the_count_is_the_networks_own() -> None:
    settings = match_parameters(Settings.preset("copy").with_changes({"network.cell": "rnn"}), 3_000)
    network = Trainer(settings, "numpy").network
    assert parameter_count(settings) == sum(value.size for value in network.parameters().values())


def test_beyond_the_range_it_takes_the_end() -> None:
    assert match_parameters(Settings(), 10**9).network.hidden_size == 1024
    assert match_parameters(Settings(), 1).network.hidden_size == 1


def test_no_budget_is_refused() -> None:
    with pytest.raises(InputError, match="must be 1 or more"):
        match_parameters(Settings(), 0)
