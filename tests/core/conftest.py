"""What the tests of the core are repeated over, read from the registries: a new cell or optimizer is tested by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import cli, registry
from core.command_line import EXIT_DONE
from core.losses import LOSSES
from core.settings import Settings
from core.trainer import Trainer
from tests.core.commands import SMALL, Result
from tests.core.runs import saved
from tests.core.samples import TOPOLOGIES, EchoTask, echo_task, few_variants

REPEATED: dict[str, Callable[[], list[Any]]] = {
    "variant": few_variants,
    "cell_name": lambda: list(registry.cells()),
    "optimizer_name": lambda: list(registry.optimizers()),
    "first_order_name": lambda: [name for name, optimizer in registry.optimizers().items() if not optimizer.is_second_order],
    "second_order_name": lambda: [name for name, optimizer in registry.optimizers().items() if optimizer.is_second_order],
    "loss_name": lambda: list(LOSSES),
    "topology": lambda: list(TOPOLOGIES),
    "dtype": lambda: ["float32", "float64"],
    "engine": lambda: ["kernels", "numpy"],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a test over everything that its arguments are named after."""
    for name, values in REPEATED.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values(), ids=str)


@pytest.fixture
def register_echo(monkeypatch: pytest.MonkeyPatch) -> Callable[..., type[EchoTask]]:
    """Put the hand-made task among the tasks, with the topology and loss that are asked for."""

    def register(topology: str = "sequence_to_vector", loss: str = "squared_error") -> type[EchoTask]:
        task = echo_task(topology, loss)
        monkeypatch.setitem(registry.tasks(), "echo", task)
        return task

    register()
    return register


@pytest.fixture
def settings(register_echo: object) -> Settings:
    """A small and fast run on the hand-made task."""
    return Settings.from_dict(
        {"task": {"name": "echo"}, "network": {"hidden_size": 5}, "training": {"batch_size": 4, "learning_rate": 0.01, "seed": 7}}
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A session file, not made yet, in a folder of its own."""
    return tmp_path / "run.rnnp"


@pytest.fixture
def trainer(settings: Settings) -> Trainer:
    """A run of some length, with all that a session file can hold."""
    trainer = Trainer(settings.with_changes({"network.hidden_size": 2, "training.optimizer": "adam"}))
    trainer.train_to(55)
    trainer.apply({"training.learning_rate": 0.02})
    trainer.train_to(60)
    return trainer


@pytest.fixture
def content(trainer: Trainer, path: Path) -> bytes:
    """The bytes of the session file ``path`` that the run was saved to."""
    return saved(trainer, path).read_bytes()


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], register_echo: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Call a command in an empty folder of its own."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def call(*arguments: object) -> Result:
        capsys.readouterr()
        try:
            code = cli.main([str(argument) for argument in arguments])
        except SystemExit as exit_of_parser:
            assert isinstance(exit_of_parser.code, int)
            code = exit_of_parser.code
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def trained(run: Callable[..., Result], tmp_path: Path) -> Path:
    """The session of a command that trained a little."""
    assert run("train", *SMALL, "--steps", 5, "--quiet", "--out", tmp_path / "out").code == EXIT_DONE
    return tmp_path / "out" / "session.rnnp"
