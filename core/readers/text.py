"""Any text file as Unicode: finds out the encoding, refuses what is no text.

The rule: a byte order mark decides; zero bytes in every other place mean UTF-16; then UTF-8, if need be with single damaged
bytes replaced; what is no UTF-8 is Windows-1252, and Latin-1 where even that leaves a byte undefined. A file with stray zero
bytes or many control characters is no text.
"""

import codecs
import os
import re
import stat
import unicodedata
from dataclasses import dataclass

import numpy as np

from core.errors import InputError

MAX_BYTES = 50 * 2**20
_MAX_CONTROL_SHARE = 0.02
_MAX_DAMAGED_SHARE = 0.02
_REPLACEMENT = "\ufffd"
_CONTROLS = "".join(map(chr, (*range(9), 11, *range(14, 27), *range(28, 32), 127)))
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


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


def read_bytes(path: str) -> bytes:
    """The bytes of a file of at most 50 MB. Raises InputError that names ``path``."""
    try:
        with open(os.path.expanduser(path), "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: is not a file")
            data = file.read(MAX_BYTES + 1)
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


def text_or_file(text: str) -> str:
    """What a person typed, or the content of the file if it is the name of a .txt. Raises InputError for one that is missing."""
    name = text.strip()
    if not name.lower().endswith(".txt") or len(name.split()) != 1 and not os.path.isfile(os.path.expanduser(name)):
        return text
    return read_text(name).content


def decode(data: bytes, path: str) -> tuple[str, str]:
    """Text and name of the encoding of ``data``. Raises InputError that names ``path`` where it is no text."""
    content, encoding = _decode(data, path)
    controls = len(content) - len(content.translate(dict.fromkeys(map(ord, _CONTROLS)))) if _has_controls(content) else 0
    if "\0" in content or controls > _MAX_CONTROL_SHARE * len(content):
        raise InputError(f"{path}: is not a text file: a .txt or .csv is needed")
    damaged = content.count(_REPLACEMENT)
    if damaged > _MAX_DAMAGED_SHARE * len(content):
        raise InputError(f"{path}: is not valid {encoding}: save it as UTF-8")
    if damaged:
        encoding += f" with {damaged} damaged characters" if damaged > 1 else " with 1 damaged character"
    return content, encoding


def _decode(data: bytes, path: str) -> tuple[str, str]:
    for mark, codec, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace"), encoding
    if b"\0" in data:
        utf16 = _utf16_without_mark(data)
        if utf16 is None:
            raise InputError(f"{path}: is not a text file: a .txt or .csv is needed")
        return data.decode(utf16, errors="replace"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decode_without_zeros(data)


def _utf16_without_mark(data: bytes) -> str | None:
    """The codec if nearly every other byte is zero, as in UTF-16 of mostly Latin letters."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    many, few = 0.4 * len(data) / 2, 0.05 * len(data) / 2
    if odd > many and even <= few:
        return "utf-16-le"
    if even > many and odd <= few:
        return "utf-16-be"
    return None


def _decode_without_zeros(data: bytes) -> tuple[str, str]:
    """UTF-8 with some damage if it holds more sound than damaged characters beyond ASCII, else a Western single-byte text."""
    replaced = data.decode("utf-8", errors="replace")
    damaged = replaced.count(_REPLACEMENT)
    beyond_ascii = len(replaced) - len(replaced.encode("ascii", errors="ignore"))
    if beyond_ascii > 2 * damaged:
        return replaced, "UTF-8"
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _has_controls(content: str) -> bool:
    return re.search(f"[{re.escape(_CONTROLS)}]", content) is not None
