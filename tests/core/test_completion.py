"""The completion task: the bundled text, a person's own, and what is written from them."""

import codecs
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.prediction import TextPrediction
from core.readers.tokens import read_tokens
from core.sampling import GREEDY, Sampling
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.completion import BUNDLED_TEXT, UNKNOWN_SHARE, Completion
from core.tasks.symbols import UNKNOWN, UNKNOWN_ID, conditional_entropy
from core.tasks.windows import Windows
from core.trainer import Trainer

RAIN = "the rain in spain stays mainly in the plain. "
ANY_FILE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "user.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def made(file: str = "", **fields: object) -> Completion:
    return Completion(Completion.Settings(file=file, **fields))


class Cycle:
    """A network that always says the symbol that follows the present one in a fixed round."""

    def __init__(self, task: Completion, symbols: str | list[str], certainty: float = 1.0) -> None:
        ids = [task._vocabulary.id_of(symbol) for symbol in symbols]
        self.next = np.full((task.input_size, task.output_size), (1 - certainty) / task.output_size)
        for a, b in zip(ids, ids[1:] + ids[:1], strict=True):
            self.next[a, b] += certainty
        self.next /= self.next.sum(axis=1, keepdims=True).clip(1e-9)

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        return self.next[x.argmax(axis=2)]


def symbols_of(task: Completion, inputs: np.ndarray) -> list[str]:
    return [task._vocabulary.symbols[k] for k in inputs.argmax(axis=-1)]


# The bundled text


def test_bundled_text_goes_to_the_park_most_often() -> None:
    text = " ".join(BUNDLED_TEXT.read_text(encoding="utf-8").split())
    places = Counter(re.findall(r"I am going to the (\w+)", text))
    assert 10_000 <= len(text.split()) <= 20_000
    assert places.most_common(1)[0][0] == "park" and 0.3 < places["park"] / places.total() < 0.42
    assert set(places) == {"park", "school", "shop", "beach", "garden", "library", "station"}


def test_what_is_held_out_of_the_bundled_text_is_new() -> None:
    tokens = read_tokens(str(BUNDLED_TEXT), "words")
    symbols = [tokens.symbols[k] for k in tokens.ids]
    train_count = made()._windows.train_count

    def sentences(words: list[str]) -> list[str]:
        text = " ".join(word for word in words if word != "\u2029")
        return [sentence.strip() for sentence in re.findall(r"[^.?!]+[.?!]", text)]

    known = set(sentences(symbols[: train_count + 1]))
    # The first one is cut where the part begins.
    held_out = sentences(symbols[train_count + 1 :])[1:]
    assert len(held_out) > 150
    assert sum(sentence in known for sentence in held_out) <= 0.1 * len(held_out)


def test_the_vocabulary_is_of_the_training_part(tmp_path: Path) -> None:
    content = "a b a b c " * 18 + "a z z z z z z z z z"
    task = made(written(tmp_path, content), unit="words")
    assert set(task._vocabulary.symbols) == {UNKNOWN, "\u2029", "a", "b", "c"}
    assert made(written(tmp_path, content), unit="words", vocabulary_limit=10)._vocabulary.symbols[1:] == ("\u2029", "a", "b", "c")
    assert "The 4 most frequent of the training part are in the vocabulary" in Completion.recognise(task.settings).sentence


def test_unknown_is_asked_for_only_where_it_was_taught(tmp_path: Path) -> None:
    rare = "a b a b c " * 18 + "a b z b a b z a b a"
    task = made(written(tmp_path, rare), unit="words", seq_len=10)
    batch = task.held_out(1)
    assert batch.mask is not None and (batch.targets == UNKNOWN_ID).sum() == 2
    np.testing.assert_array_equal(batch.mask == 0, batch.targets == UNKNOWN_ID)
    taught = made(
        written(tmp_path, "y " + " ".join(f"r{k}" for k in range(20)) + " " + rare), unit="words", vocabulary_limit=10, seq_len=10
    )
    batch = taught.held_out(1)
    assert (batch.targets == UNKNOWN_ID).any() and batch.mask is None


