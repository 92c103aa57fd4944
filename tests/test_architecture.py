"""The house rules that a reader may rely on, each shown to catch an offender."""

import ast
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {"core", "gui", "assets", "tests", "packaging"}
ROOT_FILES = {"pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile"}
HIDDEN = {".ci", ".github", ".gitignore", ".gitattributes", ".editorconfig", ".pre-commit-config.yaml"}

WINDOW = {"PySide6", "shiboken6", "pyqtgraph", "gui"}
THREADS = {"threading", "_thread", "asyncio", "concurrent"}
CLOCKS = {"time", "datetime", "sched"}
PICKLES = {"pickle", "shelve", "marshal", "dill", "joblib"}
JIT = {"jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil", "jit_module"}
SEEDED = {"default_rng", "Generator", "BitGenerator", "SeedSequence", "PCG64", "PCG64DXSM", "Philox", "SFC64", "MT19937"}

# These commands report how long runs took; the mathematics below it knows no clock.
MAY_START_A_THREAD = "core/assistant.py"
MAY_READ_CLOCK = {"core/train_command.py", "core/compare_command.py", "core/runs_command.py"}
# The worker runs the network, the self-test checks it, the application imports the compiler before Qt; everything else in the
# window only shows what they report.
MAY_RUN_NETWORK = {"gui/worker.py", "gui/self_test.py", "gui/app.py"}
NETWORK = {"core.cells", "core.network", "core.layout", "core.kernel_engine", "core.kernel", "core.optimizers"}
NETWORK |= {"core.reference_engine", "core.reference_forward", "core.reference_backward"}
# What trains, keeps or commands a run.
RUNS = {"gui.worker", "gui.commanded_thread", "core.trainer", "core.training_loop", "core.session"}

