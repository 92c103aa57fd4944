"""Compiling ahead: what is ready is marked, nothing is compiled later, and changed sources make another cache."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import compile as ahead
from core import kernel, registry
from core.compile import Combination, combination_for, likely_combinations
from core.losses import LOSSES
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TINY = ["rnn", "sgd", "squared_error", "float32"]
NAME = "-".join(TINY)


@pytest.fixture
def markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The markers go to a folder of the test's own; the kernels come from the shared cache."""
    monkeypatch.setattr(ahead, "kernel_cache_folder", lambda: tmp_path)
    return tmp_path / ahead.READY


def test_marker(markers: Path) -> None:
    combination = Combination(*TINY)
    assert combination.name == NAME and not combination.is_ready
    combination.compile()
    assert combination.is_ready and os.listdir(markers) == [NAME]
    assert not Combination("rnn", "sgd", "squared_error", "float64").is_ready
    combination.compile()
    assert combination.is_ready


def test_main(markers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ahead.main(TINY) == 0
    *progress, ready = capsys.readouterr().out.splitlines()
    shares = [float(line.removeprefix("progress ")) for line in progress]
    assert ready == f"ready {NAME}" and shares == sorted(set(shares)) and shares[0] > 0 and shares[-1] == 1
    assert os.listdir(markers) == [NAME]


def test_main_compiles_all_others_after_it(markers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is waited for first, then those that are likely, each once, and out of the way of other programs."""
    compiled: list[Combination] = []
    nice: list[int] = []

    def mark(combination: Combination, _wait_for_loop: object = None) -> Iterator[float]:
        compiled.append(combination)
        markers.mkdir(exist_ok=True)
        (markers / combination.name).touch()
        yield 1.0

    monkeypatch.setattr(Combination, "compiling", mark)
    monkeypatch.setattr(os, "nice", nice.append, raising=False)
    monkeypatch.setattr(ahead, "core_count", lambda: 1)
    assert ahead.main([*TINY, "--all"]) == 0
    assert compiled[0] == Combination(*TINY) and nice == [10]
    assert len(set(compiled)) == len(compiled) and set(compiled) == set(likely_combinations()) | {compiled[0]}
    assert capsys.readouterr().out.splitlines() == ["progress 1.00", *(f"ready {combination.name}" for combination in compiled)]


def test_the_second_process_compiles_what_the_first_then_loads(tmp_path: Path) -> None:
    """The training loop: the process that runs it afterwards compiles none of that itself."""
    environment = os.environ | {"RNN_PLAYGROUND_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "core.compile", *TINY, "--loop"]
    subprocess.run(command, env=environment, check=True, timeout=300)
    names = {path.name.partition("-")[0] for path in tmp_path.rglob("*.nbi")}
    for name in ("training_kernel.train", "part_gradient.part_gradient", "part_gradient.pack_weights", "head_gradient.head_gradient"):
        assert name in names
    assert not (markers_in(tmp_path))
    program = (
        "from core.compile import Combination; from core.kernels import training_kernel, part_gradient, head_gradient; "
        f"Combination(*{list(TINY)!r}).compile(); "
        "kernels = training_kernel.train, part_gradient.part_gradient, part_gradient.pack_weights, head_gradient.head_gradient; "
        "print([sum(kernel.stats.cache_misses.values()) for kernel in kernels])"
    )
    said = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True, timeout=300)
    assert said.stdout.strip() == "[0, 0, 0, 0]"
    assert len(markers_in(tmp_path)) == 1


def markers_in(folder: Path) -> list[Path]:
    return list(folder.rglob("ready/*"))


def test_main_does_without_a_second_process_that_fails(
    markers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    start = subprocess.Popen

    def failing(command: list[str], **more: object) -> object:
        started.append(command)
        return start([sys.executable, "-c", "raise SystemExit(3)"])

    monkeypatch.setattr(ahead, "core_count", lambda: 2)
    monkeypatch.setattr(ahead.subprocess, "Popen", failing)
    assert ahead.main([*TINY]) == 0
    assert started and started[0][-1] == "--loop"
    assert capsys.readouterr().out.splitlines()[-1] == f"ready {Combination(*TINY).name}"


@pytest.mark.parametrize("place", range(4))
def test_main_refuses_what_there_is_not(markers: Path, capsys: pytest.CaptureFixture[str], place: int) -> None:
    arguments = list(TINY)
    arguments[place] = "nonsense"
    assert ahead.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and "'nonsense': must be one of" in captured.err
    assert not markers.exists()


def test_likely_combinations() -> None:
    likely = list(likely_combinations())
    losses = {task.loss for task in registry.tasks().values()}
    assert losses <= set(LOSSES)
    assert len(set(likely)) == len(likely) == len(registry.cells()) * len(registry.optimizers()) * len(losses)
    # A person begins with the optimizer of the defaults.
    first = likely[: len(registry.cells()) * len(losses)]
    assert {combination.optimizer for combination in first} == {Settings().training.optimizer}


def test_combination_of_settings(settings: Settings) -> None:
    chosen = settings.with_changes({"network.cell": "gru", "training.optimizer": "momentum", "training.dtype": "float64"})
    assert combination_for(chosen) == Combination("gru", "momentum", "squared_error", "float64")


RUN = """
import json
from core import kernel, registry
from core.compile import Combination, combination_for
from core.sampling import Sampling
from core.settings import Settings
from core.trainer import Trainer
from tests.core.samples import echo_task

registry.tasks()["echo"] = echo_task()
SETTINGS = [Settings().with_changes({"network.hidden_size": 20, "training.batch_size": 3, **changes}) for changes in (
    *({"task.name": "echo", "network.cell": cell, "network.num_layers": 2, "network.dropout": 0.2} for cell in registry.cells()),
    {"task.name": "echo", "network.bidirectional": True},
    {"task.name": "echo", "network.peepholes": True, "training.optimizer": "hessian_free"},
    {"task.name": "embedded_reber", "network.cell": "gru"},
    {"task.name": "prices", "training.carry_state": True},
    {"task.name": "translation", "training.teacher_forcing": 0.5, "network.num_layers": 2, "network.dropout": 0.2},
    {"task.name": "captioning", "network.cell": "rnn", "training.teacher_forcing": 0.5},
    {"task.name": "captioning", "network.cell": "rnn", "training.optimizer": "hessian_free"},
    {"task.name": "captioning", "training.optimizer": "lbfgs"},
)]

def specializations():
    return sum(len(function.signatures) for function in kernel._compiled)

# One after the other: what an earlier one has compiled must not hide what a later one lacks, so those that write come first.
lacking = {}
for settings in reversed(SETTINGS):
    combination = combination_for(settings)
    combination.compile()
    before = specializations()
    trainer = Trainer(settings)
    trainer.train(2)
    if settings.task.name == "echo":
        for seq_len in (9, 4, 12, 2):
            trainer.apply({"task.seq_len": seq_len, "training.truncate": seq_len // 2, "training.weight_decay": 0.01})
            trainer.train_to(trainer.step_count + 2)
    trainer.evaluate()
    trainer.snapshot()
    trainer.answer("1,2" if settings.task.name == "echo" else trainer.task.input_example, Sampling(1, 0.5))
    lacking[f"{settings.task.name} {combination.name}"] = specializations() - before
print(json.dumps(lacking))
"""


def test_nothing_is_compiled_later() -> None:
    """After the smallest of runs all kernels are there that any other run needs, whatever its sizes: else the window would stall."""
    # That they are compiled, if need be, before the count.
    found = subprocess.run([sys.executable, "-W", "error", "-c", RUN], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert set(json.loads(found.stdout).values()) == {0}, found.stdout


@pytest.fixture
def copied_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources, on which the cache's key is made."""
    folder = tmp_path / "core"
    shutil.copytree(ROOT / "core", folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kernel, "__file__", str(folder / "kernel.py"))
    return folder


def fresh_key() -> str:
    """The key that a process begun now would make."""
    return kernel.cache_key.__wrapped__()


def test_key_of_the_same_sources(copied_sources: Path) -> None:
    assert kernel.cache_key() == kernel.kernel_cache_folder().name
    here = fresh_key()
    (copied_sources / "settings.py").write_text("# no kernel in it\n")
    assert fresh_key() == here


def test_key_of_a_second_checkout(copied_sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba files kernels by the path of their source, so the same sources elsewhere would not find them."""
    second = copied_sources.with_name("second")
    shutil.copytree(copied_sources, second)
    first = fresh_key()
    monkeypatch.setattr(kernel, "__file__", str(second / "kernel.py"))
    assert fresh_key() != first


def test_key_stays_while_the_process_runs(copied_sources: Path) -> None:
    """The kernels in memory are those of the sources it began with."""
    kernel.cache_key.cache_clear()
    try:
        before = kernel.cache_key()
        with open(copied_sources / "kernel.py", "a", encoding="utf-8") as file:
            file.write("# changed\n")
        assert kernel.cache_key() == before != fresh_key()
    finally:
        kernel.cache_key.cache_clear()


@pytest.mark.parametrize(
    "source",
    [
        "kernel.py",
        "activations.py",
        "kernels/vectors.py",
        "kernels/instruction_set.py",
        "kernels/atomics.py",
        "kernels/matrix_products.py",
        "kernels/products.py",
        "kernels/training_kernel.py",
        "head.py",
        "losses.py",
        "optimizer.py",
        "cells/gru_kernels.py",
        "cells/lstm_kernels.py",
        "optimizers/adam.py",
    ],
)
def test_key_changes_with_every_kernel_source(copied_sources: Path, source: str) -> None:
    before = fresh_key()
    with open(copied_sources / source, "a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert fresh_key() != before


def test_every_source_with_kernels_is_known() -> None:
    """A file that compiles, or is compiled into another's kernels, has to be part of the key."""
    known = {path.relative_to(ROOT).as_posix() for path in kernel._kernel_sources()}
    using = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "core").rglob("*.py")
        if any(mark in path.read_text(encoding="utf-8") for mark in ("@kernel", "choose_by_precision(", "numba"))
    }
    assert using - {"core/cell.py", "core/compile.py"} <= known


def test_key_changes_with_the_compiler_and_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fresh_key()
    binding = kernel.llvmlite.binding
    facts = [(kernel.numba, "__version__", "0.0.0"), (kernel.llvmlite, "__version__", "0.0.0")]
    facts += [(binding, "get_host_cpu_name", lambda: "other"), (binding, "get_host_cpu_features", lambda: binding.FeatureMap())]
    for owner, name, other in facts:
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, other)
            assert fresh_key() != before
    assert fresh_key() == before


def test_old_caches_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are kept, for a checkout beside this one; never the one in use."""
    monkeypatch.setattr(kernel, "cache_folder", lambda: tmp_path)
    for age in range(6):
        folder = tmp_path / "kernels" / f"old{age}"
        folder.mkdir(parents=True)
        (folder / "kernel.nbi").write_text("x")
        os.utime(folder, (1_000_000 - age, 1_000_000 - age))
    cache_dir = kernel.numba.config.CACHE_DIR
    try:
        kernel._prepare_cache()
        assert Path(kernel.numba.config.CACHE_DIR) == kernel.kernel_cache_folder()
    finally:
        kernel.numba.config.CACHE_DIR = cache_dir
    left = set(os.listdir(tmp_path / "kernels"))
    assert left == {kernel.cache_key(), *(f"old{age}" for age in range(kernel.KEPT_CACHES - 1))}
    assert kernel.kernel_cache_folder().stat().st_mode & 0o777 == 0o700


def test_caches_of_versions_at_work_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are: another one may be compiling into its own right now."""
    monkeypatch.setattr(kernel, "cache_folder", lambda: tmp_path)
    names = {f"other{k}" for k in range(6)}
    for name in names:
        (tmp_path / "kernels" / name).mkdir(parents=True)
    cache_dir = kernel.numba.config.CACHE_DIR
    try:
        kernel._prepare_cache()
    finally:
        kernel.numba.config.CACHE_DIR = cache_dir
    assert set(os.listdir(tmp_path / "kernels")) == {kernel.cache_key(), *names}


def test_kernels_release_the_lock() -> None:
    """Training beside the window: a kernel that held Python's lock would freeze it. And no test for NaN is optimised away."""
    assert kernel._compiled
    for compiled in kernel._compiled:
        assert compiled.targetoptions["nogil"] is True
        assert not {"nnan", "ninf", "fast"} & set(compiled.targetoptions["fastmath"])
