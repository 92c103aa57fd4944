"""Bad files of a person's own: one clear line or arrays that can be trained on, never a traceback, a hang or gigabytes."""

import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core import own_data, registry
from core.errors import InputError
from core.fields import fields_of
from core.presets import preset_ids
from core.readers import records, text
from core.readers.table import read_table
from core.settings import Settings
from core.trainer import Trainer

ANY_FILE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
FEW_FILES = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
TAKERS = {name: fields_of(task.Settings)["file"].suffixes for name, task in registry.tasks().items() if "file" in fields_of(task.Settings)}
SMALL = {"network.hidden_size": 4, "training.batch_size": 3}


def settings_with(task: str, path: Path) -> Settings:
    base = Settings.preset(task) if task in preset_ids() else Settings().with_changes({"task.name": task})
    return base.with_changes({**SMALL, "task.file": str(path)})


def is_usable(task: str, path: Path) -> bool:
    """Whether ``task`` can be made with the file; its data are then finite. A refusal must be one line that names the file."""
    wanted = settings_with(task, path)
    own_data.recognise(wanted)
    try:
        made = registry.tasks()[task](wanted.task.fields)
        batch = made.sample(np.random.default_rng(0), 3)
        assert np.isfinite(made.baseline_loss)
    except InputError as error:
        assert len(str(error).splitlines()) == 1 and " ".join(path.name.splitlines()) in str(error)
        return False
    assert np.isfinite(batch.inputs).all() and np.isfinite(batch.targets).all() and batch.size == 3
    return True


def train_a_little(task: str, path: Path) -> None:
    trainer = Trainer(settings_with(task, path), "numpy")
    losses = trainer.train(2)
    assert trainer.divergence is not None or np.isfinite(losses).all()


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


