"""The tagging task: the bundled sentences, a person's own, and answers."""

import json
from collections import defaultdict
from dataclasses import replace
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
from core.tasks.symbols import UNKNOWN
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


def tables_of(task: Tagging, hidden: float) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """How often each number of a word is expected with each tag in training, and pairs of the held-out sentences; word by word."""
    ids = {word: k for k, word in enumerate((UNKNOWN, UNKNOWN_NAME, *task.vocabulary()["symbols"]))}
    counts, pairs = np.zeros((len(ids), len(TAGS))), []
    for place, sentence in enumerate(read_tagged_words(task.data_path(task.settings))):
        for word, tag in zip(sentence.words, sentence.tags, strict=True):
            unknown = 1 if word[0].isupper() else 0
            if place < 1600:
                counts[ids.get(word.lower(), unknown), TAGS.index(tag)] += 1 - hidden
                counts[unknown, TAGS.index(tag)] += hidden
            else:
                pairs.append((ids.get(word.lower(), unknown), TAGS.index(tag)))
    return counts, pairs


@pytest.mark.parametrize("hidden", [0.1, 0.5])
def test_the_line_is_what_the_word_alone_tells_of_held_out_sentences(hidden: float) -> None:
    task = made(hidden_share=hidden)
    counts, pairs = tables_of(task, hidden)
    overall = [(counts[:, tag].sum() + 1) / (counts.sum() + 4) for tag in range(4)]
    losses = []
    for a in (0.01, 0.03, 0.1, 0.3, 1, 3, 10):
        shares = [(counts[word, tag] + a * overall[tag]) / (counts[word].sum() + a) for word, tag in pairs]
        losses.append(-np.mean(np.log(shares)))
    assert task.baseline_loss == pytest.approx(min(losses), rel=1e-9)
    # The pairs are those by which the loss of a network is computed.
    batch = task.held_out(400)
    is_word = np.arange(len(batch.inputs))[:, None] < batch.lengths
    seen = zip(batch.inputs.argmax(axis=2)[is_word].tolist(), batch.targets[is_word].tolist(), strict=True)
    assert sorted(seen) == sorted(pairs)


def test_a_network_without_memory_reaches_the_line_and_not_more() -> None:
    task = made()
    weights = np.zeros((task.input_size, len(TAGS)))
    slopes = np.full_like(weights, 1e-8)
    batch, rng, losses = task.held_out(400), np.random.default_rng(0), []
    is_word = np.arange(len(batch.inputs))[:, None] < batch.lengths
    words, tags = batch.inputs.argmax(axis=2)[is_word], batch.targets[is_word]

    def shares(ids: np.ndarray) -> np.ndarray:
        raised = np.exp(weights[ids])
        return raised / raised.sum(axis=1, keepdims=True)

    # A layer of weights on the one-hot word, by AdaGrad.
    for _ in range(400):
        drawn = task.sample(rng, 200)
        counts = np.arange(len(drawn.inputs))[:, None] < drawn.lengths
        ids, wanted = drawn.inputs.argmax(axis=2)[counts], drawn.targets[counts]
        gradient = np.zeros_like(weights)
        np.add.at(gradient, ids, (shares(ids) - np.eye(len(TAGS))[wanted]) / len(ids))
        slopes += gradient**2
        weights -= 0.5 * gradient / np.sqrt(slopes)
        losses.append(float(-np.log(shares(words)[np.arange(len(tags)), tags]).mean()))
    assert task.baseline_loss == pytest.approx(min(losses), rel=0.05) and min(losses) > 0.97 * task.baseline_loss


def test_the_line_follows_what_is_hidden_while_it_runs(tmp_path: Path) -> None:
    path = own_file(tmp_path)
    task = made(path, hidden_share=0.1)
    changed = Tagging(Tagging.Settings(file=path, hidden_share=0.6), task.vocabulary())
    assert changed.baseline_loss == made(path, hidden_share=0.6).baseline_loss != task.baseline_loss
    Path(path).unlink()
    assert Tagging(Tagging.Settings(file=path), task.vocabulary()).baseline_loss == task.baseline_loss


@pytest.mark.parametrize(("named", "where"), [(range(16, 20), "first four fifths"), (range(16), "last fifth")])
def test_sentences_without_a_name_in_one_part_are_refused(tmp_path: Path, named: range, where: str) -> None:
    blocks = [f"word{k}\t{'PER' if k in named else 'O'}\nslept\tO\n" for k in range(20)]
    (tmp_path / "user.tsv").write_text("\n".join(blocks), encoding="utf-8")
    with pytest.raises(InputError, match=f"every tag is 'other' in the {where} of the sentences"):
        made(str(tmp_path / "user.tsv"))


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
    nameless = task.measure(silent, replace(batch, targets=np.full_like(batch.targets, OTHER)))
    assert nameless.value == 0 and not task.is_solved(0.0, nameless)


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
