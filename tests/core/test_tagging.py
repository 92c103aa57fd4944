"""The tagging task: the bundled sentences, a person's own, and answers."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import TagsPrediction
from core.readers.tagged_words import TAGS, read_tagged_words
from core.sampling import GREEDY
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.symbols import UNKNOWN, conditional_entropy
from core.tasks.tagging import BUNDLED_SENTENCES, OTHER, UNKNOWN_NAME, Tagging
from core.trainer import Trainer

RNG = np.random.default_rng(0)


def made(file: str = "", **fields: object) -> Tagging:
    return Tagging(Tagging.Settings(file=file, **fields))


def own_file(folder: Path, count: int = 20) -> str:
    """Sentence k is "Namek met Ann in Cityk", its first and last word in it alone."""
    blocks = [f"Name{k}\tPER\nmet\tO\nAnn\tPER\nin\tO\nCity{k}\tLOC\n" for k in range(count)]
    (folder / "user.tsv").write_text("\n".join(blocks), encoding="utf-8")
    return str(folder / "user.tsv")


def by_word(task: Tagging) -> Any:
    """A network sure of the tag whose number is that of the present word, in turn."""
    table = np.eye(len(TAGS))[np.arange(task.input_size) % len(TAGS)]
    return lambda x, lengths: table[x.argmax(axis=2)]


def test_many_bundled_names_are_of_all_three_kinds_and_some_are_new_in_the_held_out_part() -> None:
    sentences = read_tagged_words(str(BUNDLED_SENTENCES))
    assert len(sentences) == 2000 and len({s.words for s in sentences}) == 2000
    kinds = defaultdict(set)
    for sentence in sentences[:1600]:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            kinds[word].add(tag)
    assert sum(tags >= {"person", "place", "organisation"} for tags in kinds.values()) >= 30
    held_out = [word for s in sentences[1600:] for word, tag in zip(s.words, s.tags, strict=True) if tag != "other"]
    assert 0.2 < np.mean([word not in kinds for word in held_out]) < 0.6


def test_reads_sentences_with_their_tags(tmp_path: Path) -> None:
    task = made(own_file(tmp_path), hidden_share=0.0)
    batch = task.sample(np.random.default_rng(0), 200)
    seen = set()
    for b in range(batch.size):
        words = task.label_inputs(batch.inputs[: batch.lengths[b], b])
        tags = [TAGS[k] for k in batch.targets[: batch.lengths[b], b]]
        assert words[1:4] == ("met", "ann", "in") and tags == ["person", "other", "person", "other", "place"]
        assert words[0][4:] == words[4][4:]
        seen.add(words[0])
    assert seen == {f"name{k}" for k in range(16)}


def test_held_out_names_are_unknown_words_with_a_capital(tmp_path: Path) -> None:
    task = made(own_file(tmp_path))
    batch = task.held_out(6)
    assert [task.label_inputs(batch.inputs[:, b]) for b in (0, 5)] == [(UNKNOWN_NAME, "met", "ann", "in", UNKNOWN_NAME)] * 2


def test_a_share_of_the_words_is_hidden_in_training_only(tmp_path: Path) -> None:
    task = made(own_file(tmp_path), hidden_share=0.3)
    batch = task.sample(np.random.default_rng(0), 4000)
    words = np.array([task.label_inputs(batch.inputs[:, b]) for b in range(batch.size)])
    assert np.isin(words, (UNKNOWN, UNKNOWN_NAME)).mean(axis=0) == pytest.approx([0.3] * 5, abs=0.03)
    assert set(words[:, 2]) == {"ann", UNKNOWN_NAME} and set(words[:, 1]) == {"met", UNKNOWN}
    assert task.label_inputs(task.held_out(1).inputs[:, 0])[1:4] == ("met", "ann", "in")


def test_of_long_sentences_the_beginning_is_read(tmp_path: Path) -> None:
    task = made(own_file(tmp_path), seq_len=3, hidden_share=0.0)
    batch = task.sample(np.random.default_rng(0), 8)
    assert (batch.lengths == 3).all() and task.label_inputs(batch.inputs[:, 0])[1:] == ("met", "ann")


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_are_sentences_joined(factor: int) -> None:
    task = made()
    short, joined = task.held_out(3 * factor), task.longer(factor).held_out(3)
    assert joined.lengths.tolist() == short.lengths.reshape(3, factor).sum(axis=1).tolist()
    for b in range(3):
        parts = [slice(0, short.lengths[b * factor + k]) for k in range(factor)]
        words = np.concatenate([short.inputs[part, b * factor + k] for k, part in enumerate(parts)])
        tags = np.concatenate([short.targets[part, b * factor + k] for k, part in enumerate(parts)])
        assert np.array_equal(joined.inputs[: joined.lengths[b], b], words) and not joined.inputs[joined.lengths[b] :, b].any()
        assert np.array_equal(joined.targets[: joined.lengths[b], b], tags)
    assert task.longer(2).longer(2).held_out(3).lengths.tolist() == task.longer(4).held_out(3).lengths.tolist()
    assert task.longer(factor).baseline_loss == task.baseline_loss


def test_the_line_is_the_surprise_at_the_tag_of_a_word() -> None:
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(TAGS))
    for sentence in read_tagged_words(str(BUNDLED_SENTENCES))[:1600]:
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            counts[word.lower()][TAGS.index(tag)] += 1
    assert made().baseline_loss == pytest.approx(conditional_entropy(np.array(list(counts.values()))), rel=1e-12)


def test_f1_counts_names_and_nothing_else() -> None:
    task = made()
    batch = task.held_out(64)
    answers = np.zeros((*batch.targets.shape, len(TAGS)))
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, len(TAGS), batch.targets.shape)
    np.put_along_axis(answers, chosen[..., None], 1.0, axis=2)
    right = missed = invented = 0
    for b in range(batch.size):
        for t in range(batch.lengths[b]):
            answer, wanted = chosen[t, b], batch.targets[t, b]
            right += int(answer == wanted != OTHER)
            missed += int(wanted not in (OTHER, answer))
            invented += int(answer not in (OTHER, wanted))
    precision, recall = right / (right + invented), right / (right + missed)
    assert task.measure(answers, batch).value == pytest.approx(100 * 2 * precision * recall / (precision + recall))
    silent = np.tile(np.eye(len(TAGS))[OTHER], (*batch.targets.shape, 1))
    assert task.measure(silent, batch).value == 0


def test_answers_with_the_tag_of_each_word(tmp_path: Path) -> None:
    task = made(own_file(tmp_path))
    ids = {word: k for k, word in enumerate((UNKNOWN, UNKNOWN_NAME, *task.vocabulary()["symbols"]))}
    answer = task.answer(by_word(task), "Ann MET zorblax, Ruritania", GREEDY, RNG)
    expected = [TAGS[k % 4] for k in (ids["ann"], ids["met"], 0, 0, 1)]
    assert list(answer.output) == expected and answer.probabilities is None
    assert answer.text.startswith("Ann") and f"Ruritania [{TAGS[1]}]" in answer.text
    for text in ("", " \n ", "word " * 1001):
        with pytest.raises(InputError, match="1 to 1000 are needed, for example Jordan flew"):
            task.answer(by_word(task), text, GREEDY, RNG)


def test_shows_the_words_as_they_are_written(tmp_path: Path) -> None:
    task = made(own_file(tmp_path))
    probe = task.held_out(4)
    inputs, network = probe.inputs[:, 0], by_word(task)
    shown = task.show(network, Trace(inputs, task.label_inputs(inputs), (), network(inputs[:, None], None)[:, 0], ()), probe, None)
    assert isinstance(shown, TagsPrediction)
    assert shown.words == ("Name16", "met", "Ann", "in", "City16") and shown.is_known == (False, True, True, True, False)
    assert shown.wanted == ("person", "other", "person", "other", "place")
    # Four sentences are held out: in each three names and two other words.
    assert shown.confusion.sum(axis=1).tolist() == [8, 4, 0, 8]


def test_works_from_a_session_without_the_table(tmp_path: Path) -> None:
    path = own_file(tmp_path)
    task = made(path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Tagging(Tagging.Settings(file=path), vocabulary)
    answers = [t.answer(by_word(t), "Ann met Name3", GREEDY, RNG) for t in (task, opened)]
    assert answers[0] == answers[1]
    with pytest.raises(InputError, match=r"user\.tsv: there is no such file"):
        opened.sample(np.random.default_rng(0), 2)


def test_learns_that_the_neighbours_tell() -> None:
    trainer = Trainer(Settings.preset("tagging"))
    trainer.train_to(200)
    assert trainer.solved_at is not None
    for sentence, tag in (("Jordan said that she was tired.", 0), ("We flew to Jordan last week.", 1), ("Shares of Jordan fell.", 2)):
        answer = trainer.answer(sentence, GREEDY)
        assert [t for t in answer.output if t != "other"] == [TAGS[tag]], answer.text
