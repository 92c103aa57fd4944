"""Readers of a person's own files: whatever the bytes, a sensible result or one clear line."""

import codecs
import math
import os
import string
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.readers import describe, series, tokens
from core.readers import text as text_module
from core.readers.columns import is_date, parse_numbers
from core.readers.series import read_numbers, read_series
from core.readers.table import read_table
from core.readers.text import read_text, text_or_file
from core.readers.tokens import CHARACTERS, WORDS, read_tokens
from core.readers.words import PARAGRAPH, join_words, split_words

ANY_FILE = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(folder: Path, content: str | bytes, name: str = "user.txt") -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def one_line(raised: pytest.ExceptionInfo[InputError]) -> str:
    message = str(raised.value)
    assert len(message.splitlines()) == 1
    return message


# Texts


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Grüße, naïve café".encode(), "UTF-8"),
        (codecs.BOM_UTF8 + "Grüße, naïve café".encode(), "UTF-8"),
        ("Grüße, naïve café".encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + "Grüße, naïve café".encode("utf-16-be"), "UTF-16"),
        ("Grüße, naïve café".encode("utf-16-le"), "UTF-16"),
        ("Grüße, naïve café".encode("utf-16-be"), "UTF-16"),
        ("Grüße, naïve café".encode("utf-32"), "UTF-32"),
        ("Grüße, naïve café".encode("latin-1"), "Windows-1252"),
        ("Gru\u0308ße, nai\u0308ve cafe\u0301".encode(), "UTF-8"),
    ],
)
def test_reads_any_encoding(tmp_path: Path, data: bytes, encoding: str) -> None:
    text = read_text(written(tmp_path, data))
    assert (text.content, text.encoding) == ("Grüße, naïve café", encoding)


def test_reads_windows_quotes_and_undefined_bytes(tmp_path: Path) -> None:
    assert read_text(written(tmp_path, "“so”".encode("cp1252"))).content == "“so”"
    assert read_text(written(tmp_path, b"a long enough line, \x81 and \xe9")).encoding == "Latin-1"


def test_a_damaged_byte_does_not_spoil_utf8(tmp_path: Path) -> None:
    text = read_text(written(tmp_path, "áéíóú ".encode() * 50 + b"\xff end"))
    assert text.content.startswith("áéíóú ") and text.encoding == "UTF-8 with 1 damaged character"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_are_the_same_everywhere(tmp_path: Path, newline: str) -> None:
    assert read_text(written(tmp_path, f"one{newline}two{newline}{newline}three")).content == "one\ntwo\n\nthree"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"  \n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x02", "not a text"),
        (bytes(range(1, 256)) * 4, "not a text"),
        (b"\x00" * 100, "not a text"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8" * 100, "not valid UTF-16"),
    ],
)
def test_refuses_what_is_no_text(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        read_text(written(tmp_path, data))
    assert "user.txt" in one_line(raised)


def test_refuses_missing_file_folder_pipe_and_impossible_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt: there is no such file"):
        read_text(str(tmp_path / "nowhere.txt"))
    with pytest.raises(InputError, match="is a folder|can't be read"):
        read_text(str(tmp_path))
    with pytest.raises(InputError, match="not a file name"):
        read_text("a\0b")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        with pytest.raises(InputError, match="is not a file"):
            read_text(str(tmp_path / "pipe.txt"))


def test_relative_paths_count_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "here I am", "mine.txt")
    monkeypatch.chdir(tmp_path)
    assert read_text("mine.txt").content == "here I am"


def test_refuses_too_large_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_BYTES", 2**20)
    assert len(read_text(written(tmp_path, "x" * 2**20)).content) == 2**20
    with pytest.raises(InputError, match="larger than 1 MB"):
        read_text(written(tmp_path, "x" * (2**20 + 1)))


def test_a_typed_file_name_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "the whole text")
    assert text_or_file(path) == "the whole text"
    assert text_or_file("I wrote notes.txt") == "I wrote notes.txt"
    with pytest.raises(InputError, match=r"gone\.txt"):
        text_or_file("gone.txt")


