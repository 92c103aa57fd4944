"""The command ``rnn-playground``: opens the window, or runs one of the commands that need none.

Nothing heavy is imported before it is needed: the headless commands never load Qt, and the window first asks whether the
system has what Qt needs.
"""

import importlib
import sys
from collections.abc import Callable, Sequence

COMMANDS = {
    "train": "core.cli",
    "compare": "core.cli",
    "predict": "core.cli",
    "inspect": "core.cli",
    "runs": "core.cli",
    "list": "gui.listing",
    "shot": "gui.shot",
    "self-test": "gui.self_test",
}
SESSION = ".rnnp"
EXIT_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    command = words[0] if words and words[0] in COMMANDS else ""
    if words and not command and not words[0].startswith("-") and not words[0].endswith(SESSION):
        print(f"rnn-playground: {words[0]}: is no command and no session ({SESSION}); commands are {', '.join(COMMANDS)}", file=sys.stderr)
        return EXIT_BAD_INPUT
    run: Callable[[list[str]], int] = importlib.import_module(COMMANDS[command] if command else "gui.start").main
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
