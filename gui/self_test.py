"""``rnn-playground self-test``: checks this installation, from the kernels to a drawn window."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core import command_line, registry, session
from core.kernel import compiled_count
from core.settings import Settings
from core.trainer import Trainer
from gui.platform_check import exit_code_without_qt

TOLERANCE = 1e-4
EXIT_FAILED = 1


class CheckFailedError(Exception):
    """What a check found wrong."""


def main(arguments: Sequence[str]) -> int:
    """Run every check; exit code 0 if all hold, else 1."""
    parser = command_line.OneLineParser(prog="rnn-playground self-test", description="Check this installation.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments[1:])
    return command_line.guarded(lambda: _run_checks(options.json))


def _run_checks(is_json: bool) -> int:
    checks: dict[str, Callable[[], str]] = {
        f"{name}: kernels equal the NumPy step": lambda name=name: _check_kernels(name)  # type: ignore[misc]
        for name in registry.cells()
    }
    checks |= {"training learns": _check_training, "a session goes on bit for bit": _check_session, "the window draws": _check_window}
    results: dict[str, dict[str, object]] = {}
    for name, check in checks.items():
        try:
            results[name] = {"ok": True, "shown": check()}
        except Exception as error:
            # Whatever a broken installation raises is a finding, and the other checks go on.
            results[name] = {"ok": False, "shown": str(error) or type(error).__name__}
        if not is_json:
            print(f"{'ok    ' if results[name]['ok'] else 'FAILED'}  {name}: {results[name]['shown']}", flush=True)
    is_ok = all(result["ok"] for result in results.values())
    if is_json:
        print(json.dumps({"ok": is_ok, "compiled_kernels": compiled_count(), "checks": results}))
    else:
        print("This installation works." if is_ok else "This installation has a fault.", file=sys.stdout if is_ok else sys.stderr)
    return command_line.EXIT_DONE if is_ok else EXIT_FAILED


def _require(is_right: bool, otherwise: str) -> None:
    """Raise what is wrong. No ``assert``: Python leaves those out when it is asked to optimise."""
    if not is_right:
        raise CheckFailedError(otherwise)


def _small_settings(cell: str) -> Settings:
    return Settings.preset("adding").with_changes({"network.cell": cell, "network.hidden_size": 8, "task.seq_len": 10})


def _check_kernels(cell: str) -> str:
    """Gradients of a whole batch, kernels against the readable step, float32."""
    fast, readable = (Trainer(_small_settings(cell), engine).network for engine in ("kernels", "numpy"))
    batch = Trainer(_small_settings(cell), "numpy").task.sample(np.random.default_rng(1), 4)
    (fast_loss, fast_gradients), (loss, gradients) = fast.loss_and_gradients(batch), readable.loss_and_gradients(batch)
    size = max(float(np.abs(value).max()) for value in gradients.values())
    worst = max(float(np.abs(fast_gradients[name] - gradients[name]).max()) for name in gradients) / size
    _require(abs(fast_loss - loss) < TOLERANCE and worst < TOLERANCE, f"gradients differ by {worst:.1e}")
    return f"largest difference {worst:.1e} of the gradient"


def _check_training() -> str:
    trainer = Trainer(_small_settings("gru").with_changes({"training.learning_rate": 0.01}))
    losses = trainer.train(600)
    early, late = float(losses[:50].mean()), float(losses[-50:].mean())
    _require(late < 0.5 * early, f"the loss went from {early:.3f} to {late:.3f}")
    return f"loss {early:.3f} → {late:.3f} in 600 updates"


def _check_session() -> str:
    straight, saved = Trainer(_small_settings("lstm")), Trainer(_small_settings("lstm"))
    straight.train(30)
    saved.train(20)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "check.rnnp"
        session.save(path, saved.state())
        resumed = session.load(path)
    resumed.train(10)
    _require(np.array_equal(straight.network.flat, resumed.network.flat), "the weights differ")
    return "20 + 10 updates equal 30"


def _check_window() -> str:
    """Draw the window without a display, whatever the machine has."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _require(exit_code_without_qt(has_display=False) == 0, "Qt can't start")
    from gui.shot import main as draw

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "window.png"
        code = draw(["shot", "adding", "--steps", "20", "--out", str(path), "--size", "1280x800"])
        _require(code == 0 and path.stat().st_size > 10_000, "the picture is missing or empty")
        return f"{path.stat().st_size:,} bytes"