def test_learns_the_bundled_text() -> None:
    trainer = Trainer(Settings.preset("completion"))
    while trainer.solved_at is None and trainer.step_count < 1200:
        trainer.train_to(trainer.step_count + 50)
    assert trainer.solved_at is not None
    answer = trainer.answer("I am going to the", GREEDY)
    assert answer.output == ("park",) and answer.text == "I am going to the park"
    assert answer.probabilities is not None
    best, second, *_ = answer.probabilities.values()
    assert best > 1.3 * second
    prediction = trainer.snapshot().prediction
    assert isinstance(prediction, TextPrediction)
    assert prediction.prompt == "I am going to the" and prediction.next_symbols[0] == "park"


# A person's own text


@pytest.mark.parametrize("unit", ["automatic", "characters"])
def test_learns_a_text_of_ones_own(tmp_path: Path, unit: str) -> None:
    changes = {"task.file": written(tmp_path, RAIN * 200), "task.unit": unit}
    trainer = Trainer(Settings.preset("completion").with_changes(changes))
    trainer.train_to(300)
    assert trainer.evaluations[-1].loss < 0.3 * trainer.task.baseline_loss
    assert "spain" in trainer.answer("the rain in ", Sampling(40, 0.1)).text


def test_windows_are_of_the_text_and_shifted_by_one(tmp_path: Path) -> None:
    words = [f"w{k}" for k in range(200)]
    task = made(written(tmp_path, " ".join(words)), unit="words", seq_len=7, vocabulary_limit=1000)
    batch = task.sample(np.random.default_rng(0), 300)
    held_out, starts = task.held_out(12), task._windows.held_out(12)[0][0]
    assert starts.min() == 180
    for b in range(12):
        targets = [task._vocabulary.symbols[k] for k in held_out.targets[:, b]]
        inputs = symbols_of(task, held_out.inputs[:, b])
        assert inputs[1:] == targets[:-1]
        # Words that only the held-out part has, where none comes twice, are not in the vocabulary.
        start = starts[b]
        assert inputs == [word if k <= 180 else UNKNOWN for k, word in enumerate(words)][start : start + 7]
    seen_in_training = {task._vocabulary.symbols[k] for k in batch.targets.ravel()}
    assert seen_in_training == set(words[1:181])
    asked_of_held_out = {task._vocabulary.symbols[k] for k in held_out.targets.ravel()}
    assert asked_of_held_out == {UNKNOWN, "\u2029"}
    share_unknown = (batch.inputs.argmax(axis=2) == UNKNOWN_ID).mean()
    assert UNKNOWN_SHARE / 2 < share_unknown < 2 * UNKNOWN_SHARE


def test_a_short_text_counts_its_last_tenth_only(tmp_path: Path) -> None:
    task = made(written(tmp_path, "abcdefghij" * 3), unit="characters", seq_len=24)
    batch = task.held_out(3)
    assert batch.mask is not None and batch.inputs.shape[0] == 24
    assert batch.mask.sum(axis=0).tolist() == [3, 3, 3]
    right = np.eye(task.output_size)[batch.targets]
    wrong = np.where(batch.mask[..., None] > 0, right, np.roll(right, 1, axis=-1))
    assert task.measure(wrong, batch).value == 100


@given(step_count=st.integers(2, 400), share=st.floats(0.05, 0.95), wanted_len=st.integers(2, 100))
def test_windows_keep_the_end_from_training(step_count: int, share: float, wanted_len: int) -> None:
    train_count = min(step_count - 1, max(1, round(share * step_count)))
    windows = Windows(step_count, train_count, wanted_len)
    drawn = windows.draw(np.random.default_rng(0), 50)
    assert drawn.min() >= 0 and drawn.max() < train_count
    steps, mask = windows.held_out(9)
    assert steps.min() >= 0 and steps.max() < step_count and steps.shape == (min(wanted_len, step_count), 9)
    counted = steps[mask > 0] if mask is not None else steps
    assert counted.size and counted.min() >= train_count and counted.max() == step_count - 1


