"""Bytes as text: which encoding was it written in?

The rule: a byte order mark decides; zero bytes in the places where UTF-16 and UTF-32 have them mean one of these; then UTF-8, if need be
with single damaged bytes replaced. Of the rest, a few accented letters and typographic marks among plain ones are Windows-1252, the
Western encoding; else chardet's models of languages tell the Cyrillic, Greek, Hebrew, Japanese, Chinese … encodings apart. What no
model knows is Windows-1252, and Latin-1 where even that leaves a byte undefined.
"""

import codecs
import re
import unicodedata

from core.errors import InputError

MAX_CONTROL_SHARE = 0.02
MAX_DAMAGED_SHARE = 0.02
# So few words beyond ASCII tell a model nothing.
_FEW = 6
_SAMPLE_BYTES = 200_000
_PIECE = 2**20
_REPLACEMENT = "\ufffd"
_CONTROLS = "".join(map(chr, (*range(9), 11, *range(14, 27), *range(28, 32), 127)))
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_WIDE = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32"}
_NARROW = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1255": "Windows-1255",
    "cp1256": "Windows-1256",
    "cp1257": "Windows-1257",
    "cp866": "DOS-866",
    "cp874": "Windows-874",
    "koi8-r": "KOI8-R",
    "iso8859-2": "Latin-2",
    "iso8859-5": "ISO 8859-5",
    "cp932": "Shift-JIS",
    "euc_jis_2004": "EUC-JP",
    "gb18030": "GB18030",
    "big5hkscs": "Big5",
    "cp949": "EUC-KR",
}
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_WORD_BEYOND_ASCII = re.compile(rb"[^\s,;|\"()]*[\x80-\xff][^\s,;|\"()]*")
_MARKS = "‘’“”„‚–—…•€£§©®°«»¡¿·½¼¾×²ªºµ\u00a0"
_WESTERN_WORD = re.compile(f"[{_MARKS}\\W\\d]*[a-zàáâãäåæçèéêëìíîïñòóôõöøùúûüÿœß'’–-]*[{_MARKS}\\W\\d]*", re.IGNORECASE)


def decode(data: bytes, path: str) -> tuple[str, str]:
    """Text and name of the encoding of ``data``. Raises InputError that names ``path`` where it is no text."""
    content, encoding = _decode(data, path)
    controls = len(content) - len(content.translate(dict.fromkeys(map(ord, _CONTROLS)))) if _has_controls(content) else 0
    if "\0" in content or controls > MAX_CONTROL_SHARE * len(content):
        raise _no_text(path)
    damaged = content.count(_REPLACEMENT)
    if damaged > MAX_DAMAGED_SHARE * len(content):
        raise InputError(f"{path}: is not valid {encoding}: save it as UTF-8")
    if damaged:
        encoding += f" with {damaged} damaged characters" if damaged > 1 else " with 1 damaged character"
    return content, encoding


def _no_text(path: str) -> InputError:
    return InputError(f"{path}: is not a text file: a .txt or .csv is needed")


def _decode(data: bytes, path: str) -> tuple[str, str]:
    for mark, codec, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace"), encoding
    if b"\0" in data:
        wide = _wide_without_mark(data)
        if wide is None:
            raise _no_text(path)
        return data.decode(wide, errors="replace"), _WIDE[wide]
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _decode_narrow(data)


def _wide_without_mark(data: bytes) -> str | None:
    """The codec of UTF-16 or UTF-32 without a mark: Latin letters by where their zeros are, others by chardet; None for neither."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    many, few = 0.4 * len(data) / 2, 0.05 * len(data) / 2
    if odd > many and even <= few:
        return "utf-16-le"
    if even > many and odd <= few:
        return "utf-16-be"
    sample = data[: _SAMPLE_BYTES // 4 * 4]
    # Windows-1252 is what chardet says where nothing fits.
    found = _likeliest(sample, (*_WIDE, "cp1252"))
    if found not in _WIDE:
        return None
    content = sample.decode(found, errors="replace")
    strange = sum(unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs") and not character.isspace() for character in content)
    return found if strange <= MAX_CONTROL_SHARE * len(content) else None


def _decode_narrow(data: bytes) -> tuple[str, str]:
    """UTF-8 with some damage if it holds more sound than damaged characters beyond ASCII, else what the bytes beyond ASCII look like."""
    replaced = data.decode("utf-8", errors="replace")
    damaged = replaced.count(_REPLACEMENT)
    beyond_ascii = len(replaced) - len(replaced.encode("ascii", errors="ignore"))
    if beyond_ascii > 2 * damaged:
        return replaced, "UTF-8"
    del replaced
    sample = _telling_sample(data)
    if not _is_western(sample):
        found = _likeliest(sample, tuple(_NARROW))
        if found in _NARROW:
            content = data.decode(found, errors="replace")
            if content.count(_REPLACEMENT) <= MAX_DAMAGED_SHARE * len(content):
                return content, _NARROW[found]
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _is_western(sample: bytes) -> bool:
    """Whether only a few different words are beyond ASCII, too few for a model, and all of them look like Western ones."""
    found = set(_WORD_BEYOND_ASCII.findall(sample))
    if len(found) > _FEW:
        return False
    words = [word.decode("cp1252", errors="ignore") for word in found]
    letters = [character for word in words for character in word if character.isalpha()]
    # Words of nothing but accented letters are Cyrillic or Greek ones.
    has_plain_letters = sum(not letter.isascii() for letter in letters) <= sum(map(str.isascii, letters)) + 1
    return has_plain_letters and all(_WESTERN_WORD.fullmatch(word) for word in words)


def _telling_sample(data: bytes) -> bytes:
    """From the line with the first byte beyond ASCII on: what comes before tells nothing."""
    first = _BEYOND_ASCII.search(data)
    start = data.rfind(b"\n", 0, first.start()) + 1 if first else 0
    start = max(start, first.start() - 1000 if first else 0)
    return data[start : start + _SAMPLE_BYTES]


def _has_controls(content: str) -> bool:
    """Looked for piece by piece: no other thread can run while one is searched."""
    controls = re.compile(f"[{re.escape(_CONTROLS)}]")
    return any(controls.search(content, start, start + _PIECE) for start in range(0, len(content), _PIECE))


def _likeliest(sample: bytes, encodings: tuple[str, ...]) -> str | None:
    """Which of ``encodings`` the ``sample`` is written in, by models of languages; None where none fits."""
    # Here, for who reads plain UTF-8: it holds large models, and is slow to import.
    import chardet

    return chardet.detect(sample, include_encodings=encodings, compat_names=False)["encoding"]