def test_what_names_no_text_is_not_taken_for_prose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "a,b\n1,2\n", "table.csv")
    written(tmp_path, "no ending", "park")
    (tmp_path / "folder").mkdir()
    for name in ("table.csv", str(tmp_path / "table.csv"), f" {tmp_path / 'park'} "):
        with pytest.raises(InputError, match=r"is a file of another kind: text, numbers, or a file that ends in \.txt is needed") as raised:
            text_or_file(name)
        assert len(str(raised.value).splitlines()) == 1
    for name in (str(tmp_path), "./folder", f"{tmp_path}/"):
        with pytest.raises(InputError, match=r"is a folder: text, numbers"):
            text_or_file(name)
    with pytest.raises(InputError, match=r"^/dev/null: is a device: text, numbers"):
        text_or_file("/dev/null")
    with pytest.raises(InputError, match=r"table\.csv: is a file of another kind: .* ends in \.mid, \.abc, \.txt is needed"):
        text_or_file("table.csv", (".mid", ".abc"))
    assert text_or_file("table.csv", (".csv",)) == "table.csv"
    # A word of prose stays one, whatever the present folder holds; so does what is no name at all.
    for prose in ("park", "folder", ".", "and/or", "gone.csv", "a\0b", "x" * 5000, "I like table.csv", ""):
        assert text_or_file(prose) == prose


@ANY_FILE
@given(data=st.binary(max_size=400))
@example(data=b"\xff\xfe\x00")
@example(data=b"\xef\xbb\xbf")
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    for name in ("any.txt", "any.csv"):
        path = written(tmp_path, data, name)
        try:
            assert describe(path)
        except InputError as error:
            assert len(str(error).splitlines()) == 1


# Words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know well-known words.", ["I", "don't", "know", "well-known", "words", "."]),
        ("Wait... what?! (No.)", ["Wait", "...", "what", "?", "!", "(", "No", ".", ")"]),
        ("It cost 3.50, at 12:30.", ["It", "cost", "3.50", ",", "at", "12:30", "."]),
        ("one\ntwo\n \n\nthree", ["one", "two", PARAGRAPH, "three"]),
        ("日本語。", ["日", "本", "語", "。"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
    ],
)
def test_cuts_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "it is raining, so we are staying at home.",
        'She said: "come here!", and (slowly) went.',
        "«bien», “gut”, ¿qué? 12:30, $5, 50%.",
        "First.\n\nSecond... third!",
        "日本語。",
    ],
)
def test_joins_words_as_they_were(text: str) -> None:
    assert join_words(split_words(text)) == text


@given(st.lists(st.text(string.ascii_letters, min_size=1, max_size=6) | st.sampled_from([".", ",", "!", "(", ")", PARAGRAPH]), max_size=30))
def test_joined_words_are_cut_the_same_again(words: list[str]) -> None:
    assume(not words or words[0] != PARAGRAPH)
    assume(all(a != b for a, b in pairwise(words) if a in (".", PARAGRAPH)))
    assert split_words(join_words(words)) == words


def test_tokens_of_a_text_in_pieces_are_those_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "one two, three.\n\nfour (five) six-seven 日本 don't...\n" * 40
    monkeypatch.setattr(tokens, "_CHUNK", 37)
    read = read_tokens(written(tmp_path, content), WORDS)
    assert [read.symbols[k] for k in read.ids] == [*split_words(content.strip()), PARAGRAPH]
    uses = np.bincount(read.ids)
    assert (np.diff(uses) <= 0).all()


def test_characters_are_all_kept(tmp_path: Path) -> None:
    read = read_tokens(written(tmp_path, "añb 𝄞\n\nc"), CHARACTERS)
    assert "".join(read.symbols[k] for k in read.ids) == f"añb 𝄞{PARAGRAPH}c{PARAGRAPH}"