Rule = Callable[[str, ast.Module], Iterator[str]]


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` for an attribute chain, "" for anything else."""
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return node.id if isinstance(node, ast.Name) else ""


def imported_names(path: str, tree: ast.Module) -> Iterator[str]:
    """Everything that a file imports, in full: ``from core import trainer`` gives core and core.trainer."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.removesuffix(".py").split("/")[: -node.level] if node.level else []
            module = ".".join([*package, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _is_within(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _forbid(path: str, tree: ast.Module, modules: set[str]) -> Iterator[str]:
    yield from (f"{path} imports {name}" for name in imported_names(path, tree) if _is_within(name, modules))


def core_knows_no_window_and_no_thread(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("core/"):
        yield from _forbid(path, tree, WINDOW if path == MAY_START_A_THREAD else WINDOW | THREADS)


def core_reads_no_clock(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("core/") and path not in MAY_READ_CLOCK:
        yield from _forbid(path, tree, CLOCKS)


def nothing_is_pickled(path: str, tree: ast.Module) -> Iterator[str]:
    yield from _forbid(path, tree, PICKLES)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and getattr(node.value, "value", None) is not False:
            yield f"{path}:{node.value.lineno} allows pickles"


def randomness_comes_from_a_seed(path: str, tree: ast.Module) -> Iterator[str]:
    """No hidden generator: neither the library's global one, nor one seeded by the system."""
    for name in imported_names(path, tree):
        module, _, member = name.rpartition(".")
        if _is_within(name, {"random", "secrets"}) or (module == "numpy.random" and member not in SEEDED):
            yield f"{path} imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module, _, member = _dotted(node).rpartition(".")
            if module in ("np.random", "numpy.random") and member not in SEEDED:
                yield f"{path}:{node.lineno} uses the global {module}.{member}"
        is_call = isinstance(node, ast.Call) and not node.args and not node.keywords
        if is_call and _dotted(node.func).rpartition(".")[2] in SEEDED - {"Generator", "BitGenerator"}:
            yield f"{path}:{node.lineno} draws without a seed"


def panels_only_show(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("gui/panels/"):
        yield from _forbid(path, tree, RUNS | THREADS)


def window_does_no_mathematics_of_the_network(path: str, tree: ast.Module) -> Iterator[str]:
    if path.startswith("gui/") and path not in MAY_RUN_NETWORK:
        yield from _forbid(path, tree, NETWORK | {"numba"})


def one_file_compiles(path: str, tree: ast.Module) -> Iterator[str]:
    if path == "core/kernel.py":
        return
    used = [*imported_names(path, tree), *(_dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))]
    yield from (f"{path} uses {name}" for name in used if name.split(".")[0] in ("numba", "nb") and name.split(".")[-1] in JIT)


def qt_check_needs_no_qt(path: str, tree: ast.Module) -> Iterator[str]:
    """What must run before Qt is imported may not import it."""
    if path in ("gui/__init__.py", "gui/system_libraries.py"):
        yield from _forbid(path, tree, WINDOW)


def registered(folder: str, export: str) -> set[str]:
    """Names of the files of ``folder`` that export ``export``; a cell, task or optimizer has the name of its file."""
    names = set()
    for path in (ROOT / folder).glob("*.py"):
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        targets = [target for statement in statements if isinstance(statement, ast.Assign) for target in statement.targets]
        targets += [statement.target for statement in statements if isinstance(statement, ast.AnnAssign)]
        if export in map(_dotted, targets):
            names.add(path.stem)
    return names


CELLS = registered("core/cells", "CELL")
OPTIMIZERS = registered("core/optimizers", "OPTIMIZER")
TASKS = registered("core/tasks", "TASK")


def _constants(node: ast.AST) -> set[object]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}


def _is_asked_by_name(subject: str, constants: set[object]) -> bool:
    """Whether comparing ``subject`` with ``constants`` tells one registered thing from another."""
    if constants & (CELLS | OPTIMIZERS):
        return True
    # Names of tasks are everyday words ("copy"), so for them the subject has to say that it is a task.
    return bool(constants & TASKS) and ("task" in subject or subject.split(".")[-1] == "name")


def registered_things_are_not_told_apart(path: str, tree: ast.Module) -> Iterator[str]:
    """Adding a cell, a task or an optimizer touches one file: no other file asks for it by name."""
    own = Path(path).stem
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            pairs = [(ast.unparse(subject), _constants(other)) for subject in sides for other in sides if other is not subject]
        elif isinstance(node, ast.Match):
            pairs = [(ast.unparse(node.subject), _constants(case.pattern)) for case in node.cases]
        else:
            continue
        if any(_is_asked_by_name(subject, constants - {own}) for subject, constants in pairs):
            yield f"{path}:{node.lineno} asks for a registered thing by its name"


def code() -> list[Path]:
    return sorted(path for folder in ("core", "gui") for path in (ROOT / folder).rglob("*.py"))


OFFENDERS: list[tuple[Rule, str, str]] = [
    (core_knows_no_window_and_no_thread, "core/trainer.py", "from PySide6.QtCore import QObject"),
    (core_knows_no_window_and_no_thread, "core/trainer.py", "def show():\n    import gui.app"),
    (core_knows_no_window_and_no_thread, "core/tasks/adding.py", "import threading"),
    (core_knows_no_window_and_no_thread, "core/assistant.py", "from PySide6.QtCore import QThread"),
    (core_reads_no_clock, "core/trainer.py", "from time import perf_counter"),
    (core_reads_no_clock, "core/session.py", "import datetime as when"),
    (nothing_is_pickled, "core/session.py", "import pickle"),
    (nothing_is_pickled, "core/session.py", "import numpy as np\nnp.load('a.npz', allow_pickle=True)"),
    (randomness_comes_from_a_seed, "core/tasks/adding.py", "import random"),
    (randomness_comes_from_a_seed, "core/tasks/adding.py", "import numpy as np\nx = np.random.rand(3)"),
    (randomness_comes_from_a_seed, "core/tasks/adding.py", "from numpy.random import seed"),
    (randomness_comes_from_a_seed, "core/tasks/adding.py", "import numpy as np\nrng = np.random.default_rng()"),
    (panels_only_show, "gui/panels/loss.py", "from gui.worker import Worker"),
    (panels_only_show, "gui/panels/loss.py", "from core import trainer"),
    (panels_only_show, "gui/panels/loss.py", "from ..worker import Worker"),
    (window_does_no_mathematics_of_the_network, "gui/main_window.py", "from core.cells.lstm import step"),
    (window_does_no_mathematics_of_the_network, "gui/panels/gates.py", "from core.network import Network"),
    (one_file_compiles, "core/losses.py", "from numba import njit"),
    (one_file_compiles, "core/losses.py", "import numba\n@numba.njit\ndef f(): ..."),
    (qt_check_needs_no_qt, "gui/system_libraries.py", "import PySide6"),
    (registered_things_are_not_told_apart, "core/network.py", "if cell == 'lstm': ..."),
    (registered_things_are_not_told_apart, "core/network.py", "has_state = kind in ('rnn', 'gru')"),
    (registered_things_are_not_told_apart, "gui/controls/form.py", "match name:\n    case 'adam': ..."),
    (registered_things_are_not_told_apart, "gui/panels/prediction.py", "if settings.task.name != 'adding': ..."),
    (registered_things_are_not_told_apart, "core/cells/gru.py", "if cell == 'lstm': ..."),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in OFFENDERS))

ALLOWED: list[tuple[Rule, str, str]] = [
    (core_reads_no_clock, "core/train_command.py", "import time"),
    (core_reads_no_clock, "core/compare_command.py", "import time"),
    (core_reads_no_clock, "core/trainer.py", "from core.timeline import Timeline"),
    (randomness_comes_from_a_seed, "core/tasks/adding.py", "import numpy as np\nrng: np.random.Generator = np.random.default_rng(3)"),
    (panels_only_show, "gui/main_window.py", "from gui.worker import Worker"),
    (window_does_no_mathematics_of_the_network, "gui/worker.py", "from core.network import Network"),
    (core_knows_no_window_and_no_thread, "core/assistant.py", "import threading"),
    (one_file_compiles, "core/kernels/matrix_products.py", "from numba.extending import intrinsic"),
    (registered_things_are_not_told_apart, "core/cells/lstm.py", "if cell == 'lstm': ..."),
    (registered_things_are_not_told_apart, "gui/menu.py", "if action == 'copy': ..."),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    files = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in code()}
    assert len(files) > 20
    assert [offence for path, tree in files.items() for offence in rule(path, tree)] == []


@pytest.mark.parametrize(("rule", "path", "snippet"), OFFENDERS)
def test_rule_catches_offender(rule: Rule, path: str, snippet: str) -> None:
    assert list(rule(path, ast.parse(snippet)))


@pytest.mark.parametrize(("rule", "path", "snippet"), ALLOWED)
def test_rule_lets_pass(rule: Rule, path: str, snippet: str) -> None:
    assert not list(rule(path, ast.parse(snippet)))


def test_registries_are_read() -> None:
    assert {"rnn", "lstm", "gru"} <= CELLS
    assert {"sgd", "momentum", "adam"} <= OPTIMIZERS
    assert {"adding", "copy", "completion", "sentiment", "prices"} <= TASKS


def strays(files: list[str]) -> set[str]:
    """What stands at the top level outside the layout."""
    return {file.split("/")[0] for file in files} - ROOMS - ROOT_FILES - HIDDEN


def test_top_level_is_the_layout() -> None:
    git = shutil.which("git")
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True) if git else None
    if listing is None or listing.returncode:
        pytest.skip("not a git checkout: what belongs to the project can't be told from what was made here")
    assert strays([file for file in listing.stdout.split("\0") if file]) == set()


def test_stray_is_caught() -> None:
    assert strays(["core/a.py", "utils/b.py", "notes.txt", "Makefile"]) == {"utils", "notes.txt"}


def test_packaging_is_no_python_package() -> None:
    """It would stand before the library of that name for everything started from the root."""
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_assets_are_data() -> None:
    assert list((ROOT / "assets").rglob("*.py")) == []
