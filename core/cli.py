"""The commands that need no window: train, predict, inspect, list."""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn

from tqdm import tqdm

from core import registry, session
from core.compile import combination_for
from core.errors import InputError
from core.exchange.melody import check_name, save_tune
from core.fields import fields_of
from core.files import write_atomically
from core.inspection import as_text, inspect
from core.length_test import LengthResult
from core.own_data import recognise
from core.prediction import Answer
from core.presets import info_in, preset_ids, preset_path, presets
from core.sampling import Sampling
from core.settings import Settings, TrainingSettings, parse_override
from core.snapshot import Metric
from core.trainer import EVALUATE_EVERY, Trainer

EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_DIVERGED = 0, 1, 2, 3
DEFAULT_STEPS = 2_000
MAX_STEPS_UNTIL_SOLVED = 20_000
SAVE_EVERY_SECONDS = 30.0
MOST_SAMPLES = 1_000


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, with what would be right."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with 2."""
        print(f"{self.prog}: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """WHAT, --seed and --set, as all commands that begin a run take them."""
    parser.add_argument(
        "what", nargs="?", metavar="WHAT", help="a preset's id, a settings .toml or a session .rnnp; left out: the defaults"
    )
    parser.add_argument("--seed", type=int, help="start of all random numbers")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="overrides",
        metavar="SECTION.KEY=VALUE",
        help="change one setting; repeatable; a file is meant from the current folder (in a .toml: from the .toml's, if it is there)",
    )


def make_parser() -> OneLineParser:
    """The parser of the headless commands."""
    parser = OneLineParser(prog="rnn-playground", description="Train and use recurrent networks without a window.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    train = commands.add_parser("train", help="train without a window")
    add_source_arguments(train)
    train.add_argument("--steps", type=int, metavar="N", help="updates to do; left out: the steps that the preset or .toml names")
    train.add_argument("--until-solved", action="store_true", help="stop as soon as the task's criterion is met")
    train.add_argument("--out", type=Path, metavar="DIR", help="write session.rnnp and history.csv there")
    train.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    train.add_argument("--quiet", action="store_true", help="no progress bar")
    train.set_defaults(run=run_train)
    predict = commands.add_parser("predict", help="use a trained network")
    predict.add_argument("session", type=Path, metavar="SESSION")
    predict.add_argument("--input", required=True, metavar="TEXT", help="text, numbers such as 120,123,125, or a file")
    predict.add_argument("--length", type=int, metavar="N", help="symbols or steps ahead")
    predict.add_argument("--temperature", type=float, default=0.7, help="0: always the likeliest; 1: as learned; above: bolder")
    predict.add_argument("--top-k", type=int, default=0, metavar="K", help="draw from the K likeliest symbols only; 0: from all")
    predict.add_argument("--past-end", action="store_true", help="go on where the network writes the end of a text")
    predict.add_argument("--seed", type=int, default=0)
    predict.add_argument("--samples", type=int, default=1, metavar="N", help="answer N times, with the seeds from --seed on")
    predict.add_argument("--out", type=Path, metavar="FILE", help="write a tune as .mid (notes) or .wav (sound)")
    predict.add_argument("--json", action="store_true")
    predict.set_defaults(run=run_predict)
    inspection = commands.add_parser("inspect", help="gradients, Jacobians and spectra of a trained network")
    inspection.add_argument("session", type=Path, metavar="SESSION")
    inspection.add_argument("--json", action="store_true")
    inspection.set_defaults(run=run_inspect)
    listing = commands.add_parser("list", help="what there is")
    listing.add_argument("kind", choices=sorted(LISTINGS), metavar="|".join(sorted(LISTINGS)))
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=run_list)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one headless command; returns its exit code."""
    options = make_parser().parse_args(arguments)
    return guarded(lambda: int(options.run(options)))


def guarded(run: Callable[[], int]) -> int:
    """Run a command; what goes wrong becomes one line on stderr and exit code 1, bad input exit code 2."""
    try:
        code = run()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except InputError as error:
        print(f"rnn-playground: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:
        _forget_output()
    except OSError as error:
        _forget_output()
        print(f"rnn-playground: {error.filename or 'the output'}: {error.strerror or error}", file=sys.stderr)
    except MemoryError:
        print(
            "rnn-playground: not enough memory for this network: "
            "a smaller network.hidden_size, training.batch_size or sequence length would help",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("rnn-playground: stopped", file=sys.stderr)
    return EXIT_FAILED


def _forget_output() -> None:
    """What stdout still holds and can't write goes nowhere: Python would try once more to write it at its end, and complain."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def settings_for(what: str | None, overrides: Sequence[str] = (), seed: int | None = None) -> Settings:
    """Settings from a preset's id, a .toml file or the defaults, with ``section.key=value`` overrides.

    Relative files become absolute: those in a .toml are meant from its folder where they exist there, all others from the
    current folder.
    """
    if what is None:
        settings = Settings()
    elif what.endswith(".toml"):
        settings = Settings.load(what).with_absolute_files(Path(what).parent)
    else:
        settings = Settings.preset(what)
    return with_overrides(settings, overrides, seed).with_absolute_files()


def with_overrides(settings: Settings, overrides: Sequence[str], seed: int | None) -> Settings:
    """``settings`` changed by ``section.key=value`` texts, later ones last, and the seed."""
    names_first = sorted(overrides, key=lambda text: not text.strip().startswith(("task.name", "network.cell")))
    changes: dict[str, Any] = {}
    for text in names_first:
        # Which keys there are depends on these two; what contradicts what is asked of all together.
        named = {key: value for key, value in changes.items() if key in ("task.name", "network.cell")}
        key, value = parse_override(settings.with_changes(named) if named else settings, text)
        changes[key] = value
    if seed is not None:
        changes["training.seed"] = seed
    return settings.with_changes(changes) if changes else settings


def open_trainer(what: str | None, overrides: Sequence[str], seed: int | None) -> Trainer:
    """A trainer for WHAT; a session continues, with live changes only."""
    if what is not None and what.endswith(".rnnp"):
        trainer = session.load(what)
        if seed is not None:
            raise InputError(f"--seed {seed}: a session goes on with its own random numbers")
        for text in overrides:
            trainer.apply(dict([parse_override(trainer.settings, text)]))
        return trainer
    return Trainer(settings_for(what, overrides, seed))


def named_budget(what: str | None) -> int:
    """The budget that a preset or a settings .toml names, in updates; where it names none DEFAULT_STEPS."""
    budget = None
    if what in preset_ids():
        budget = info_in(preset_path(what)).steps
    elif what is not None and what.endswith(".toml"):
        budget = info_in(Path(what)).steps
    return DEFAULT_STEPS if budget is None else budget


def run_train(options: argparse.Namespace) -> int:
    """``rnn-playground train``."""
    if options.steps is not None and options.steps < 0:
        raise InputError(f"--steps {options.steps}: must be 0 or more")
    trainer = open_trainer(options.what, options.overrides, options.seed)
    budget = options.steps
    if budget is None:
        budget = MAX_STEPS_UNTIL_SOLVED if options.until_solved else named_budget(options.what)
    with _output_folder(options.out):
        return _train(trainer, budget, options)


def _print_recognised(settings: Settings) -> None:
    """What was recognised in a file of one's own, before it is trained on."""
    recognition = recognise(settings)
    if recognition is not None:
        print(f"{settings.task.fields.file}: {recognition.sentence}", file=sys.stderr)


def _train(trainer: Trainer, budget: int, options: argparse.Namespace) -> int:
    """Train, save, say what came of it; returns the exit code."""
    first_step = trainer.step_count
    has_own_file = bool(getattr(trainer.settings.task.fields, "file", None))
    if has_own_file and not options.quiet:
        _print_recognised(trainer.settings)
    wait_for_kernels(trainer, options.quiet)
    seconds, is_interrupted = _train_with_progress(trainer, budget, options)
    if trainer.divergence is None and (not trainer.evaluations or trainer.evaluations[-1].step != trainer.step_count):
        trainer.evaluate()
    path = None
    if options.out is not None and trainer.divergence is None:
        path = _save(trainer, options.out)
    result = _result(trainer, trainer.step_count - first_step, seconds, path)
    if options.json:
        print(json.dumps(result))
    elif not options.quiet:
        _print_summary(trainer, result)
    if trainer.divergence is not None:
        print(
            f"rnn-playground: training diverged at update {trainer.divergence.step}: {trainer.divergence.what} became infinite or NaN; "
            f"a smaller training.learning_rate or training.clip_norm = 1.0 would help",
            file=sys.stderr,
        )
        return EXIT_DIVERGED
    if is_interrupted:
        print(f"rnn-playground: stopped at update {trainer.step_count}" + (f", saved to {path}" if path else ""), file=sys.stderr)
        return EXIT_FAILED
    return EXIT_DONE


def wait_for_kernels(trainer: Trainer, is_quiet: bool) -> None:
    """Compile what the run needs, once a machine, and say so."""
    combination = combination_for(trainer.settings)
    if combination.is_ready:
        return
    if not is_quiet:
        print("Compiling the kernels for this machine; this happens once and takes some seconds …", file=sys.stderr, flush=True)
    combination.compile()


def _train_with_progress(trainer: Trainer, budget: int, options: argparse.Namespace) -> tuple[float, bool]:
    """Do up to ``budget`` updates; returns the seconds they took, and whether Ctrl+C ended them."""
    target = trainer.step_count + budget
    begin = saved = time.perf_counter()
    bar = tqdm(total=budget, unit="update", disable=options.quiet, file=sys.stderr, dynamic_ncols=True, desc=trainer.task.title)
    is_interrupted = False
    try:
        while trainer.step_count < target and trainer.divergence is None:
            if options.until_solved and trainer.solved_at is not None:
                break
            before = trainer.step_count
            trainer.train_to(min(target, (before // EVALUATE_EVERY + 1) * EVALUATE_EVERY))
            bar.update(trainer.step_count - before)
            bar.set_postfix_str(
                f"loss {trainer.recent_loss:.4g}, {trainer.task.baseline_label} {trainer.task.baseline_loss:.4g}", refresh=False
            )
            if options.out is not None and trainer.divergence is None and time.perf_counter() - saved > SAVE_EVERY_SECONDS:
                _save(trainer, options.out)
                saved = time.perf_counter()
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        bar.close()
    return time.perf_counter() - begin, is_interrupted


def _check_output_folder(folder: Path) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise InputError(f"--out {folder}: is a file, must be a folder")
    existing = next(parent for parent in (folder, *folder.absolute().parents) if os.path.exists(parent))
    if not existing.is_dir():
        raise InputError(f"--out {folder}: {existing} is a file, must be a folder")


@contextmanager
def _output_folder(folder: Path | None) -> Iterator[None]:
    """Make the folder and try to write in it, before any work is done; if nothing is saved in it, it goes again."""
    if folder is None:
        yield
        return
    _check_output_folder(folder)
    missing = list(takewhile(lambda path: not os.path.exists(path), (folder.absolute(), *folder.absolute().parents)))
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise InputError(f"--out {folder}: can't be written: {error.strerror}") from None
        yield
    finally:
        for made in missing:
            with suppress(OSError):
                made.rmdir()


def _save(trainer: Trainer, folder: Path) -> Path:
    state = trainer.state()
    session.save(folder / "session.rnnp", state)
    write_atomically(folder / "history.csv", session.history_csv(state.losses).encode())
    return folder / "session.rnnp"


def _result(trainer: Trainer, steps: int, seconds: float, path: Path | None) -> dict[str, Any]:
    settings = trainer.settings
    latest = trainer.evaluations[-1] if trainer.evaluations else None
    return {
        "cell": settings.network.cell,
        "task": settings.task.name,
        "parameters": trainer.network.layout.parameter_count,
        "steps": steps,
        "seconds": round(seconds, 3),
        "steps_per_second": round(steps / seconds, 1) if seconds > 0 else None,
        "loss": _finite(trainer.recent_loss),
        "held_out_loss": _finite(latest.loss) if latest else None,
        "baseline_loss": trainer.task.baseline_loss,
        "metric": _metric(latest.metric) if latest else None,
        "longer": [_longer(each) for each in _longer_results(trainer)],
        "solved": trainer.solved_at is not None,
        "solved_at": trainer.solved_at,
        "diverged": trainer.divergence is not None,
        "seed": settings.training.seed,
        "step_count": trainer.step_count,
        "session": str(path) if path else None,
    }


def _longer_results(trainer: Trainer) -> tuple[LengthResult, ...]:
    """How it does on longer sequences; nothing where there is no network to ask, or no data left to ask it about."""
    try:
        return trainer.longer_results() if trainer.divergence is None else ()
    except InputError:
        return ()


def _longer(result: LengthResult) -> dict[str, Any]:
    return {"factor": result.factor, "steps": result.steps, "loss": _finite(result.loss), "metric": _metric(result.metric)}


def _metric(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "value": _finite(metric.value), "unit": metric.unit}


def _metric_text(metric: dict[str, Any]) -> str:
    return f"{metric['value']:.4g}{' ' + metric['unit'] if metric['unit'] else ''}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print_summary(trainer: Trainer, result: dict[str, Any]) -> None:
    metric = result["metric"]
    said = f", {metric['name']} {_metric_text(metric)}" if metric and metric["value"] is not None else ""
    loss = "not finite" if result["loss"] is None else f"{result['loss']:.4g}"
    solved = f"solved at update {result['solved_at']}" if result["solved"] else "not solved yet"
    print(
        f"{trainer.task.title}, {result['cell'].upper()}, {result['parameters']:,} parameters: update {result['step_count']:,}, "
        f"loss {loss} ({trainer.task.baseline_label} {result['baseline_loss']:.4g}){said}; {solved}"
    )
    lengths = [f"{each['factor']}× {_metric_text(each['metric'])}" for each in result["longer"] if each["metric"]["value"] is not None]
    if lengths:
        print(f"{result['longer'][0]['metric']['name']} by length: {', '.join(lengths)}")
    if result["session"]:
        print(f"saved to {result['session']}")


def run_predict(options: argparse.Namespace) -> int:
    """``rnn-playground predict``."""
    if options.length is not None and not 1 <= options.length <= 100_000:
        raise InputError(f"--length {options.length}: must be from 1 to 100000")
    if not 0 <= options.temperature <= 100:
        raise InputError(f"--temperature {options.temperature:g}: must be from 0 to 100")
    if options.top_k < 0:
        raise InputError(f"--top-k {options.top_k}: must be 0 or more")
    most = fields_of(TrainingSettings)["seed"].maximum
    if most is not None and not 0 <= options.seed <= most:
        raise InputError(f"--seed {options.seed}: must be from 0 to {most}")
    if not 1 <= options.samples <= MOST_SAMPLES:
        raise InputError(f"--samples {options.samples}: must be from 1 to {MOST_SAMPLES}")
    if options.out is not None:
        check_name(options.out)
    trainer = session.load(options.session)
    length = options.length if options.length is not None else trainer.task.default_length
    sampling = Sampling(length, options.temperature, options.top_k, not options.past_end)
    answers = [trainer.answer(options.input, sampling, options.seed + k) for k in range(options.samples)]
    if options.out is not None:
        if answers[0].tune is None:
            raise InputError(
                f"--out {options.out}: {trainer.task.name} writes no notes: leave out --out, or take a session of the task melody"
            )
        save_tune(options.out, answers[0].tune)
    if options.json:
        result = _answer(answers[0])
        if options.samples > 1:
            result["samples"] = [_answer(answer) for answer in answers]
        print(json.dumps(result, ensure_ascii=False))
    else:
        print("\n".join(answer.text for answer in answers))
    return EXIT_DONE


def _answer(answer: Answer) -> dict[str, Any]:
    """``output`` and ``text``, and what else the answer has."""
    more = {"probabilities": answer.probabilities, "low": answer.low, "high": answer.high}
    return {"output": answer.output, "text": answer.text} | {key: value for key, value in more.items() if value is not None}


def run_inspect(options: argparse.Namespace) -> int:
    """``rnn-playground inspect``."""
    found = inspect(session.load(options.session))
    print(json.dumps(found, ensure_ascii=False) if options.json else as_text(found))
    return EXIT_DONE


def _list_presets() -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "title": info.title or name,
            "summary": info.description,
            "steps": info.steps,
            "outcome": info.outcome,
            "story": info.story,
        }
        for name, info in presets().items()
    ]


LISTINGS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "cells": lambda: [{"name": c.name, "title": c.title, "gates": list(c.gates)} for c in registry.cells().values()],
    "tasks": lambda: [
        {"name": t.name, "title": t.title, "summary": t.summary, "card": t.card, "group": t.group} for t in registry.tasks().values()
    ],
    "optimizers": lambda: [{"name": o.name, "title": o.title} for o in registry.optimizers().values()],
    "presets": _list_presets,
}


def run_list(options: argparse.Namespace) -> int:
    """``rnn-playground list``."""
    print_listing(LISTINGS[options.kind](), options.json)
    return EXIT_DONE


def print_listing(entries: list[dict[str, Any]], is_json: bool) -> None:
    """Entries as JSON, or as lines of name, title and summary."""
    if is_json:
        print(json.dumps(entries, ensure_ascii=False))
        return
    width = max((len(entry["name"]) for entry in entries), default=0) + 2
    for entry in entries:
        print(f"{entry['name']:<{width}}{entry['title']}" + (f" — {entry['summary']}" if entry.get("summary") else ""))
