"""Settings: TOML in and out, and every mistake named by its key with what would be right."""

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core import registry
from core.errors import InputError
from core.fields import FieldInfo, fields_of
from core.files import read_toml
from core.settings import Settings, TrainingSettings, all_fields, parse_override

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


def values_of(info: FieldInfo) -> st.SearchStrategy[Any]:
    """Everything that the field permits."""
    assert info.kind in ("integer", "number", "flag", "choice", "file", "column", "text")
    if info.kind == "flag":
        return st.booleans()
    if info.kind == "choice":
        return st.sampled_from(info.choices)
    if info.kind in ("file", "column", "text"):
        return TEXTS
    assert info.minimum is not None and info.maximum is not None
    if info.kind == "integer":
        return st.integers(int(info.minimum), int(info.maximum))
    return st.floats(info.minimum, info.maximum)


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    """Any task and cell, with any permitted value of every field."""
    chosen = {"task.name": draw(st.sampled_from(list(registry.tasks()))), "network.cell": draw(st.sampled_from(list(registry.cells())))}
    base = Settings().with_changes(chosen)
    for key, info in all_fields(base).items():
        value = draw(values_of(info))
        # What contradicts an earlier choice is left as it is.
        with contextlib.suppress(InputError):
            base = base.with_changes({key: value} if key != "network.cell" else {})
    return base


def all_combinations() -> list[Settings]:
    return [Settings().with_changes({"task.name": t, "network.cell": c}) for t in registry.tasks() for c in registry.cells()]


def every_key() -> list[tuple[Settings, str]]:
    """Each dotted key once, with settings that have it."""
    keys = {key: settings for settings in all_combinations() for key in all_fields(settings)}
    return [(settings, key) for key, settings in keys.items()]


KEYS = pytest.mark.parametrize(("base", "key"), every_key(), ids=lambda value: value if isinstance(value, str) else "")


@given(any_settings())
@hypothesis_settings(max_examples=60, deadline=None)
def test_round_trip_of_dict(settings: Settings) -> None:
    assert Settings.from_dict(settings.to_dict()) == settings


