"""A person who tries everything: ``python -m tests.benchmarks.soak --minutes 30 --seed 1``.

Everything that can be pressed, dragged, chosen, opened, closed, floated, tabbed, enlarged or typed into is found in the window itself,
so that new panels and controls take part by themselves; what a person does with runs, races, past runs, files and the window is in
files of its own. A line each half minute tells how it goes. At the end a table, what went wrong, and a verdict: the exit code is 1 where
anything did. The same seed chooses the same way. A window that hangs or breaks down ends the soak too, with what every thread was doing.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile

MODULE = "tests.benchmarks.soak"
# A process that has not ended so long after its minutes hangs beyond what it could tell itself.
GRACE_SECONDS, LAST_WORDS_SECONDS = 240.0, 20.0
IS_WITHIN = "--within"


def supervise(minutes: float, seed: int) -> int:
    """Soak in a process of its own, so that there is a verdict whatever becomes of it; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        own = {"RNN_PLAYGROUND_CONFIG_DIR": f"{folder}/config", "RNN_PLAYGROUND_DATA_DIR": f"{folder}/data"}
        command = [sys.executable, "-X", "faulthandler", "-m", MODULE, "--minutes", str(minutes), "--seed", str(seed), IS_WITHIN, folder]
        process = subprocess.Popen(command, env=os.environ | own)
        try:
            code = process.wait(60 * minutes + GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            print("It hangs, and can't tell why any more:", flush=True)
            # Python then says where every thread stands.
            process.send_signal(signal.SIGABRT)
            try:
                code = process.wait(LAST_WORDS_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        except KeyboardInterrupt:
            process.kill()
            raise
    if code not in (0, 1):
        print(f"NOT SOUND: the process ended by {signal.Signals(-code).name if code < 0 else f'exit code {code}'}", flush=True)
    return min(1, abs(code))


def main(arguments: list[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(IS_WITHIN, metavar="FOLDER", default="", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if not options.within:
        return supervise(options.minutes, options.seed)
    from tests.benchmarks.soak.session import soak

    return soak(options.minutes, options.seed, options.within)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