SERIES = "day,value\n" + "".join(f"2026-01-{k + 1:02d},{(k * 7) % 11 + k / 10}\n" for k in range(28))
REVIEWS = "text,label\n" + "".join(f"this film was really number {k},{'good' if k % 2 else 'bad'}\n" for k in range(30))
BAD = {
    "empty": b"",
    "blank lines": b"\n \n\t\n",
    "only a mark": b"\xef\xbb\xbf",
    "a UTF-16 mark": b"\xff\xfe",
    "half a UTF-16 character": b"\xff\xfe\x41",
    "zero bytes": b"\0" * 500,
    "a zero byte in a table": SERIES.replace("2026-01-05", "2026\0").encode(),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 4,
    "only a header": b"day,value\n",
    "one row": b"day,value\n2026-01-01,5\n",
    "one cell": b"5",
    "only dates": b"day\n" + b"".join(b"2026-01-%02d\n" % k for k in range(1, 29)),
    "a constant column": b"value\n" + b"5\n" * 60,
    "equal steps": b"value\n" + "".join(f"{2 * k}\n" for k in range(60)).encode(),
    "mixed types": b"value\n" + b"1\nx\n2\ny\n" * 20,
    "huge and tiny": b"value\n" + b"1e308\n-1e308\n1e-308\n" * 20,
    "beyond numbers": b"value\n" + b"1e999\nnan\ninf\n3\n" * 20,
    "one class": b"text,label\n" + b"a good film,good\n" * 40,
    "a class for each row": ("text,label\n" + "".join(f"a good film,{k}x\n" for k in range(200))).encode(),
    "a quote left open": SERIES.replace("2026-01-03", '"2026-01-03').encode(),
    "a quote left open in a long table": b'a,b\n"x' + b"y,1\n" * 60_000,
    "ragged": b"a,b\n1,2\n3,4,5\n" * 20,
    "a delimiter that is none": b"sep=\n1,2\n",
    "a delimiter of two": b"sep=ab\n1,2\n",
    "a header of numbers": b"2020,2021\n" + b"1,2\n3,5\n" * 30,
    "nothing but commas": b",,,\n" * 50,
    "wrong encoding": "Grüße,1\n".encode("utf-16-le") + SERIES.encode(),
    "controls": bytes(range(1, 32)) * 20,
    "a long line without spaces": b"x" * 300_000,
    "text": b"the rain in spain stays mainly in the plain. " * 30,
    "series": SERIES.encode(),
    "reviews": REVIEWS.encode(),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("task", TAKERS)
def test_bad_files_are_refused_or_trained_on(tmp_path: Path, task: str, content: bytes) -> None:
    for suffix in TAKERS[task]:
        path = written(tmp_path, f"mine{suffix}", content)
        if is_usable(task, path) and suffix == TAKERS[task][0]:
            train_a_little(task, path)


@pytest.mark.parametrize("task", TAKERS)
def test_what_is_no_readable_file_is_refused(tmp_path: Path, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suffix = TAKERS[task][0]
    folder = tmp_path / f"folder{suffix}"
    folder.mkdir()
    assert not is_usable(task, folder)
    assert not is_usable(task, tmp_path / f"nowhere{suffix}")
    locked = written(tmp_path, f"locked{suffix}", SERIES)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(locked))

    # As root no file is locked.
    monkeypatch.setattr(os, "open", refuse)
    assert not is_usable(task, locked)


@pytest.mark.skipif(os.name == "nt", reason="Windows permits no such names")
@pytest.mark.parametrize("name", ['it\'s "mine"', "two\nlines", "a;b,c", "naïve 日本", "  ", "%s{0}"])
def test_any_name_of_a_file_will_do(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"{name}.csv", SERIES)
    assert is_usable("prices", path)
    assert not is_usable("prices", written(tmp_path, f"{name}x.csv", "a,b\n1,2\n"))


@ANY_FILE
@given(data=st.binary(max_size=300))
@example(data=b"\xff\xfe\x00")
@example(data=b"sep=\x00\n1\x002")
def test_any_bytes_are_refused_or_read(tmp_path: Path, data: bytes) -> None:
    for task, suffixes in TAKERS.items():
        is_usable(task, written(tmp_path, f"any{suffixes[0]}", data))


WORDS = st.sampled_from(
    ["good", "bad film", "0", "1", "", "NA", "2026-01-02", "3,5", "3.5", "1e9", "-", '"', "'", "a;b", "é", "\u2028", "x" * 50]
)
TABLES = st.tuples(
    st.lists(st.lists(WORDS, min_size=2, max_size=3), min_size=10, max_size=40),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)


@ANY_FILE
@given(TABLES)
def test_any_table_is_refused_or_read(tmp_path: Path, made: tuple[list[list[str]], str, str]) -> None:
    rows, delimiter, end = made
    path = written(tmp_path, "any.csv", end.join(delimiter.join(row) for row in rows))
    for task, suffixes in TAKERS.items():
        if ".csv" in suffixes:
            is_usable(task, path)


@FEW_FILES
@given(
    values=st.lists(st.floats(-1e12, 1e12).map(lambda value: f"{value:.4g}") | st.just(""), min_size=25, max_size=40),
    labels=st.lists(st.sampled_from(["good", "bad", "so so"]), min_size=40, max_size=40),
)
def test_what_is_read_can_be_trained_on(tmp_path: Path, values: list[str], labels: list[str]) -> None:
    series = written(tmp_path, "series.csv", "n,value\n" + "".join(f"{k}x,{value}\n" for k, value in enumerate(values)))
    reviews = written(
        tmp_path, "reviews.csv", "text,label\n" + "".join(f"a film of {k} {label},{label}\n" for k, label in enumerate(labels))
    )
    for task, path in (("prices", series), ("sentiment", reviews)):
        if is_usable(task, path):
            train_a_little(task, path)


# Too large


@pytest.mark.parametrize("line_end", [b"\n", b""])
def test_a_million_columns_are_refused_at_once(tmp_path: Path, line_end: bytes) -> None:
    path = written(tmp_path, "wide.csv", b",".join([b"1"] * 1_000_000) + line_end + b",".join([b"2"] * 1_000_000))
    tracemalloc.start()
    with pytest.raises(InputError, match=r"has [12],\d{3},\d{3} columns, at most 1,000 can be read"):
        read_table(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6
    assert own_data.tasks_for(str(path))


def test_a_wide_header_over_short_rows_takes_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MOST_CELLS", 2_000_000)
    path = written(tmp_path, "ragged.csv", ",".join(f"c{k}" for k in range(1000)) + "\n" + "1\n" * 100_000)
    tracemalloc.start()
    with pytest.raises(InputError, match="has more than 2 million cells, the most that can be read"):
        read_table(str(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_too_large_a_file_is_not_read(tmp_path: Path) -> None:
    for task, suffixes in TAKERS.items():
        path = tmp_path / f"huge{suffixes[0]}"
        with open(path, "wb") as file:
            file.truncate(text.MAX_BYTES + 1)
        with pytest.raises(InputError, match="larger than 50 MB, the most that can be read"):
            registry.tasks()[task](settings_with(task, path).task.fields)
