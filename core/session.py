"""Session files ``.rnnp``: a run on disk, from which training goes on bit for bit.

A zip of ``settings.toml``, ``weights.safetensors`` (parameters by their canonical names; optimizer moments as
``optimizer.{moment}.{parameter}``; ``carried_states`` (L, S, B, H) where a run carries them), ``state.json`` (format version, step,
the optimizer's numbers, random generators, the place in a stream, evaluations, vocabulary) and ``history.csv`` (step, loss).
A file with the whole curve of a long run has every loss in ``losses.f8`` too (little-endian float64), which older versions pass over.
Format 1 had no numbers of optimizers and no streams, format 2 no place among the data that are drawn at once: such a run draws anew.
No pickle anywhere. What each member claims to hold is checked before it is read, the weights against the number of parameters that the
settings give.
"""

import csv
import io
import json
import lzma
import math
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from core import __version__, registry
from core.batch_source import MOST_UPDATES
from core.draws import STREAMS
from core.errors import InputError
from core.files import write_atomically
from core.layout import Layout
from core.network import layout_for
from core.settings import Settings
from core.snapshot import Evaluation, Mark, Metric
from core.trainer import Trainer
from core.trainer_state import TrainerState

FORMAT = 3
MEMBERS = ("settings.toml", "weights.safetensors", "state.json", "history.csv")
WHOLE_LOSSES = "losses.f8"
MAX_TEXT_BYTES = 64 * 2**20
MAX_SETTINGS_BYTES = 2**20
HISTORY_ROWS = 20_000
EVALUATIONS = 4_000
# Beyond this even a whole curve is thinned: 16 MB of losses.
MOST_WHOLE_UPDATES = 2_000_000
EXACT_ROWS = 1_000
# Names and shapes of the tensors: of the largest network some 5 KB for the parameters, and for each of the optimizer's vectors.
MAX_TENSOR_HEADER_BYTES = 2**18
# The loss of every update is held in memory: 0.8 GB.
MAX_STEPS = 10**8
MAX_POSITION = 2**62
MOMENT_PREFIX = "optimizer."
CARRIED = "carried_states"
# What damage can raise: in the zip and its compression, the JSON, the table, the arrays, or when a trainer is made from them.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    csv.Error,
    SafetensorError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


def save(path: str | Path, state: TrainerState, is_curve_whole: bool = False) -> None:
    """Write ``state`` to ``path``, whole or not at all; the curve of a long run thinned, or with ``is_curve_whole`` as it was.

    Raises
    ------
    InputError
        Where a parameter is not finite (a diverged run is never saved as good) or the file can't be written.
    """
    tensors = dict(state.parameters)
    for moment, values in state.moments.items():
        tensors |= {f"{MOMENT_PREFIX}{moment}.{name}": value for name, value in values.items()}
    if state.carried is not None:
        tensors[CARRIED] = state.carried
    memory = np.array(list(state.optimizer_memory.values()))
    if not all(np.isfinite(value).all() for value in (*tensors.values(), memory)):
        raise InputError(f"{path}: not saved: the network holds values that are not finite")
    is_curve_whole &= HISTORY_ROWS + EXACT_ROWS < state.step_count <= MOST_WHOLE_UPDATES
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("settings.toml", state.settings.to_toml())
        archive.writestr("weights.safetensors", save_tensors({name: np.ascontiguousarray(value) for name, value in tensors.items()}))
        archive.writestr("state.json", json.dumps(_state_as_json(state, is_curve_whole), ensure_ascii=False))
        archive.writestr("history.csv", history_csv(state.losses))
        if is_curve_whole:
            archive.writestr(WHOLE_LOSSES, state.losses.astype("<f8").tobytes(), zipfile.ZIP_STORED)
    write_atomically(Path(path), content.getvalue())


def load(path: str | Path) -> Trainer:
    """Open a session and return a trainer that continues it.

    Raises
    ------
    InputError
        Where the file is missing, damaged, no session, or of a newer format.
    """
    return trainer_from(path, load_state(path))