def test_automatic_takes_words_only_where_they_come_again(tmp_path: Path) -> None:
    assert read_tokens(written(tmp_path, "the rain in spain stays. " * 20, "a.txt"), "automatic").unit == WORDS
    assert read_tokens(written(tmp_path, " ".join(f"w{k}" for k in range(99)), "b.txt"), "automatic").unit == CHARACTERS


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    first = read_tokens(written(tmp_path, "a b c"), WORDS)
    assert read_tokens(str(tmp_path / "user.txt"), WORDS) is first
    assert len(read_tokens(written(tmp_path, "a b c d"), WORDS).ids) == len(first.ids) + 1


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("has_header", [True, False])
def test_finds_delimiter_and_header(tmp_path: Path, delimiter: str, has_header: bool) -> None:
    rows = [["day", "price"]] * has_header + [[f"2026-01-{k + 1:02d}", f"{k * k}.5"] for k in range(25)]
    table = read_table(written(tmp_path, "\n".join(delimiter.join(row) for row in rows), "t.csv"))
    assert table.names == (("day", "price") if has_header else ("column 1", "column 2"))
    assert table.row_count == 25 and table.date_columns == (0,)
    assert table.pick_number_column() == 1
    assert table.numbers(1).tolist() == [k * k + 0.5 for k in range(25)]


def test_reads_decimal_commas(tmp_path: Path) -> None:
    semicolons = read_table(written(tmp_path, "tag;wert\n" + "\n".join(f"{k}.1.2026;1.234,{k:02d}" for k in range(1, 25)), "a.csv"))
    assert semicolons.numbers(1)[0] == 1234.01
    single = read_table(written(tmp_path, "wert\n1,5\n2,25\n", "b.csv"))
    assert single.numbers(0).tolist() == [1.5, 2.25]
    quoted = read_table(written(tmp_path, 'day,value\na,"1,234.5"\nb,"2,000"\n', "c.csv"))
    assert quoted.numbers(1).tolist() == [1234.5, 2000]
    declared = read_table(written(tmp_path, "sep=;\na;b\n1,5;2\n3,5;7\n", "d.csv"))
    assert declared.numbers(0).tolist() == [1.5, 3.5] and declared.lines.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("$1,200.50", 1200.5), ("12 %", 12), ("(5)", -5), ("−3", -3), ("1e3", 1000), (".5", 0.5), ("+7", 7), ("1 234", 1234), ("-$4", -4)],
)
def test_reads_numbers_as_people_write_them(cell: str, value: float) -> None:
    assert parse_numbers([cell, "x"], has_comma_delimiter=True).values[0] == value


@pytest.mark.parametrize("cell", ["inf", "nan1", "1e999", "12a", "1,2,3", "0x10", "--1", "1 2 x", "1.2.3"])
def test_refuses_what_is_no_finite_number(cell: str) -> None:
    assert parse_numbers(["1", cell], has_comma_delimiter=True).bad_rows == (1,)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-31",
        "31.1.2026",
        "1/31/26",
        "2026-01",
        "Jan 2026",
        "31 January 2026",
        "2026-01-31 12:30:00",
        "2026-01-31T12:30Z",
        "Q1 2026",
        "12:30",
    ],
)
def test_knows_dates(cell: str) -> None:
    assert is_date(cell)
    assert not is_date("12.5") and not is_date("2026") and not is_date("march")


def test_gaps_are_filled_and_too_many_refused(tmp_path: Path) -> None:
    cells = ["10", "", "16", "18", "20", "22", "24", "26", "28", "n/a"]
    table = read_table(written(tmp_path, "k,v\n" + "\n".join(f"{k},{cell}" for k, cell in enumerate(cells)), "a.csv"))
    assert table.numbers(1).tolist() == [10, 13, 16, 18, 20, 22, 24, 26, 28, 28]
    assert "2 gaps are filled by a straight line between the neighbours" in table.describe()
    table = read_table(written(tmp_path, "k,v\n1,2\n2,\n3,\n4,5\n", "b.csv"))
    with pytest.raises(InputError, match="2 of 4 values are missing in column 'v'"):
        table.numbers(1)


def test_names_the_bad_cell_and_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "day,price\n1,2\n2,banana\n3,\n", "bad.csv")
    with pytest.raises(InputError, match=r"bad\.csv: line 3: 'banana' in column 'price' is not a number") as raised:
        read_series(path, "")
    one_line(raised)


