"""What presets say of themselves, and the stories they tell."""

from pathlib import Path

import pytest

from core import registry
from core.errors import InputError
from core.presets import OUTCOMES, PresetInfo, chapters_with, info_in, preset_ids, preset_path, presets, stories
from core.settings import Settings


@pytest.mark.parametrize("name", preset_ids())
def test_each_loads_and_says_what_it_is(name: str) -> None:
    info = presets()[name]
    assert Settings.from_dict(Settings.preset(name).to_dict()) == Settings.preset(name)
    assert info.title and info.steps and info.outcome in OUTCOMES
    assert info.description.endswith((".", "?"))
    # Whoever picks a task wants to see it learned.
    assert info.outcome == "solved" or name not in registry.tasks()


def test_stories_are_told_in_order() -> None:
    told = stories()
    assert len(told) >= 5 and all(names for names in told.values())
    for names in told.values():
        assert [presets()[name].chapter for name in names] == list(range(1, len(names) + 1))
        assert all(chapters_with(name) == names for name in names)
    assert chapters_with("completion") == chapters_with("none") == ()


@pytest.mark.parametrize(
    ("story", "before", "after", "changed"),
    [
        ("Exploding, then clipped", "exploding", "exploding_clipped", {"training.clip_norm"}),
        ("Learning rate too high", "rate_too_high", "adding", {"training.learning_rate"}),
        ("Too small to learn", "too_small", "copy", {"network.hidden_size"}),
        ("Truncated too short", "truncated_too_short", "embedded_reber", {"training.truncate"}),
        ("Hessian-free against Adam", "hessian_free", "adam_at_the_line", {"training.optimizer", "training.batch_size"}),
    ],
)
def test_a_story_changes_what_it_tells_of(story: str, before: str, after: str, changed: set[str]) -> None:
    assert stories()[story] == (before, after)
    first, second = Settings.preset(before).to_dict(), Settings.preset(after).to_dict()
    differing = {f"{section}.{key}" for section in first for key in first[section] if first[section][key] != second[section][key]}
    assert differing == changed


def test_unknown_preset() -> None:
    with pytest.raises(InputError, match="there is no preset 'none': there are adam_at_the_line, adding"):
        preset_path("none")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("steps = -1", "steps = -1: must be a whole number, 0 or more"),
        ("steps = true", "steps = True: must be a whole number"),
        ("chapter = 1.5", "chapter = 1.5: must be a whole number"),
        ("title = 3", "title = 3: must be a text in quotes"),
        ('outcome = "won"', "outcome = 'won': must be one of solved, unsolved, diverged"),
    ],
)
def test_wrong_words_are_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(line + "\n", encoding="utf-8")
    for read in (info_in, Settings.load):
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: {problem}")


def test_a_settings_file_may_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[task]\nname = "copy"\n', encoding="utf-8")
    assert info_in(path) == PresetInfo()
