"""Makes or completes .venv: ``python packaging/environment.py run|test``. Standard library only; started by the Makefile.

The pinned packages of packaging/requirements*.txt are installed with their hashes, then the project itself, editable. A stamp
inside .venv holds a fingerprint of all that decides the contents; it is written last, so that an interrupted or foreign
environment is completed, not trusted.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = {"run": Path("packaging/requirements.txt"), "test": Path("packaging/requirements-test.txt")}

# What a person's shell or pip configuration may set that would put packages elsewhere, or take foreign ones for installed.
DISTURBING = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "__PYVENV_LAUNCHER__")

IS_USABLE = "import sys, pip; sys.exit(sys.prefix == sys.base_prefix or not (3, 11) <= sys.version_info[:2] <= (3, 14))"


def fingerprint(root: Path, kind: str) -> str:
    """Hash of the place, the pins and the project's description: an environment with this one needs nothing."""
    digest = hashlib.sha256(str(root).encode())
    for path in (root / "pyproject.toml", root / REQUIREMENTS[kind]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp(root: Path, kind: str) -> Path:
    """The file that says which fingerprint ``kind`` was installed for."""
    return root / ".venv" / f"installed-{kind}"


def is_complete(root: Path, kind: str) -> bool:
    """Whether .venv holds what ``kind`` needs. The packages of "test" include those of "run"."""
    if not python_of(root).exists():
        return False
    kinds = ("run", "test") if kind == "run" else ("test",)
    return any(stamp(root, each).is_file() and stamp(root, each).read_text() == fingerprint(root, each) for each in kinds)


def python_of(root: Path) -> Path:
    """The environment's interpreter; absent too where it links to a Python that is gone."""
    return root / ".venv" / "bin" / "python"


def is_usable(python: Path) -> bool:
    """Whether ``python`` starts, is an environment's own and of a supported version, and has pip."""
    try:
        return subprocess.run([python, "-I", "-c", IS_USABLE], capture_output=True).returncode == 0
    except OSError:
        return False


def install(root: Path, *arguments: str | Path) -> None:
    """Run pip in the environment; it says nothing unless it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in DISTURBING}
    environment |= {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    command = [python_of(root), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=root, env=environment, check=True)


def complete(root: Path, kind: str) -> None:
    """Bring .venv to what ``kind`` needs."""
    for each in REQUIREMENTS:
        stamp(root, each).unlink(missing_ok=True)
    if not is_usable(python_of(root)):
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        venv.create(root / ".venv", clear=True, symlinks=True, with_pip=True)
    print("Installing the pinned packages into .venv: a minute or two, once", flush=True)
    install(root, "--require-hashes", "-r", REQUIREMENTS[kind])
    install(root, "--no-build-isolation", "--no-deps", "-e", ".")
    stamp(root, kind).write_text(fingerprint(root, kind))


def main(kind: str, root: Path = ROOT) -> int:
    """Complete .venv where needed; returns the exit code."""
    try:
        if not is_complete(root, kind):
            complete(root, kind)
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError:
        print(".venv could not be completed: pip's message stands above; mend that and run the same command again", file=sys.stderr)
        return 1
    except OSError as error:
        print(f".venv could not be completed: {error}; mend that and run the same command again", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
