"""``rnn-playground runs``: lists, shows, exports and deletes past runs; and what ``train --record`` adds to them."""

import argparse
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from core.command_line import EXIT_DONE, OneLineParser
from core.errors import InputError
from core.folders import library_folder
from core.history import FILE, RunLibrary
from core.run_query import SORTS, RunQuery
from core.run_record import RunMoment, RunRecord, facts_of

LISTINGS = ("list", "search")
LEFT_OUT_OF_JSON = ("curve", "settings_toml")


def add_runs_command(commands: Any) -> None:
    """Add ``runs`` to the parsers of the headless commands."""
    runs = commands.add_parser("runs", help="past runs: list, search, show, export, delete, restore")
    _add_listing_arguments(runs, is_top=True)
    actions = runs.add_subparsers(dest="action", parser_class=OneLineParser)
    listing = actions.add_parser("list", help="all of them, the newest first")
    search = actions.add_parser("search", help="those that have all words in task, cell, size, name or note")
    search.add_argument("text", metavar="TEXT", nargs="+")
    for parser in (listing, search):
        _add_listing_arguments(parser)
    show = actions.add_parser("show", help="one run with all its settings")
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    export = actions.add_parser("export", help="write the session of a run, to be opened or used with predict")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.rnnp")
    delete = actions.add_parser("delete", help="throw runs away; for a week they can be restored")
    restore = actions.add_parser("restore", help="take back runs that were thrown away")
    for parser, count in ((show, None), (export, None), (delete, "+"), (restore, "+")):
        parser.add_argument("id", type=int, nargs=count, metavar="ID")
    runs.set_defaults(run=run_runs, action="list", text=[])


def _add_listing_arguments(parser: argparse.ArgumentParser, is_top: bool = False) -> None:
    """Of the bare command and its actions alike; an action that is silent leaves what was said before it."""
    left_out: Any = argparse.SUPPRESS
    parser.add_argument("--json", action="store_true", default=False if is_top else left_out)
    parser.add_argument("--sort", choices=tuple(SORTS), default="newest" if is_top else left_out)
    parser.add_argument("--deleted", action="store_true", default=False if is_top else left_out, help="those that were thrown away")


def run_runs(options: argparse.Namespace) -> int:
    """``rnn-playground runs …``."""
    folder = library_folder()
    if not (folder / FILE).exists():
        if options.action in LISTINGS:
            print("[]" if options.json else "No runs.")
            return EXIT_DONE
        raise InputError(f"{folder / FILE}: there is no library yet: no run was kept")
    with _opened_library(folder) as library:
        _ACTIONS[options.action](library, options)
    return EXIT_DONE


def _opened_library(folder: Path) -> RunLibrary:
    """The library, and on standard error what was amiss with it."""
    library = RunLibrary(folder)
    if library.message:
        print(library.message, file=sys.stderr)
    return library


def check_library() -> None:
    """Make sure that runs can be recorded. Raises InputError where they can't; a damaged library is set aside, and that is said."""
    _opened_library(library_folder()).close()


def record(moment: RunMoment, preset: str) -> int:
    """Add a run that was trained without a window; returns its id."""
    now = time.time()
    with _opened_library(library_folder()) as library:
        run_id = library.begin(facts_of(moment, preset), now)
        library.keep_session(run_id, moment.state)
        return run_id


def _list(library: RunLibrary, options: argparse.Namespace) -> None:
    records = library.search(RunQuery(" ".join(options.text), sort=options.sort, is_deleted=options.deleted))
    if options.json:
        print(json.dumps([_as_json(record) for record in records], ensure_ascii=False))
        return
    if not records:
        print("No runs." if not options.text else "No run has all these words.")
    for found in records:
        print(_line(found))


def _show(library: RunLibrary, options: argparse.Namespace) -> None:
    found = library.load(options.id)
    if options.json:
        values = _as_json(found) | {"settings": found.settings.to_dict(), "curve": [round(float(value), 4) for value in found.curve]}
        print(json.dumps(values, ensure_ascii=False))
        return
    print(_line(found))
    if found.note:
        print(f"\n{found.note}")
    print(f"\n{found.settings_toml.strip()}")


def _export(library: RunLibrary, options: argparse.Namespace) -> None:
    if options.out.suffix.lower() != ".rnnp":
        raise InputError(f"--out {options.out}: must end in .rnnp")
    library.export(options.id, options.out)
    print(f"saved to {options.out}")


def _delete(library: RunLibrary, options: argparse.Namespace) -> None:
    for run_id in options.id:
        library.load(run_id)
    library.delete(options.id, time.time())
    print(f"deleted; back again with: rnn-playground runs restore {' '.join(map(str, options.id))}")


def _restore(library: RunLibrary, options: argparse.Namespace) -> None:
    for run_id in options.id:
        library.load(run_id)
    library.restore(options.id)


_ACTIONS = {"list": _list, "search": _list, "show": _show, "export": _export, "delete": _delete, "restore": _restore}


def outcome_text(found: RunRecord) -> str:
    """What came of a run: solved at 740, diverged at 12, or not solved."""
    if found.solved_at is not None:
        return f"solved at {found.solved_at:,}"
    return "not solved" if found.diverged_at is None else f"diverged at {found.diverged_at:,}"


def _line(found: RunRecord) -> str:
    """One run in a line."""
    parts = [f"{found.title}: {outcome_text(found)}"]
    if found.metric_value is not None:
        parts.append(f"{found.metric_name} {found.metric_value:.4g} {found.metric_unit}".rstrip())
    parts.append(f"{found.updates:,} updates in {found.seconds:.1f} s")
    if not found.has_session:
        parts.append("no session kept")
    when = datetime.fromtimestamp(found.updated_at).strftime("%Y-%m-%d %H:%M")
    return f"{found.id:>5}{' *' if found.is_favourite else ''}  {when}  {', '.join(parts)}"


def _as_json(found: RunRecord) -> dict[str, Any]:
    values = {name: value for name, value in vars(found).items() if name not in LEFT_OUT_OF_JSON}
    return {"id": found.id, "title": found.title, **values}
