"""What all commands have in common: exit codes, one-line complaints, and what WHAT and --set mean."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from core import session
from core.errors import InputError
from core.settings import Settings, parse_override
from core.trainer import Trainer

EXIT_DONE, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_DIVERGED = 0, 1, 2, 3


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