def test_lines_count_as_in_the_file(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'text,n\n"two\nlines",1\n\nlast,x\n', "t.csv"))
    assert table.columns[0].tolist() == ["two\nlines", "last"] and table.lines.tolist() == [2, 5]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, the first row has 2"),
        ("day,price\n", "no rows"),
        ("", "empty"),
        ("a,b\nx,y\nz,w\n", "no column of numbers"),
        ('a,b\n"' + "x" * 200_000 + '",1\n', "can't be read as a table"),
    ],
)
def test_refuses_broken_tables(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        table = read_table(written(tmp_path, content, "t.csv"))
        table.pick_number_column()
    assert "t.csv" in one_line(raised)


def test_rows_may_end_early_or_with_a_delimiter(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a,b,\n1,2,\n3\n5,6,\n", "t.csv"))
    assert table.names == ("a", "b") and [cells.tolist() for cells in table.columns] == [["1", "3", "5"], ["2", "", "6"]]


def test_picks_neither_dates_nor_counters(tmp_path: Path) -> None:
    rows = "\n".join(f"{k},{1949 + k},2026-01-{k:02d},{k % 7 * 1.5}" for k in range(1, 25))
    table = read_table(written(tmp_path, "id,year,day,value\n" + rows, "t.csv"))
    assert table.names[table.pick_number_column()] == "value"
    shape, dates = "24 rows, header, comma between cells, UTF-8.", "dates in 'day' (2026-01-01 to 2026-01-24), nothing missing."
    assert table.describe() == f"{shape} Column 'value', {dates}"
    assert table.describe("YEAR") == f"{shape} Column 'year', {dates}"
    with pytest.raises(InputError, match="no column 'cost': there are 'id', 'year', 'day', 'value'"):
        table.find_column("cost")
    only_counter = read_table(written(tmp_path, "n\n1\n2\n3\n", "n.csv"))
    assert only_counter.pick_number_column() == 0


def test_a_repeated_word_in_the_first_row_is_no_header(tmp_path: Path) -> None:
    headless = read_table(written(tmp_path, "good film,positive\nbad film,negative\nfine,positive\n", "a.csv"))
    assert headless.names == ("column 1", "column 2") and headless.row_count == 3


def test_series_are_long_enough(tmp_path: Path) -> None:
    few = written(tmp_path, "v\n" + "\n".join(map(str, range(0, 2 * (series.FEWEST_VALUES - 1), 2))), "few.csv")
    with pytest.raises(InputError, match="has 19 rows, at least 20"):
        read_series(few, "")


def test_typed_numbers() -> None:
    assert read_numbers("120,123, 125").tolist() == [120, 123, 125]
    assert read_numbers(" 1.5  2.5\n-3 ").tolist() == [1.5, 2.5, -3]
    assert read_numbers("1,5; 2,5").tolist() == [1.5, 2.5]
    with pytest.raises(InputError, match="'pear' is not a number"):
        read_numbers("1, pear")
    with pytest.raises(InputError, match="for example 0, 0.5"):
        read_numbers("pear", "0, 0.5")


CELLS = st.text(st.sampled_from("0123456789.,-+ab\"'; \t|e$%é\n"), max_size=8)


@ANY_FILE
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_table_is_read_or_refused(tmp_path: Path, rows: list[list[str]], delimiter: str, end: str) -> None:
    path = written(tmp_path, end.join(delimiter.join(row) for row in rows), "any.csv")
    try:
        table = read_table(path)
        assert table.describe()
        assert {len(cells) for cells in table.columns} == {table.row_count}
        values = table.numbers(table.pick_number_column())
    except InputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert np.isfinite(values).all() and len(values) == table.row_count


@ANY_FILE
@given(
    values=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=40),
    style=st.sampled_from([(",", "."), (";", ","), ("\t", ","), ("\t", ".")]),
)
def test_written_numbers_are_read_back(tmp_path: Path, values: list[float], style: tuple[str, str]) -> None:
    delimiter, point = style
    lines = [f"name{k}{delimiter}{value:.6f}".replace(".", point) for k, value in enumerate(values)]
    table = read_table(written(tmp_path, "\n".join(["who" + delimiter + "value", *lines]), "v.csv"))
    read = table.numbers(table.find_column("value"))
    assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(read, values, strict=True))
