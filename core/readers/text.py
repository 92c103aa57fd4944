"""Any text file as Unicode, of at most 50 MB; ``encodings`` finds out how it was written."""

import os
import stat
import unicodedata
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.readers.encodings import decode

MAX_BYTES = 50 * 2**20
TEXT_SUFFIX = ".txt"


@dataclass(frozen=True)
class Text:
    """A text and how it was read: ``content`` has line feeds at line ends and composed accents (NFC); ``encoding`` is for people."""

    path: str
    content: str
    encoding: str

    def describe(self) -> str:
        """One sentence on what was recognised."""
        return f"{_count_words(self.content):,} words, {len(self.content):,} characters, {self.encoding}"


def _count_words(content: str) -> int:
    """Runs of characters other than space."""
    codes = np.frombuffer(f" {content}".encode("utf-32-le"), np.uint32)
    is_space = (codes <= 0x20) | (codes == 0xA0) | ((codes >= 0x2000) & (codes <= 0x200A)) | (codes == 0x3000)
    return int(np.count_nonzero(is_space[:-1] & ~is_space[1:]))


def read_bytes(path: str, most: int | None = None) -> bytes:
    """The bytes of a file of at most 50 MB, or the first ``most`` of any file. Raises InputError that names ``path``."""
    try:
        with open(os.path.expanduser(path), "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: is not a file")
            data = file.read(MAX_BYTES + 1 if most is None else most)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a folder, not a file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"{path!r}: is not a file name") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: is larger than {MAX_BYTES // 2**20} MB, the most that can be read")
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_text(path: str) -> Text:
    """The text in the file ``path``. Raises InputError where it is missing, too large, empty or no text."""
    data = read_bytes(path)
    content, encoding = decode(data, path)
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    if not unicodedata.is_normalized("NFC", content):
        content = unicodedata.normalize("NFC", content)
    if not content.strip():
        raise InputError(f"{path}: is empty: a text is needed")
    return Text(path, content, encoding)


def text_or_file(text: str, left_alone: tuple[str, ...] = ()) -> str:
    """What a person typed, or the content of the file if it is the name of a .txt.

    Names that end as in ``left_alone`` are for the caller to read and come back as they are. Raises InputError for a .txt that is
    missing, and for what names something else that there is: a file of another kind, a folder or a device is no text to go on from.
    """
    name = text.strip()
    path = os.path.expanduser(name)
    if name.lower().endswith((*left_alone, TEXT_SUFFIX)) and (len(name.split()) == 1 or os.path.isfile(path)):
        return text if name.lower().endswith(left_alone) else read_text(name).content
    what = _other_than_text(path)
    if what:
        endings = ", ".join(dict.fromkeys((*left_alone, TEXT_SUFFIX)))
        raise InputError(f"{name}: is {what}: text, numbers, or a file that ends in {endings} is needed")
    return text


def _other_than_text(path: str) -> str:
    """What ``path`` is, of a folder, a device and a file; "" where nothing is there, and for a word that may as well be one of prose."""
    is_path = os.path.dirname(path) != ""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISREG(mode):
        return "a file of another kind" if is_path or os.path.splitext(path)[1] else ""
    if not is_path:
        return ""
    return "a folder" if stat.S_ISDIR(mode) else "a device"
