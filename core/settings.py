"""Everything that decides a run, as frozen dataclasses: task, network, training. TOML in and out, validation that names the field.

A task's own fields stand in its ``Settings`` class, a cell's in its ``Options``; in TOML they stand beside the common ones, in
``[task]`` and ``[network]``.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from core import registry
from core.errors import InputError
from core.fields import TEXT_KINDS, FieldInfo, choice, fields_of, flag, integer, number
from core.files import read_toml
from core.idle import refused_flags
from core.initialization import INITIALIZATIONS
from core.presets import PRESET_ONLY_KEYS, checked_info, preset_path
from core.schedules import SCHEDULES


def _cell_names() -> tuple[str, ...]:
    return tuple(registry.cells())


def _optimizer_names() -> tuple[str, ...]:
    return tuple(registry.optimizers())


@dataclass(frozen=True)
class TaskSettings:
    """Which task, and that task's own fields (an instance of its ``Settings``)."""

    name: str = "adding"
    fields: Any = None

    def __post_init__(self) -> None:
        task = registry.find("core.tasks", "TASK", self.name, "task.name")
        if self.fields is None:
            object.__setattr__(self, "fields", task.Settings())


@dataclass(frozen=True)
class NetworkSettings:
    """The architecture; ``options`` is an instance of the cell's ``Options``."""

    cell: str = choice("lstm", _cell_names, "Cell", "The kind of recurrent unit.")
    hidden_size: int = integer(
        32,
        1,
        1024,
        "Hidden size",
        "Number of units in each layer: how much the network can hold in mind. Raised in the middle of a run it keeps what was learned: "
        "the new units begin without a say. Lowered it rebuilds the network.",
        unit="units",
        is_growing=True,
    )
    num_layers: int = integer(1, 1, 4, "Layers", "Recurrent layers stacked on each other.")
    init: str = choice("default", tuple(INITIALIZATIONS), "Start weights", "How the weights are drawn before training.", is_important=False)
    init_scale: float = number(
        1.0,
        0.01,
        10.0,
        "Scale of start weights",
        "Multiplies every weight that is drawn. Large: gradients explode or units saturate; small: they fade.",
        scale="log",
        is_important=False,
    )
    bidirectional: bool = flag(
        False,
        "Both directions",
        "A second set of units reads the sequence backwards; only where the whole input is known before the answer.",
        is_important=False,
    )
    dropout: float = number(
        0.0,
        0.0,
        0.9,
        "Dropout",
        "Share of the connections between layers that is silenced at random in each update.",
        is_live=True,
        is_important=False,
    )
    options: Any = None

    def __post_init__(self) -> None:
        cell = registry.find("core.cells", "CELL", self.cell, "network.cell")
        if self.options is None:
            object.__setattr__(self, "options", cell.Options())