def trainer_from(path: str | Path, state: TrainerState, engine: str = "kernels") -> Trainer:
    """A trainer that continues ``state``, which was read from ``path``. Raises InputError where it does not fit its settings."""
    try:
        return Trainer(state.settings, engine, state)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except DAMAGE as error:
        raise _damaged(path, error) from None


def load_state(path: str | Path) -> TrainerState:
    """Read and check a session. Raises InputError as ``load`` does."""
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(path, archive)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from None
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: is not a whole session file (.rnnp): {error}") from None
    except InputError:
        raise
    except DAMAGE as error:
        raise _damaged(path, error) from None


def _damaged(path: str | Path, error: BaseException) -> InputError:
    return InputError(f"{path}: is damaged: {type(error).__name__}: {error}".splitlines()[0])


def history_csv(losses: np.ndarray) -> str:
    """``step,loss`` rows; of long runs every k-th update and all of the last 1,000."""
    return "step,loss\n" + "".join(f"{i + 1},{float(losses[i])!r}\n" for i in _thinned(len(losses), HISTORY_ROWS))


def _thinned(count: int, most: int) -> tuple[int, ...]:
    """Which of ``count`` entries are kept: at most ``most`` at equal distances, and all of the last EXACT_ROWS."""
    stride = max(1, math.ceil((count - EXACT_ROWS) / most))
    exact_from = max(0, count - EXACT_ROWS)
    return (*range(0, exact_from, stride), *range(exact_from, count))


def _state_as_json(state: TrainerState, is_curve_whole: bool) -> dict[str, Any]:
    kept = range(len(state.evaluations)) if is_curve_whole else _thinned(len(state.evaluations), EVALUATIONS)
    return {
        "format": FORMAT,
        "program": __version__,
        "step": state.step_count,
        "moment_count": state.moment_count,
        "optimizer_memory": state.optimizer_memory,
        "solved_at": state.solved_at,
        "random_states": state.random_states,
        "chunk_position": state.chunk_position,
        "stream_position": state.stream_position,
        "evaluations": [asdict(state.evaluations[i]) for i in kept],
        "marks": [{name: value for name, value in asdict(mark).items() if name != "change"} for mark in state.marks],
        "vocabulary": state.vocabulary,
    }


def _read(path: Path, archive: zipfile.ZipFile) -> TrainerState:
    infos = {info.filename: info for info in archive.infolist()}
    for name in MEMBERS:
        if name not in infos:
            raise InputError(f"{path}: is not a session file (.rnnp): {name} is missing in it")
    values = json.loads(_read_member(path, archive, infos["state.json"], MAX_TEXT_BYTES))
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise InputError(f"{path}: is not a session file (.rnnp): state.json has no format version")
    if values["format"] > FORMAT:
        raise InputError(f"{path}: has format {values['format']}, this program reads up to {FORMAT}: a newer version is needed to open it")
    text = _read_member(path, archive, infos["settings.toml"], MAX_SETTINGS_BYTES).decode("utf-8")
    try:
        settings = Settings.from_dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: is damaged: settings.toml: {error}") from None
    except InputError as error:
        raise InputError(f"{path}: settings.toml: {error}") from None
    vocabulary = dict(values["vocabulary"])
    parameters, moments, carried = _read_tensors(path, archive, infos["weights.safetensors"], settings, vocabulary)
    step = _whole(values["step"], MAX_STEPS)
    losses = _read_history(_read_member(path, archive, infos["history.csv"], MAX_TEXT_BYTES).decode("utf-8"), step)
    if WHOLE_LOSSES in infos:
        losses = _read_whole_losses(_read_member(path, archive, infos[WHOLE_LOSSES], 8 * MOST_WHOLE_UPDATES), step)
    solved_at = values["solved_at"]
    return TrainerState(
        settings=settings,
        parameters=parameters,
        moments=moments,
        moment_count=_whole(values["moment_count"], step),
        # Files of older versions have none.
        optimizer_memory={str(name): _finite(value) for name, value in values.get("optimizer_memory", {}).items()},
        step_count=step,
        random_states=_random_states(values),
        chunk_position=_whole(values.get("chunk_position", 0), MOST_UPDATES),
        stream_position=_whole(values.get("stream_position", 0), MAX_POSITION),
        carried=carried,
        losses=losses,
        evaluations=tuple(_evaluation(item, step) for item in values["evaluations"]),
        marks=tuple(_mark(item, step) for item in values["marks"]),
        solved_at=None if solved_at is None else _whole(solved_at, step),
        vocabulary=vocabulary,
    )