@given(any_settings())
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_round_trip_of_toml(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(settings.to_toml(), encoding="utf-8")
    assert Settings.load(path) == settings


def test_defaults_are_those_of_the_fields() -> None:
    for settings in all_combinations():
        values = settings.to_dict()
        for key, info in all_fields(settings).items():
            section, _, name = key.partition(".")
            if key != "network.cell":
                assert values[section][name] == info.default, key
    assert Settings.from_dict({}) == Settings()
    assert (Settings().task.name, Settings().network.cell) == ("adding", "lstm")


def test_pinned_defaults() -> None:
    """Names and defaults of the sections [network] and [training] that files of today rely on."""
    assert Settings().to_dict()["training"] == {
        "learning_rate": 0.003,
        "clip_norm": 1.0,
        "batch_size": 32,
        "optimizer": "adam",
        "truncate": 0,
        "weight_decay": 0.0,
        "seed": 0,
        "dtype": "float32",
        "clip_value": 0.0,
        "schedule": "constant",
        "schedule_steps": 1000,
        "schedule_factor": 0.1,
        "warmup": 0,
        "teacher_forcing": 1.0,
        "carry_state": False,
    }
    network = Settings().to_dict()["network"]
    assert network == {
        "cell": "lstm",
        "hidden_size": 32,
        "num_layers": 1,
        "init": "default",
        "init_scale": 1.0,
        "bidirectional": False,
        "dropout": 0.0,
        "forget_bias": 1.0,
        "use_bias": True,
        "no_input_gate": False,
        "no_forget_gate": False,
        "no_output_gate": False,
        "no_input_activation": False,
        "no_output_activation": False,
        "coupled_gates": False,
        "peepholes": False,
    }
    assert fields_of(type(Settings().with_changes({"network.cell": "gru"}).network.options)).keys() >= {"reset_after", "use_bias"}
    rnn = fields_of(type(Settings().with_changes({"network.cell": "rnn"}).network.options))
    assert rnn["activation"].choices == ("tanh", "relu")


@KEYS
def test_every_field_is_described(base: Settings, key: str) -> None:
    info = base.field_info(key)
    assert info.label and info.help.endswith(".")
    assert info.checked(key, info.default) == info.default
    if info.kind in ("integer", "number"):
        assert info.minimum is not None and info.maximum is not None and info.minimum < info.maximum
        assert info.scale != "log" or info.minimum > 0 or info.off_value == info.minimum
        assert info.off_value is None or info.minimum <= info.off_value <= info.maximum
    if info.kind == "choice":
        assert len(info.choices) > 1 and info.default in info.choices


@KEYS
def test_values_out_of_range(base: Settings, key: str) -> None:
    """The message names the key, the value and the range."""
    info = base.field_info(key)
    if info.kind == "choice":
        bad, wanted = ["nonsense", ""], list(info.choices)
    elif info.kind in ("integer", "number"):
        assert info.minimum is not None and info.maximum is not None
        step = 1 if info.kind == "integer" else max(1e-9, abs(info.minimum) * 1e-6)
        bad = [info.minimum - step, info.maximum * 2 + 1, 10**400, -(10**400), math.inf, -math.inf, math.nan]
        bad += [info.minimum + 0.5] if info.kind == "integer" else []
        wanted = [f"{info.minimum:g}", f"{info.maximum:g}", "whole number" if info.kind == "integer" else "number"]
    else:
        return
    for value in bad:
        with pytest.raises(InputError) as caught:
            base.with_changes({key: value})
        message = str(caught.value)
        assert message.startswith(f"{key} = ") and all(word in message for word in wanted)
        assert "\n" not in message


@KEYS
def test_wrong_types(base: Settings, key: str) -> None:
    info = base.field_info(key)
    wrong: list[Any] = [None, [], {}, [1], b"x"]
    wrong += [1, 0, 1.5] if info.kind in ("flag", "choice", "file", "text") else [True, False]
    wrong += ["1", "true", ""] if info.kind in ("flag", "integer", "number") else [True, False]
    for value in wrong:
        with pytest.raises(InputError, match=f"^{key.replace('.', '[.]')} = "):
            base.with_changes({key: value})


@KEYS
def test_ends_of_the_range_are_permitted(base: Settings, key: str) -> None:
    info = base.field_info(key)
    section, _, name = key.partition(".")
    if info.kind in ("integer", "number"):
        for value in (info.minimum, info.maximum):
            assert base.with_changes({key: value}).to_dict()[section][name] == value
    for value in info.choices:
        assert base.with_changes({key: value}).to_dict()[section][name] == value


def test_numbers_take_the_type_of_their_field() -> None:
    """TOML writes 1 and 1.0; both are right where they mean the same."""
    settings = Settings.from_dict({"network": {"hidden_size": 16.0}, "training": {"clip_norm": 2}})
    assert settings.network.hidden_size == 16 and isinstance(settings.network.hidden_size, int)
    assert settings.training.clip_norm == 2 and isinstance(settings.training.clip_norm, float)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"traning": {}}, ["unknown section [traning]", "[training]"]),
        ({"learning_rate": 0.1}, ["unknown section [learning_rate]"]),
        ({"training": {"learningrate": 0.1}}, ["unknown key training.learningrate", "learning_rate"]),
        ({"network": {"hidden": 3}}, ["unknown key network.hidden", "hidden_size", "forget_bias"]),
        ({"network": {"cell": "rnn", "forget_bias": 1.0}}, ["unknown key network.forget_bias", "cell rnn", "activation"]),
        ({"network": {"cell": "transformer"}}, ["network.cell = 'transformer'", "lstm", "gru"]),
        ({"network": {"cell": 3}}, ["network.cell = 3"]),
        ({"task": {"name": "juggling"}}, ["task.name = 'juggling'", "echo"]),
        ({"task": {"name": 3}}, ["task.name = 3", "text"]),
        ({"task": {"name": "echo", "length": 3}}, ["unknown key task.length", "seq_len", "width"]),
        ({"task": 3}, ["task = 3", "[task]"]),
        ({"training": [1]}, ["training = [1]", "[training]"]),
    ],
)
def test_mistakes_are_named(register_echo: object, values: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        Settings.from_dict(values)
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)