@dataclass(frozen=True)
class TrainingSettings:
    """How the network learns."""

    learning_rate: float = number(
        0.003,
        1e-6,
        100.0,
        "Learning rate",
        "Size of each step downhill. Too large: it diverges; too small: it crawls. "
        "L-BFGS and Hessian-free find their own step size and do without it.",
        scale="log",
        is_live=True,
        short="rate",
    )
    clip_norm: float = number(
        1.0,
        0.0,
        1000.0,
        "Clip gradient norm at",
        "Longer gradients are shortened to this length, so that one steep place can't throw the weights away. "
        "L-BFGS and Hessian-free take none that raises the loss, and do without it.",
        scale="log",
        is_live=True,
        off_value=0.0,
        short="clip",
    )
    batch_size: int = integer(
        32,
        1,
        1024,
        "Batch size",
        "Sequences in each update. More: steadier, but each update takes longer.",
        scale="powers_of_two",
        is_live=True,
        short="batch",
    )
    optimizer: str = choice("adam", _optimizer_names, "Optimizer", "The rule that turns gradients into steps.", is_live=True)
    truncate: int = integer(
        0,
        0,
        1000,
        "Truncate gradient after",
        "The gradient goes back at most this many steps; the state is carried on all the same.",
        unit="steps",
        scale="log",
        is_live=True,
        off_value=0,
        short="truncate",
    )
    weight_decay: float = number(
        0.0,
        0.0,
        1.0,
        "Weight decay",
        "Pulls all weights towards 0 a little in each update: as a penalty on their squares, with AdamW apart from the gradient.",
        scale="log",
        is_live=True,
        is_important=False,
        off_value=0.0,
        short="decay",
    )
    clip_value: float = number(
        0.0,
        0.0,
        1000.0,
        "Clip each value at",
        "Cuts every entry of the gradient to plus or minus this, before its norm is clipped.",
        scale="log",
        is_live=True,
        is_important=False,
        off_value=0.0,
        short="clip values",
    )
    schedule: str = choice(
        "constant",
        tuple(SCHEDULES),
        "Rate over time",
        "How the learning rate falls: not at all, step by step, or along half a cosine. Counted from the first update after the warm-up.",
        is_live=True,
        is_important=False,
    )
    schedule_steps: int = integer(
        1000,
        1,
        1_000_000,
        "Schedule length",
        "Updates from one step to the next, or until the cosine has reached its end.",
        unit="updates",
        scale="log",
        is_live=True,
        is_important=False,
    )
    schedule_factor: float = number(
        0.1,
        0.0,
        1.0,
        "Schedule factor",
        "What each step multiplies the learning rate with, or the share of it that is left at the end of the cosine.",
        is_live=True,
        is_important=False,
    )
    warmup: int = integer(
        0,
        0,
        100_000,
        "Warm-up",
        "Over this many first updates the learning rate rises from 0.",
        unit="updates",
        scale="log",
        is_live=True,
        is_important=False,
        off_value=0,
    )
    teacher_forcing: float = number(
        1.0,
        0.0,
        1.0,
        "Teacher forcing",
        "Share of a decoder's inputs that are the right previous symbol; the rest is its own output. "
        "Only for tasks whose output is a sequence of its own.",
        is_live=True,
        is_important=False,
    )
    carry_state: bool = flag(
        False,
        "Carry the state on",
        "Each batch goes on where the last one ended, with the state it left: truncated BPTT over a stream. Only for texts and series.",
        is_important=False,
    )
    seed: int = integer(
        0, 0, 2**31 - 1, "Seed", "Start of all random numbers: the same seed gives the same run, to the last bit.", is_important=False
    )
    dtype: str = choice("float32", ("float32", "float64"), "Precision", "float32 is fast; float64 is for checking.", is_important=False)


def _build(settings_class: type, values: Mapping[str, Any], section: str, what: str) -> Any:
    """An instance of ``settings_class`` from ``values``; errors name ``section.key``."""
    infos = fields_of(settings_class)
    unknown = [key for key in values if key not in infos]
    if unknown:
        raise InputError(f"unknown key {section}.{unknown[0]}: {what} {', '.join(infos) or 'no keys of its own'}")
    return settings_class(**{key: infos[key].checked(f"{section}.{key}", value) for key, value in values.items()})