@pytest.mark.parametrize("content", ["ab", "a", "one two", b"", b"\x00\x01\x02\xff" * 50])
def test_refuses_texts_that_are_none(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(InputError, match=r"user\.txt: (is too short|is empty|is not a text)") as raised:
        made(written(tmp_path, content))
    assert len(str(raised.value).splitlines()) == 1


def test_refuses_a_missing_text() -> None:
    with pytest.raises(InputError, match=r"/nowhere\.txt: there is no such file"):
        made("/nowhere.txt")


@pytest.mark.parametrize("data", [codecs.BOM_UTF16_LE + (RAIN * 20).encode("utf-16-le"), ("Straße und Café. " * 40).encode("latin-1")])
def test_learns_from_any_encoding(tmp_path: Path, data: bytes) -> None:
    task = made(written(tmp_path, data))
    assert {"spain", "Straße"} & set(task._vocabulary.symbols)


@ANY_FILE
@given(content=st.text(max_size=200), unit=st.sampled_from(["automatic", "words", "characters"]))
def test_any_text_trains_or_is_refused(tmp_path: Path, content: str, unit: str) -> None:
    path = written(tmp_path, content.encode(errors="replace"))
    try:
        task = made(path, unit=unit, seq_len=9)
    except InputError:
        return
    batch = task.sample(np.random.default_rng(0), 2)
    assert np.isfinite(task.baseline_loss) and batch.targets.max() < task.output_size == batch.inputs.shape[2]
    assert task.held_out(2).size == 2


def test_words_beyond_the_limit_are_unknown(tmp_path: Path) -> None:
    task = made(written(tmp_path, "a b c d e f g h i j " * 20 + "rare once"), unit="words", vocabulary_limit=11)
    assert task.input_size == 12 and task._vocabulary.symbols[0] == UNKNOWN
    assert "rare" not in task._vocabulary.symbols and task._vocabulary.id_of("rare") == UNKNOWN_ID
    assert task._vocabulary.id_of("A") == task._vocabulary.id_of("a") != UNKNOWN_ID


# The line


def test_baseline_of_a_known_bigram_source(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4]])
    state, letters = 0, []
    for _ in range(30_000):
        state = rng.choice(3, p=table[state])
        letters.append("abc"[state])
    stationary = np.linalg.matrix_power(table, 200)[0]
    entropy = -(stationary[:, None] * table * np.log(table)).sum()
    task = made(written(tmp_path, "".join(letters)), unit="characters")
    assert task.baseline_loss == pytest.approx(entropy, rel=0.01)


def test_sparse_counts_do_not_look_certain() -> None:
    # Each pair came once: the plug-in entropy is 0, but nothing is known about the next one.
    once = np.eye(50, dtype=int)
    assert conditional_entropy(once) == pytest.approx(np.log(49 + 50), rel=1e-6)
    often = 1000 * np.eye(50, dtype=int)
    assert conditional_entropy(often) < 0.01
    coin = np.array([[5000, 5000]])
    assert conditional_entropy(coin) == pytest.approx(np.log(2), rel=1e-3)


# What is written


def test_continues_words_with_the_spaces_right(tmp_path: Path) -> None:
    task = made(written(tmp_path, (RAIN + "spain, rain. ") * 20), unit="words")
    network = Cycle(task, ["spain", ",", "rain", "."])
    answer = task.answer(network, "Here in  spain ", Sampling(5, 0.0), np.random.default_rng(0))
    assert answer.output == (",", "rain", ".", "spain", ",")
    assert answer.text == "Here in  spain, rain. spain,"


def test_continues_characters_after_a_space(tmp_path: Path) -> None:
    task = made(written(tmp_path, RAIN * 20), unit="characters")
    answer = task.answer(Cycle(task, "rain "), "the ", Sampling(6, 0.0), np.random.default_rng(0))
    assert answer.text == "the rain r" and "".join(answer.output) == "rain r"


