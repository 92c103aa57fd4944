"""Reading settings files, and writing files so that there is always a whole one: the old or the new, never a torn one."""

import os
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import InputError


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file. Raises InputError that names the file and, where it is not TOML, the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a text file in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not valid TOML: {error}") from None


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` by way of a temporary file in the same folder, which is made where missing.

    An old file keeps its permissions, a new one gets the usual ones; through a symbolic link its target is written.

    Raises
    ------
    InputError
        Where the folder can't be made or written, or the disk is full; ``path`` is then as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Not by tempfile, whose files are private whatever the umask says.
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            os.chmod(temporary, target.stat().st_mode & 0o777)
        os.replace(temporary, target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise InputError(f"{path}: can't be written: {error.strerror}") from None
        raise
    # The file is whole already: some file systems can't sync a folder.
    with suppress(OSError):
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