def _own_and_rest(settings_class: type, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    infos = fields_of(settings_class)
    return {k: v for k, v in values.items() if k in infos}, {k: v for k, v in values.items() if k not in infos}


def _task_settings(values: Mapping[str, Any]) -> TaskSettings:
    rest = dict(values)
    name = rest.pop("name", "adding")
    if not isinstance(name, str):
        raise InputError(f"task.name = {name!r}: must be a text in quotes")
    task = registry.find("core.tasks", "TASK", name, "task.name")
    return TaskSettings(name, _build(task.Settings, rest, "task", f"task {name} takes name,"))


def _network_settings(values: Mapping[str, Any]) -> NetworkSettings:
    own, rest = _own_and_rest(NetworkSettings, values)
    common: NetworkSettings = _build(NetworkSettings, own, "network", "")
    cell = registry.cells()[common.cell]
    what = f"with cell {common.cell} there are {', '.join(fields_of(NetworkSettings))},"
    return dataclasses.replace(common, options=_build(cell.Options, rest, "network", what))


@dataclass(frozen=True)
class Settings:
    """All settings of a run. Immutable: every change makes a new object."""

    task: TaskSettings = field(default_factory=TaskSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        for key, reason in refused_flags(self.task.name).items():
            section, _, name = key.partition(".")
            if getattr(getattr(self, section), name):
                raise InputError(f"{key} = true: {reason}; it must be false for task {self.task.name}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Settings":
        """Settings from nested dicts; what is left out takes its default. Raises InputError that names the key."""
        sections = {f.name for f in dataclasses.fields(cls)}
        for section, content in values.items():
            if section not in sections:
                raise InputError(f"unknown section [{section}]: there are [task], [network], [training]")
            if not isinstance(content, Mapping):
                raise InputError(f"{section} = {content!r}: must be a section [{section}]")
        return cls(
            _task_settings(values.get("task", {})),
            _network_settings(values.get("network", {})),
            _build(TrainingSettings, values.get("training", {}), "training", "there are"),
        )

    @classmethod
    def load(cls, path: str | Path) -> "Settings":
        """Settings from a TOML file. Raises InputError that names the file."""
        values = read_toml(Path(path))
        try:
            checked_info(values)
            return cls.from_dict({key: value for key, value in values.items() if key not in PRESET_ONLY_KEYS})
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    @classmethod
    def preset(cls, preset_id: str) -> "Settings":
        """Settings of a bundled preset. Raises InputError that lists what there is."""
        return cls.load(preset_path(preset_id))

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Nested plain dicts, complete; ``from_dict`` of it gives equal settings."""
        network = {key: getattr(self.network, key) for key in fields_of(NetworkSettings)}
        return {
            "task": {"name": self.task.name, **dataclasses.asdict(self.task.fields)},
            "network": {**network, **dataclasses.asdict(self.network.options)},
            "training": dataclasses.asdict(self.training),
        }

    def to_toml(self) -> str:
        """The same as TOML."""
        return tomli_w.dumps(self.to_dict())

    def with_changes(self, changes: Mapping[str, Any]) -> "Settings":
        """New settings with dotted keys changed (``{"training.learning_rate": 0.01}``), validated.

        Another task starts from its own defaults, without flags that it refuses, another cell from its own options; keys of
        ``changes`` come on top.
        """
        values = self.to_dict()
        for key in sorted(changes, key=lambda key: key not in ("task.name", "network.cell")):
            section, _, name = key.partition(".")
            if section not in values or not name:
                raise InputError(f"unknown key {key}: a key is task.…, network.… or training.…")
            if key == "task.name" and changes[key] != self.task.name:
                values["task"] = {}
                for refused in refused_flags(changes[key]) if changes[key] in registry.tasks() else ():
                    of_section, _, flag_name = refused.partition(".")
                    values[of_section][flag_name] = False
            if key == "network.cell" and changes[key] != self.network.cell:
                values["network"] = {k: v for k, v in values["network"].items() if k in fields_of(NetworkSettings)}
            values[section][name] = changes[key]
        return Settings.from_dict(values)

    def with_absolute_files(self, folder: Path | None = None) -> "Settings":
        """The same, with every relative file made absolute, so that a session finds it from any current folder.

        A file is meant from ``folder`` (of the settings file that names it) where it exists there, else from the current folder.
        """
        changes = {}
        for key, info in all_fields(self).items():
            section, _, name = key.partition(".")
            value = self.to_dict()[section][name]
            if info.kind == "file" and value and not os.path.isabs(os.path.expanduser(value)):
                beside = os.path.join(folder or "", value)
                changes[key] = os.path.abspath(beside if os.path.isfile(beside) else value)
        return self.with_changes(changes) if changes else self

    def field_info(self, key: str) -> FieldInfo:
        """FieldInfo of a dotted key under the present task and cell. Raises InputError for an unknown key."""
        infos = all_fields(self)
        if key not in infos:
            raise InputError(f"unknown key {key}: there are {', '.join(infos)}")
        return infos[key]


def all_fields(settings: Settings) -> dict[str, FieldInfo]:
    """Dotted key -> FieldInfo of every field that ``settings`` has."""
    sections = {
        "task": fields_of(type(settings.task.fields)),
        "network": fields_of(NetworkSettings) | fields_of(type(settings.network.options)),
        "training": fields_of(TrainingSettings),
    }
    return {f"{section}.{name}": info for section, infos in sections.items() for name, info in infos.items()}


def parse_override(settings: Settings, text: str) -> tuple[str, Any]:
    """A command line's ``section.key=value``: the key, and the value as TOML (or as text where the field is one)."""
    key, equals, raw = text.partition("=")
    key, raw = key.strip(), raw.strip()
    if not equals or "." not in key:
        raise InputError(f"--set {text}: must have the form section.key=value, for example training.learning_rate=0.01")
    try:
        value = tomllib.loads(f"value = {raw}")["value"]
    except (ValueError, RecursionError):
        value = raw
    info = all_fields(settings).get(key)
    if key == "task.name" or (info is not None and info.kind in TEXT_KINDS and not isinstance(value, str)):
        value = raw.strip("\"'")
    return key, value
