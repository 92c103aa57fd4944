"""The commands that need no window: train, compare, predict, inspect, runs, list."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core import registry, session
from core.command_line import EXIT_DONE, OneLineParser, add_source_arguments, guarded
from core.compare_command import run_compare
from core.errors import InputError
from core.exchange.melody import check_name, save_tune
from core.fields import fields_of
from core.inspection import as_text, inspect
from core.prediction import Answer
from core.presets import presets
from core.runs_command import add_runs_command
from core.sampling import Sampling
from core.settings import TrainingSettings
from core.train_command import run_train

MOST_SAMPLES = 1_000


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
    train.add_argument("--record", action="store_true", help="keep the run in the library of past runs; left out: it is not kept")
    train.set_defaults(run=run_train)
    compare = commands.add_parser("compare", help="train several cells on the same data, and print what was measured")
    add_source_arguments(compare)
    compare.add_argument("--cells", metavar="A,B", help="cells to compare; left out: all")
    compare.add_argument("--match-parameters", action="store_true", help="hidden sizes for as many parameters as the settings give")
    compare.add_argument("--steps", type=int, metavar="N", help="updates of each run; left out: the steps that the preset or .toml names")
    compare.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    compare.add_argument("--quiet", action="store_true", help="no progress bar")
    compare.set_defaults(run=run_compare)
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
    add_runs_command(commands)
    listing = commands.add_parser("list", help="what there is")
    listing.add_argument("kind", choices=sorted(LISTINGS), metavar="|".join(sorted(LISTINGS)))
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=run_list)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one headless command; returns its exit code."""
    options = make_parser().parse_args(arguments)
    return guarded(lambda: int(options.run(options)))


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
