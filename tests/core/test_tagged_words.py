"""Sentences with tags from a person's file, in the ways they are found."""

from pathlib import Path

import pytest

from core.errors import InputError
from core.readers.tagged_words import TaggedSentence, read_tagged_words

SENTENCES = [[("Anna", "person"), ("left", "other"), ("Rome", "place"), (".", "other")], [("Acme", "organisation"), ("sells", "other")]] * 6
EXPECTED = tuple(TaggedSentence(tuple(w for w, _ in pairs), tuple(t for _, t in pairs)) for pairs in SENTENCES)


def written(folder: Path, content: str, name: str = "user.tsv") -> str:
    (folder / name).write_text(content, encoding="utf-8")
    return str(folder / name)


def lines(delimiter: str, tag_of: dict[str, str] | None = None, header: str = "") -> str:
    names = tag_of or {}
    blocks = ["".join(f"{word}{delimiter}{names.get(tag, tag)}\n" for word, tag in pairs) for pairs in SENTENCES]
    return header + "\n".join(blocks)


@pytest.mark.parametrize("header", ["", "word\ttag\n", "Token\tNER\n"])
def test_blank_lines_part_sentences(tmp_path: Path, header: str) -> None:
    assert read_tagged_words(written(tmp_path, lines("\t", header=header))) == EXPECTED


def test_commas_and_semicolons(tmp_path: Path) -> None:
    assert read_tagged_words(written(tmp_path, lines(",", header="word,tag\n"), "a.csv")) == EXPECTED
    assert read_tagged_words(written(tmp_path, lines(";"), "b.csv")) == EXPECTED


def test_conll_spellings_and_columns_between(tmp_path: Path) -> None:
    spelled = {"person": "X\tB-PER", "place": "X\tI-LOC", "organisation": "X\tB-ORG", "other": "X\tO"}
    content = "-DOCSTART-\tX\tO\n\n" + lines("\t", spelled)
    assert read_tagged_words(written(tmp_path, content)) == EXPECTED


@pytest.mark.parametrize("is_filled", [True, False])
def test_a_column_that_names_the_sentence(tmp_path: Path, is_filled: bool) -> None:
    rows = ["Sentence #,Word,POS,Tag"]
    for k, pairs in enumerate(SENTENCES):
        rows += [f"{f'Sentence: {k}' if is_filled or not place else ''},{word},X,{tag}" for place, (word, tag) in enumerate(pairs)]
    assert read_tagged_words(written(tmp_path, "\n".join(rows), "a.csv")) == EXPECTED


def test_a_quotation_mark_is_a_word_in_a_file_with_tabs(tmp_path: Path) -> None:
    content = lines("\t") + '\n"\tother\nJordan\tperson\n"\tother\n'
    assert read_tagged_words(written(tmp_path, content))[-1] == TaggedSentence(('"', "Jordan", '"'), ("other", "person", "other"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lines("\t", {"place": "fruit"}), r"line 3: 'fruit' is not a tag: person, place, organisation, other are"),
        (lines("\t") + "\nParis\n", r"line 49: a word and its tag are needed in each line, for example Paris and place"),
        ("word\ttag\nParis\tplace\n", r"has 1 sentence, at least 10 are needed: a blank line or a column 'sentence' parts them"),
        (lines("\t", {"person": "O", "place": "O", "organisation": "O"}), r"every tag is 'other': there is nothing to find"),
        ("Paris\nRome\n", r"has one column, two are needed: word and tag"),
        ("tag\tsentence\nplace\t1\n", r"its columns are tag, sentence: one called 'word' and one called 'tag' are needed"),
        ("word\ttag\n", r"is empty: a word and its tag"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read_tagged_words(written(tmp_path, content))
    assert "user.tsv: " in str(raised.value) and len(str(raised.value).splitlines()) == 1