def test_settings_are_immutable() -> None:
    settings = Settings()
    for part, name in (
        (settings, "task"),
        (settings.network, "cell"),
        (settings.network.options, "use_bias"),
        (settings.task.fields, "seq_len"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, None)


def test_change_makes_a_new_object(settings: Settings) -> None:
    changed = settings.with_changes({"training.learning_rate": 0.5, "network.hidden_size": 7})
    assert changed.training.learning_rate == 0.5 and changed.network.hidden_size == 7
    assert settings.training.learning_rate == 0.01 and settings.network.hidden_size == 5
    assert changed.with_changes({"training.learning_rate": 0.01, "network.hidden_size": 5}) == settings
    assert settings.with_changes({}) == settings


def test_another_cell_drops_options_of_the_old_one(settings: Settings) -> None:
    lstm = settings.with_changes({"network.cell": "lstm", "network.forget_bias": 3.0, "network.num_layers": 2})
    gru = lstm.with_changes({"network.cell": "gru"})
    assert not hasattr(gru.network.options, "forget_bias")
    assert (gru.network.num_layers, gru.network.hidden_size) == (2, 5)
    assert gru.with_changes({"network.cell": "lstm"}).network.options.forget_bias == 1.0
    with pytest.raises(InputError, match=r"network\.forget_bias"):
        gru.with_changes({"network.forget_bias": 2.0})


@pytest.mark.parametrize("keys", [["network.cell", "network.activation"], ["network.activation", "network.cell"]])
def test_cell_and_its_options_in_any_order(keys: list[str]) -> None:
    values = {"network.cell": "rnn", "network.activation": "relu"}
    assert Settings().with_changes({key: values[key] for key in keys}).network.options.activation == "relu"


def test_same_cell_keeps_its_options() -> None:
    settings = Settings().with_changes({"network.forget_bias": 2.0, "task.seq_len": 60})
    assert settings.with_changes({"network.cell": "lstm", "task.name": "adding"}) == settings


def test_another_task_starts_from_its_own_defaults(register_echo: object) -> None:
    settings = Settings().with_changes({"task.seq_len": 77, "network.hidden_size": 9})
    other = settings.with_changes({"task.width": 3, "task.name": "echo"})
    assert (other.task.fields.width, other.task.fields.seq_len) == (3, 6)
    assert other.network == settings.network and other.training == settings.training


@pytest.mark.parametrize(
    "key", ["", "training", "training.", "learning_rate", "training.x", "optimizer.rate", "task.x.y", "network.cell.x"]
)
def test_unknown_dotted_keys(key: str) -> None:
    with pytest.raises(InputError, match="unknown key"):
        Settings().with_changes({key: 1})
    with pytest.raises(InputError, match="unknown key"):
        Settings().field_info(key)


def test_load_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[training]\nlearning_rate = -1\n")
    with pytest.raises(InputError, match=r"my\.toml: training\.learning_rate = -1"):
        Settings.load(path)


@pytest.mark.parametrize(
    "content",
    [
        b"[training\n",
        b"\xff\xfe\x00",
        b"a = [" * 5000,
        b"[training]\nseed = " + b"9" * 5000,
        b"[training]\nseed = 1\nseed = 2",
        b"[training]\nlearning_rate = 0,1",
    ],
)
def test_what_is_no_toml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.toml: ") as caught:
        Settings.load(path)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        Settings.load(tmp_path / "none.toml")
    with pytest.raises(InputError, match="can't be read"):
        read_toml(tmp_path)


def test_unknown_preset() -> None:
    with pytest.raises(InputError, match="there is no preset 'nothing'"):
        Settings.preset("nothing")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("training.learning_rate=0.01", "training.learning_rate", 0.01),
        (" training.learning_rate = 1e-2 ", "training.learning_rate", 0.01),
        ("training.batch_size=8", "training.batch_size", 8),
        ("network.use_bias=false", "network.use_bias", False),
        ("network.cell=gru", "network.cell", "gru"),
        ('network.cell="gru"', "network.cell", "gru"),
        ("network.cell='gru'", "network.cell", "gru"),
        ("task.name=echo", "task.name", "echo"),
        ("task.file=my data.csv", "task.file", "my data.csv"),
        ("task.file=2024", "task.file", "2024"),
        ("task.file=a=b.csv", "task.file", "a=b.csv"),
        ("task.file=", "task.file", ""),
        (r"task.file=C:\new\table.csv", "task.file", r"C:\new\table.csv"),
    ],
)
def test_override(settings: Settings, text: str, key: str, value: object) -> None:
    assert parse_override(settings, text) == (key, value)


@pytest.mark.parametrize("text", ["", "learning_rate", "learning_rate=1", "=1", "training.learning_rate", "training.learning_rate:1"])
def test_override_of_wrong_form(settings: Settings, text: str) -> None:
    with pytest.raises(InputError, match=r"section\.key=value"):
        parse_override(settings, text)


@pytest.mark.parametrize("raw", ["fast", "0,1", "", "[1]", "true", "nan", "9" * 5000, "[" * 5000, "1979-05-27"])
def test_override_with_wrong_value(settings: Settings, raw: str) -> None:
    key, value = parse_override(settings, f"training.learning_rate={raw}")
    with pytest.raises(InputError, match=r"^training\.learning_rate = .* must be a number from 1e-06 to 100"):
        settings.with_changes({key: value})


def test_live_fields() -> None:
    """What changes while it runs, without a new network."""
    live = {key for key, info in all_fields(Settings()).items() if info.is_live and not key.startswith("task.")}
    training = {"learning_rate", "clip_norm", "batch_size", "optimizer", "truncate", "weight_decay"}
    training |= {"clip_value", "schedule", "schedule_steps", "schedule_factor", "warmup", "teacher_forcing"}
    assert live == {f"training.{name}" for name in training} | {"network.dropout"}
    assert training < set(fields_of(TrainingSettings))