def _read_member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    if info.file_size > limit:
        raise InputError(f"{path}: is damaged: {info.filename} claims {info.file_size:,} bytes, at most {limit:,} can be right")
    return archive.read(info)


def _read_tensors(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, settings: Settings, vocabulary: dict[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]], np.ndarray | None]:
    slot_names = registry.optimizers()[settings.training.optimizer].slot_names
    dtype = np.dtype(settings.training.dtype)
    layout = _layout(path, settings, vocabulary)
    carried_shape = (layout.num_layers, layout.states, settings.training.batch_size, layout.hidden_size)
    count = (1 + len(slot_names)) * layout.parameter_count + settings.training.carry_state * math.prod(carried_shape)
    limit = count * dtype.itemsize + MAX_TENSOR_HEADER_BYTES
    tensors = load_tensors(_read_member(path, archive, info, limit))
    for name, value in tensors.items():
        if value.dtype != dtype or not np.isfinite(value).all():
            raise InputError(f"{path}: is damaged: {name} is not a finite array of {dtype}")
    carried = tensors.pop(CARRIED, None)
    if carried is not None and carried.shape != carried_shape:
        raise InputError(f"{path}: is damaged: {CARRIED} has shape {carried.shape}: it should be {carried_shape}")
    parameters = {name: value for name, value in tensors.items() if not name.startswith(MOMENT_PREFIX)}
    moments = {
        slot: {
            name.removeprefix(f"{MOMENT_PREFIX}{slot}."): value
            for name, value in tensors.items()
            if name.startswith(f"{MOMENT_PREFIX}{slot}.")
        }
        for slot in slot_names
    }
    return parameters, moments, carried


def _layout(path: Path, settings: Settings, vocabulary: dict[str, Any]) -> Layout:
    """The layout of the network; nothing of it is made."""
    try:
        return layout_for(settings.network, registry.tasks()[settings.task.name](settings.task.fields, vocabulary))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _random_states(values: Mapping[str, Any]) -> dict[str, Any]:
    """Of every stream of random numbers; format 1 had no "teaching", which nothing was drawn from."""
    states = values["random_states"]
    return {name: states[name] for name in STREAMS if values["format"] > 1 or name in states}


def _read_history(text: str, step: int) -> np.ndarray:
    """Losses of updates 1 … step; those left out of a long history take their predecessor's."""
    rows = list(csv.reader(io.StringIO(text)))[1:]
    steps = np.array([int(row[0]) for row in rows], dtype=np.int64)
    values = np.array([float(row[1]) for row in rows])
    if step == 0:
        return np.zeros(0)
    if len(steps) == 0 or steps[0] != 1 or steps[-1] != step or (np.diff(steps) <= 0).any() or not np.isfinite(values).all():
        raise ValueError("history.csv does not run from update 1 to the last with finite losses")
    return np.repeat(values, np.diff(np.append(steps, step + 1)))


def _read_whole_losses(content: bytes, step: int) -> np.ndarray:
    """Losses of updates 1 … step as they were."""
    losses = np.frombuffer(content, dtype="<f8").astype(np.float64)
    if len(losses) != step or not np.isfinite(losses).all():
        raise ValueError(f"{WHOLE_LOSSES} does not hold {step} finite losses")
    return losses


def _evaluation(item: Mapping[str, Any], step: int) -> Evaluation:
    metric = item["metric"]
    return Evaluation(
        _whole(item["step"], step),
        float(item["loss"]),
        Metric(str(metric["name"]), float(metric["value"]), str(metric["unit"]), bool(metric["is_higher_better"])),
        bool(item["is_solved"]),
    )


def _mark(item: Mapping[str, Any], step: int) -> Mark:
    # Files of older versions know no rewinding.
    return Mark(_whole(item["step"], step), str(item["label"]), bool(item.get("is_rewind", False)), str(item.get("short", "")))


def _whole(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is not a whole number from 0 to {most}")
    return value


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return float(value)