def test_a_paragraph_ends_the_text_but_not_before_it_began(tmp_path: Path) -> None:
    task = made(written(tmp_path, "one two.\n\n" * 40), unit="words")
    network = Cycle(task, ["one", "two", ".", "\u2029"], certainty=0.9)
    assert task.answer(network, "one", Sampling(50, 0.0), np.random.default_rng(0)).output == ("two", ".")
    after_the_end = task.answer(network, "two.", Sampling(50, 0.0), np.random.default_rng(0))
    assert after_the_end.output[0] != "\u2029" and after_the_end.probabilities is not None
    assert next(iter(after_the_end.probabilities)) == "¶"


def test_unknown_is_read_but_never_written(tmp_path: Path) -> None:
    task = made(written(tmp_path, RAIN * 20), unit="words")
    network = Cycle(task, [UNKNOWN, "rain"], certainty=0.9)
    answer = task.answer(network, "xylophone", Sampling(3, 0.0), np.random.default_rng(0))
    assert answer.output[0] == "rain" and UNKNOWN not in answer.output
    assert answer.text.startswith("xylophone rain")


def test_the_seed_decides(tmp_path: Path) -> None:
    task = made(written(tmp_path, RAIN * 20), unit="words")
    network = Cycle(task, RAIN[:-2].split(), certainty=0.5)
    bold = [task.answer(network, "the", Sampling(20, 1.5), np.random.default_rng(seed)).output for seed in (1, 1, 2)]
    assert bold[0] == bold[1] != bold[2]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_needs_something_to_go_on_from(tmp_path: Path, text: str) -> None:
    task = made(written(tmp_path, RAIN * 20), unit="words")
    with pytest.raises(InputError, match="at least one word"):
        task.answer(Cycle(task, ["rain"]), text, Sampling(5, 0.0), np.random.default_rng(0))


def test_shows_surprise_in_bits_and_falls_back_to_a_prompt_of_the_text(tmp_path: Path) -> None:
    task = made(written(tmp_path, "ab" * 200), unit="characters", seq_len=10)
    network = Cycle(task, "ab", certainty=0.5)
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    trace = Trace(inputs, task.label_inputs(inputs), (), network(inputs[:, None], None)[:, 0], ())
    shown = task.show(network, trace, probe, None)
    assert isinstance(shown, TextPrediction) and not shown.is_words
    share = 0.5 + 0.5 / task.output_size
    np.testing.assert_allclose(shown.surprise, [0, *[-np.log2(share)] * 9])
    assert shown.prompt == "".join(shown.read[:5]) and shown.uniform_surprise == np.log2(task.output_size)
    assert [temperature for temperature, _ in shown.continuations] == [0.3, 0.7, 1.2]
    assert all(text.startswith(shown.prompt) for _, text in shown.continuations)


# A session


def test_works_from_a_session_without_the_text(tmp_path: Path) -> None:
    path = written(tmp_path, RAIN * 20)
    task = made(path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Completion(Completion.Settings(file=path), vocabulary)
    assert opened.baseline_loss == task.baseline_loss and opened.input_size == task.input_size
    network = Cycle(opened, ["rain", "in", "spain"])
    assert opened.answer(network, "the rain", Sampling(2, 0.0), np.random.default_rng(0)).text == "the rain in spain"
    for use in (lambda: opened.sample(np.random.default_rng(0), 2), lambda: opened.held_out(2)):
        with pytest.raises(InputError, match=r"user\.txt: there is no such file"):
            use()


def test_a_session_keeps_its_words_where_the_text_changed(tmp_path: Path) -> None:
    task = made(written(tmp_path, RAIN * 20), unit="words")
    vocabulary = task.vocabulary()
    opened = Completion(Completion.Settings(file=written(tmp_path, "the snow in spain stays. " * 20)), vocabulary)
    assert opened.vocabulary() == vocabulary
    symbols = symbols_of(opened, opened.held_out(1).inputs[:, 0])
    assert set(symbols) == {"the", UNKNOWN, "in", "spain", "stays", "."}
