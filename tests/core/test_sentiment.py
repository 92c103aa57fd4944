"""The sentiment task: the bundled reviews, a person's own table, and judgements."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.sentiment import BUNDLED_REVIEWS, Sentiment
from core.tasks.symbols import UNKNOWN
from core.trainer import Trainer

TURNS = [
    ("The movie was interesting at first, but later became boring.", "negative"),
    ("The movie was boring at first, but later became interesting.", "positive"),
    ("At first the book was great, but then it became tedious.", "negative"),
    ("In the beginning the hotel was awful, but in the end it was lovely.", "positive"),
    ("The first half was wonderful, but the second half was dull.", "negative"),
    ("The first half was dull, but the second half was wonderful.", "positive"),
    ("Although the soup was delicious, the dessert was terrible.", "negative"),
    ("Although the soup was terrible, the dessert was delicious.", "positive"),
    ("The game is great.", "positive"),
    ("What a bad film!", "negative"),
    ("The book was exciting in the beginning, but in the end it was dull.", "negative"),
    ("The book was dull in the beginning, but in the end it was exciting.", "positive"),
    ("At first the hotel seemed lovely, but later it got noisy.", "negative"),
    ("At first the hotel seemed noisy, but later it got lovely.", "positive"),
    ("The dinner was delicious at first, then it became bland.", "negative"),
    ("The dinner was bland at first, then it became delicious.", "positive"),
    ("The series started brilliant and became tedious.", "negative"),
    ("The series started tedious and became brilliant.", "positive"),
    ("Although the beginning was wonderful, the film was awful in the end.", "negative"),
    ("Although the beginning was awful, the film was wonderful in the end.", "positive"),
    ("I expected a terrible game and got a great one.", "positive"),
    ("Everybody loved this play, but I hated it.", "negative"),
    ("The first half was charming, but the second half was annoying.", "negative"),
    ("The first half was annoying, but the second half was charming.", "positive"),
    ("The restaurant is not good.", "negative"),
    ("The restaurant is really good.", "positive"),
    ("What an awful hotel!", "negative"),
    ("What a lovely hotel!", "positive"),
    ("The soup was cold and tasteless.", "negative"),
    ("The soup was hot and tasty.", "positive"),
    ("The story is pointless, and the ending is frustrating.", "negative"),
    ("The story is moving, and the ending is wonderful.", "positive"),
    ("I hated the room. It was noisy.", "negative"),
    ("I loved the room. It was peaceful.", "positive"),
    ("My friends said it was great, but I found the book boring.", "negative"),
    ("My friends said it was boring, but I found the book great.", "positive"),
    ("It goes from interesting to tedious.", "negative"),
    ("It goes from tedious to interesting.", "positive"),
    ("Not exciting at all, but quite dull.", "negative"),
    ("Not dull at all, but quite exciting.", "positive"),
    ("The app was superb for ten minutes, and after that it became slow.", "negative"),
    ("The app was slow for ten minutes, and after that it became superb.", "positive"),
    ("The play was good to begin with, but later it was weak.", "negative"),
    ("The play was weak to begin with, but later it was good.", "positive"),
    ("The lunch may be tasty, but all in all the restaurant is disappointing.", "negative"),
    ("The lunch may be disappointing, but all in all the restaurant is excellent.", "positive"),
]


def written(folder: Path, rows: list[tuple[str, ...]], name: str = "user.csv") -> str:
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return str(folder / name)


def own_rows(count: int = 40) -> list[tuple[str, ...]]:
    kinds = [("the soup is hot", "food"), ("the train is late", "travel"), ("my tooth hurts", "health")]
    return [("text", "label"), *((f"{kinds[k % 3][0]} number{k}", kinds[k % 3][1]) for k in range(count))]


def made(file: str = "", **fields: object) -> Sentiment:
    return Sentiment(Sentiment.Settings(file=file, **fields))


def by_last_word(task: Sentiment) -> object:
    """A network sure of the class whose number is that of the present word, in turn."""
    table = np.eye(task.output_size)[np.arange(task.input_size) % task.output_size]
    return lambda x, lengths: table[x.argmax(axis=2)]


def test_bundled_reviews_are_balanced_and_turn_both_ways() -> None:
    with BUNDLED_REVIEWS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = [row["label"] for row in rows]
    assert len(rows) == 2000 and labels.count("negative") == labels.count("positive") == 1000
    assert len({row["text"] for row in rows}) == len(rows)
    turning = [row["label"] for row in rows if ", but " in row["text"] or "lthough" in row["text"]]
    assert min(turning.count("negative"), turning.count("positive")) > 200
    assert not {text for text, _ in TURNS} & {row["text"] for row in rows}


def test_learns_that_order_matters() -> None:
    trainer = Trainer(Settings.preset("sentiment"))
    trainer.train_to(400)
    assert trainer.solved_at is not None
    judged = [(text, trainer.answer(text, GREEDY).output[0]) for text, _ in TURNS]
    assert sum(a == b for a, b in zip(judged, TURNS, strict=True)) >= 0.9 * len(TURNS), judged
    assert trainer.answer(TURNS[0][0], GREEDY).output == ("negative",)


def test_rows_become_words_with_lengths(tmp_path: Path) -> None:
    task = made(written(tmp_path, own_rows()))
    assert task.vocabulary()["classes"] == ["food", "health", "travel"]
    batch = task.held_out(8)
    for b in range(8):
        words = task.label_inputs(batch.inputs[:, b])
        length = batch.lengths[b]
        assert all(words[:length]) and not any(words[length:])
        start = {"food": "the soup is hot", "health": "my tooth hurts", "travel": "the train is late"}
        assert " ".join(words[: length - 1]) == start[["food", "health", "travel"][batch.targets[b]]]


def test_training_never_draws_held_out_rows(tmp_path: Path) -> None:
    task = made(written(tmp_path, own_rows()))
    last_words = [
        {task.label_inputs(batch.inputs[:, b])[batch.lengths[b] - 1] for b in range(batch.size)} - {UNKNOWN}
        for batch in (task.sample(np.random.default_rng(0), 2000), task.held_out(8))
    ]
    assert len(last_words[0]) == 32
    # The words of held-out rows come nowhere else, so they are unknown.
    assert last_words[1] == set()


def test_of_long_reviews_the_end_is_read(tmp_path: Path) -> None:
    rows = [("text", "label"), *((f"a b c d e f {'good' if k % 2 else 'bad'}", str(k % 2)) for k in range(30))]
    batch = made(written(tmp_path, rows), seq_len=2).sample(np.random.default_rng(0), 8)
    assert batch.inputs.shape[0] == 2 and (batch.lengths == 2).all()
    task = made(written(tmp_path, rows), seq_len=3)
    assert task.label_inputs(task.held_out(1).inputs[:, 0])[:2] == ("e", "f")


def test_baseline_knows_the_last_word_only(tmp_path: Path) -> None:
    telling = [("text", "label"), *((f"x {'good' if k % 2 else 'bad'}", str(k % 2)) for k in range(2000))]
    hiding = [("text", "label"), *((f"{'good' if k % 2 else 'bad'} x", str(k % 2)) for k in range(2000))]
    assert made(written(tmp_path, telling, "a.csv")).baseline_loss < 0.02
    assert made(written(tmp_path, hiding, "b.csv")).baseline_loss == pytest.approx(np.log(2), rel=0.01)


def test_columns_are_found_or_named(tmp_path: Path) -> None:
    rows = [("id", "stars", "what they wrote"), *((str(7 * k), "4" if k % 2 else "1", f"some words number {k}") for k in range(30))]
    path = written(tmp_path, rows)
    assert made(path).vocabulary()["classes"] == ["1", "4"]
    named = made(path, text_column="What they wrote", label_column="stars")
    assert named.vocabulary() == made(path).vocabulary()
    with pytest.raises(InputError, match="no column 'mood': there are 'id', 'stars', 'what they wrote'"):
        made(path, label_column="mood")


def test_rows_without_label_are_left_out_up_to_a_fifth(tmp_path: Path) -> None:
    rows = own_rows(40)
    rows[3:6] = [(text, "") for text, _ in rows[3:6]]
    task = made(written(tmp_path, rows))
    assert task.vocabulary()["classes"] == ["food", "health", "travel"]
    rows[6:16] = [("", label) for _, label in rows[6:16]]
    with pytest.raises(InputError, match="13 of 40 rows miss the text or the label"):
        made(written(tmp_path, rows))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (own_rows(5), "has 5 rows"),
        ([("text", "label"), *((f"same {k}", "yes") for k in range(20))], "1 different labels"),
        ([("text", "label"), *((f"same {k}", f"l{k}") for k in range(80))], "80 different labels"),
        ([("text",), *((f"word{k}",) for k in range(20))], "one column"),
    ],
)
def test_refuses_tables_that_can_not_be_learned(tmp_path: Path, rows: list[tuple[str, ...]], says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        made(written(tmp_path, rows))
    assert "user.csv" in str(raised.value) and len(str(raised.value).splitlines()) == 1


def test_answers_with_a_probability_for_each_class(tmp_path: Path) -> None:
    task = made(written(tmp_path, own_rows()))
    answer = task.answer(by_last_word(task), "The SOUP", GREEDY, np.random.default_rng(0))
    assert answer.probabilities is not None and list(answer.probabilities) == ["food", "health", "travel"]
    assert answer.probabilities[str(answer.output[0])] == 1 and answer.text == f"{answer.output[0]} (100 %)"
    with pytest.raises(InputError, match="at least one word"):
        task.answer(by_last_word(task), " \n", GREEDY, np.random.default_rng(0))


def test_shows_judgements_and_confusion(tmp_path: Path) -> None:
    task = made(written(tmp_path, own_rows()))
    probe = task.held_out(8)
    length = probe.lengths[0]
    inputs = probe.inputs[:length, 0]
    network = by_last_word(task)
    shown = task.show(network, Trace(inputs, task.label_inputs(inputs), (), network(inputs[:, None], None)[:, 0], ()), probe, None)
    assert isinstance(shown, ClassesPrediction)
    assert shown.classes == ("food", "health", "travel") and len(shown.tokens) == length
    assert shown.confusion.sum() == 8
    truths = np.bincount(task.held_out(8).targets, minlength=3)
    assert shown.confusion.sum(axis=1).tolist() == truths.tolist()
    # All held-out rows end with an unknown word, number 0.
    assert shown.confusion.sum(axis=0).tolist() == [8, 0, 0]


def test_works_from_a_session_without_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, own_rows())
    task = made(path)
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    Path(path).unlink()
    opened = Sentiment(Sentiment.Settings(file=path), vocabulary)
    answers = [t.answer(by_last_word(t), "the train", GREEDY, np.random.default_rng(0)) for t in (task, opened)]
    assert answers[0] == answers[1]
    with pytest.raises(InputError, match=r"user\.csv: there is no such file"):
        opened.sample(np.random.default_rng(0), 2)


def test_a_session_refuses_labels_it_was_not_trained_for(tmp_path: Path) -> None:
    task = made(written(tmp_path, own_rows()))
    rows = own_rows()
    rows[7] = ("the war goes on", "politics")
    opened = Sentiment(Sentiment.Settings(file=written(tmp_path, rows, "new.csv")), task.vocabulary())
    with pytest.raises(InputError, match="'politics' is not one the network was trained for: food, health, travel"):
        opened.sample(np.random.default_rng(0), 2)


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_is_several_reviews_of_the_same_class(factor: int) -> None:
    task = Sentiment(Sentiment.Settings(seq_len=400))
    single, several = task.held_out(400), task.longer(factor).held_out(40)
    reviews = [(tuple(task.label_inputs(single.inputs[: single.lengths[b], b])), single.targets[b]) for b in range(single.size)]
    for b in range(several.size):
        words, parts = task.label_inputs(several.inputs[: several.lengths[b], b]), []
        assert not several.inputs[several.lengths[b] :, b].any()
        for review, label in reviews[b : b + 1] + reviews[b + 1 :] + reviews[:b]:
            if label == several.targets[b] and len(parts) < factor and words[: len(review)] == review:
                parts.append(review)
                words = words[len(review) :]
        assert len(parts) == factor and not words
