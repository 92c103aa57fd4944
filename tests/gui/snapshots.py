"""Hand-made snapshots with the shapes and habits of real runs, for tests and pictures: no training, no thread, always the same."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from core.prediction import (
    ClassesPrediction,
    MelodyPrediction,
    NumberPrediction,
    Prediction,
    SensorPrediction,
    SeriesPrediction,
    SymbolsPrediction,
    TagsPrediction,
    TextPrediction,
    WavePrediction,
)
from core.registry import cells
from core.settings import Settings
from core.snapshot import Evaluation, LayerTrace, Mark, Metric, Snapshot, Trace
from core.tunes import parse_notes
from tests.gui.look_samples import make_sizes, make_updates, make_weights
from tests.gui.trace_look_samples import make_looks

CELLS = ("rnn", "lstm", "gru")
TASK_OF_KIND = {
    "number": "adding",
    "symbols": "copy",
    "text": "completion",
    "classes": "sentiment",
    "series": "prices",
    "wave": "waveform",
    "melody": "melody",
    "tags": "tagging",
    "sensor": "sensor",
}
BASELINE = 1 / 6
PASSAGE = (
    "it is raining, so we are staying at home. she is taking the red kite to the park. the garden is full of birds now. "
    "I am going to the beach on foot. he is looking for an aple."
)
SENTENCE = "the movie was interesting at first , but later it became slow and in the end quite boring"
REVIEW = tuple(SENTENCE.split())


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy


@cache
def losses_until(step: int, solved_at: int = 740, seed: int = 3) -> np.ndarray:
    """Training losses of updates 1 … step: down to the baseline, a long plateau, a fall, a noisy floor."""
    update = np.arange(1, step + 1)
    plateau = BASELINE * (1 + 5 * np.exp(-update / 9))
    floor = 0.0022 + 0.05 * np.exp(-np.maximum(update - solved_at, 0) / 30)
    share = sigmoid((solved_at - 10 - update) / 6)
    mean = np.exp(share * np.log(plateau) + (1 - share) * np.log(floor))
    noise = np.random.default_rng(seed).normal(0, 0.22 + 0.12 * (1 - share))
    return frozen(mean * np.exp(noise))


@cache
def held_out_at(step: int) -> float:
    return float(np.exp(np.log(losses_until(max(step, 5))[-5:]).mean()) * 1.05)


def make_layer(cell: str, seq_len: int = 50, units: int = 32, progress: float = 1.0, seed: int = 1, marked=(8, 27)) -> LayerTrace:
    """A layer whose signals obey the cell's equations on random but structured gate values."""
    rng = np.random.default_rng(seed)
    wobble = rng.normal(0, 0.3, (seq_len, units))
    event = np.zeros((seq_len, 1))
    event[[step for step in marked if step < seq_len]] = 1
    character = rng.normal(0, 1.2, units)
    candidate = np.tanh(character * (0.6 + event * 1.5) + 0.6 * wobble)
    write = sigmoid(-2.2 + 4 * event * progress + 0.9 * rng.normal(size=units) + wobble)
    keep = sigmoid(2.0 + 1.4 * rng.normal(size=units) + 0.4 * wobble - event)
    show = sigmoid(0.2 + 1.2 * rng.normal(size=units) + wobble)
    state = np.zeros((seq_len, units))
    for t in range(seq_len):
        before = state[t - 1] if t else 0.0
        state[t] = keep[t] * before + write[t] * candidate[t] if cell == "lstm" else (1 - write[t]) * before + write[t] * candidate[t]
    hidden = show * np.tanh(state) if cell == "lstm" else state if cell == "gru" else np.tanh(1.5 * state + wobble)
    by_name = {
        "forget": keep, "input": write, "output": show, "candidate": candidate, "cell state": state, "hidden": hidden,
        "update": write, "reset": keep,
    }  # fmt: skip
    signals = cells()[cell].signals
    back = np.arange(seq_len)[::-1]
    fading = {"lstm": 0.004 + 0.3 * (1 - progress), "gru": 0.02 + 0.2 * (1 - progress), "rnn": 0.45}[cell]
    gradient_c = 0.075 * np.exp(-fading * back)
    gradient_h = gradient_c if cell != "lstm" else 0.0018 * np.exp(rng.normal(0, 0.45, seq_len)) + 0.08 * np.exp(-0.9 * back)
    is_lstm = cell == "lstm"
    return LayerTrace(
        signals=signals,
        values={signal.name: frozen(by_name[signal.name]) for signal in signals},
        gradient_h=frozen(gradient_h),
        gradient_c=frozen(gradient_c) if is_lstm else None,
        gradient_c_alone=frozen(gradient_c * (0.7 + 0.3 * np.exp(-0.05 * back))) if is_lstm else None,
    )


@cache
def make_trace(cell: str = "lstm", seq_len: int = 50, units: int = 32, layers: int = 1, progress: float = 1.0, seed: int = 1) -> Trace:
    rng = np.random.default_rng(seed)
    marked = tuple(step for step in (8, 27) if step < seq_len)
    inputs = np.zeros((seq_len, 2))
    inputs[:, 0] = rng.random(seq_len)
    inputs[list(marked), 1] = 1
    return Trace(
        inputs=frozen(inputs),
        input_labels=tuple(f"{value:.2f}" for value in inputs[:, 0]),
        marked_steps=marked,
        outputs=frozen(np.cumsum(inputs[:, 0] * inputs[:, 1])[:, np.newaxis]),
        layers=tuple(make_layer(cell, seq_len, units, progress, seed + layer) for layer in range(layers)),
    )


def number_prediction(seq_len: int = 50, error: float = 0.04, seed: int = 2) -> NumberPrediction:
    rng = np.random.default_rng(seed)
    steps = np.arange(seq_len)
    targets = np.where(steps >= 27, 1.41, np.where(steps >= 8, 0.78, 0.0))
    rise = 1.33 - 1.05 * np.exp(-steps / 5)
    answers = np.where(steps >= 27, 1.30 + 0.1 * (steps - 27) / max(1, seq_len - 27), np.minimum(rise, 1.38))
    held_out = rng.random((256, 2)).sum(axis=1)
    return NumberPrediction(frozen(answers), frozen(targets), frozen(held_out), frozen(held_out + rng.normal(0, error, 256)), 0.04)


def symbols_prediction(lag: int = 12, count: int = 6, seed: int = 4) -> SymbolsPrediction:
    rng = np.random.default_rng(seed)
    symbols = ("A", "B", "C", "D", "E", "F", "G", "H", "·")
    letters = rng.integers(0, 8, count)
    seq_len = lag + 2 * count
    inputs, wanted = ["·"] * seq_len, ["·"] * seq_len
    inputs[:count] = [symbols[k] for k in letters]
    inputs[-count - 1] = "▸"
    wanted[-count:] = [symbols[k] for k in letters]
    logits = rng.normal(0, 0.7, (seq_len, len(symbols)))
    logits[:, 8] += 5
    for k, letter in enumerate(letters):
        row = logits[seq_len - count + k]
        row[8] -= 5
        row[letter if k % 4 != 2 else (letter + 1) % 8] += 3.5
    exponentials = np.exp(logits)
    return SymbolsPrediction(symbols, tuple(inputs), tuple(wanted), frozen(exponentials / exponentials.sum(axis=1, keepdims=True)))


def text_prediction(is_words: bool = False, seed: int = 5) -> TextPrediction:
    rng = np.random.default_rng(seed)
    read = tuple(PASSAGE.split()) if is_words else tuple(PASSAGE)
    starts = np.array([k == 0 or read[k - 1] == " " for k in range(len(read))])
    surprise = (
        rng.exponential(2.5, len(read)) if is_words else np.where(starts, rng.exponential(2.2, len(read)), rng.exponential(0.12, len(read)))
    )
    surprise[0] = 0.0
    surprise[-3:] = (8.8, 6.4, 2.1)
    prompt = "I am going to the"
    return TextPrediction(
        read=read,
        surprise=frozen(surprise),
        prompt=prompt,
        next_symbols=("park", "school", "shop", "beach", "garden", "library", "station"),
        next_probabilities=frozen(np.array([0.33, 0.14, 0.12, 0.12, 0.10, 0.09, 0.08])),
        continuations=(
            (0.3, f"{prompt} school today. I am going to the school today. they are going to the park. they are going to the shop"),
            (0.7, f"{prompt} library after lunch. they are looking for a small dog. they are taking a good book to the park."),
            (1.2, f"{prompt} library after lunch. we are looking for some bread. we are taking some bread to the stat.oking"),
        ),
        is_words=is_words,
        uniform_surprise=4.7,
    )


def classes_prediction(seed: int = 6) -> ClassesPrediction:
    drift = np.array([0, 0, 0, 1.8, 0.4, 0.6, 0, -1.6, -0.4, 0, -0.3, -0.9, 0, 0, 0, -0.2, 0.2, -2.4])
    positive = sigmoid(np.cumsum(drift)[: len(REVIEW)] + np.random.default_rng(seed).normal(0, 0.1, len(REVIEW)))
    return ClassesPrediction(
        ("negative", "positive"), tuple(REVIEW), frozen(np.column_stack((1 - positive, positive))), 0, np.array([[118, 9], [14, 115]])
    )


def series_prediction(known: int = 96, ahead: int = 24, seed: int = 7) -> SeriesPrediction:
    rng = np.random.default_rng(seed)
    month = np.arange(known + ahead)
    truth = 110 + 0.9 * month + 18 * np.sin(2 * np.pi * month / 12) * (1 + month / 90) + rng.normal(0, 3, known + ahead)
    past, future = truth[:known], truth[known:]
    one_step = np.concatenate(([np.nan], past[1:] + rng.normal(0, 4, known - 1)))
    distance = np.arange(1, ahead + 1)
    forecast = future + rng.normal(0, 3, ahead) - 0.6 * distance
    width = 8 * np.sqrt(distance)
    parts = (past, one_step, forecast, future, forecast - width, forecast + width)
    return SeriesPrediction(*(frozen(part) for part in parts), column="passengers", unit="thousand")


def wave_prediction(steps: int = 40, error: float = 0.1, seed: int = 8) -> WavePrediction:
    turn = 2 * np.pi * (1.7 * np.arange(steps) / 40 + 0.25)
    wanted = 0.8 * np.sin(turn)
    taught = wanted + np.random.default_rng(seed).normal(0, 0.02, steps)
    described = (("frequency", "1.70"), ("phase", "0.25"), ("amplitude", "0.80"), ("sine", ""))
    return WavePrediction(frozen(wanted), frozen(0.8 * np.sin((1 - error) * turn)), frozen(taught), described)


def picture(rows: int = 7, columns: int = 5) -> np.ndarray:
    """A ring of ink that grows darker from the top."""
    image = np.zeros((rows, columns))
    image[[0, -1]], image[:, [0, -1]] = 1, 1
    return frozen(image * np.linspace(0.3, 1, rows)[:, None])


def melody_prediction(seed: int = 8) -> MelodyPrediction:
    """Eight bars in C, then the end and the first bar of another tune; the network goes on after the fourth bar."""
    phrase = parse_notes("C4 E4:1/2 F4:1/2 G4 E4 | A4 G4:1/2 F4:1/2 G4:2 | C4 E4:1/2 F4:1/2 G4 E4 | D4 E4 D4:2")
    answer = parse_notes("C4 E4:1/2 F4:1/2 G4 E4 | A4 G4:1/2 F4:1/2 G4:2 | F4 A4:1/2 G4:1/2 F4 D4 | E4 D4 C4:2")
    other = parse_notes("G4:3/2 A4:1/2 B4 R")
    shares = np.random.default_rng(seed).beta(2, 2, 1 + len(phrase + answer) + 1 + len(other))
    shares[0] = np.nan
    return MelodyPrediction(
        notes=(None, *phrase, *answer, None, *other),
        shares=frozen(shares),
        given=1 + len(phrase),
        continuation=(*parse_notes("C4 E4:1/2 F4:1/2 G4 E4 | A4 B4:1/2 C5:1/2 G4:2 | F4 E4:1/2 D4:1/2 C4:2"), None),
        next_symbols=("C4", "G4", "F4", "C4:2", "A4:1/2", "end"),
        next_probabilities=frozen(np.array([0.58, 0.15, 0.11, 0.06, 0.04, 0.01])),
        bar=48,
        tempo=120.0,
    )


def recording_prediction(seed: int = 8) -> ClassesPrediction:
    """One of ten words, heard in a recording."""
    rng = np.random.default_rng(seed)
    words = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
    steps = np.arange(40)
    logits = rng.normal(0, 0.3, (40, 10))
    logits[:, 3] += np.clip(steps - 12, 0, 12) / 2
    logits[:, 6] += np.clip(steps - 12, 0, 6) / 2
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    heard = np.exp(-((np.arange(12) - (2 + steps[:, None] / 4)) ** 2) / 2) + 0.2 * rng.random((40, 12))
    tokens = tuple(str(int(row.argmax()) + 1) for row in heard)
    return ClassesPrediction(words, tokens, frozen(shares), 3, np.eye(10, dtype=np.int64) * 28 + 1, spectrogram=frozen(heard))


def tags_prediction(seed: int = 9) -> TagsPrediction:
    words = ("Jordan", "flew", "to", "Georgia", "because", "Zentara", "opened", "an", "office", "in", "Paris", ".")
    tags = ("person", "place", "organisation", "other")
    wanted = (0, 3, 3, 1, 3, 2, 3, 3, 3, 3, 1, 3)
    logits = np.random.default_rng(seed).normal(0, 0.5, (len(words), 4))
    logits[np.arange(len(words)), wanted] += 3
    logits[5, 0] += 4
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    confusion = np.array([[112, 3, 4, 1], [2, 90, 5, 0], [6, 2, 101, 3], [0, 1, 2, 1480]])
    is_known = tuple(word != "Zentara" for word in words)
    return TagsPrediction(tags, "other", words, is_known, tuple(tags[k] for k in wanted), frozen(shares), confusion)


def sensor_prediction(seq_len: int = 60, seed: int = 10) -> SensorPrediction:
    rng = np.random.default_rng(seed)
    steps = np.arange(seq_len)
    channels = np.stack([np.sin(2 * np.pi * (steps / 24 + k / 8)) + 0.4 * k for k in range(4)]) + rng.normal(0, 0.05, (4, seq_len))
    channels[1, 20:35] = channels[1, 20]
    channels[2, 50:52] += 2
    shares = 0.05 + 0.05 * rng.random(seq_len)
    shares[23:35] = 0.9
    shares[40] = 0.6
    return SensorPrediction(("ch 1", "ch 2", "ch 3", "ch 4"), frozen(channels), ((20, 34), (50, 51)), frozen(shares), 0.5)


def make_prediction(kind: str) -> Prediction:
    makers = {
        "number": number_prediction,
        "symbols": symbols_prediction,
        "text": text_prediction,
        "classes": classes_prediction,
        "series": series_prediction,
        "wave": wave_prediction,
        "melody": melody_prediction,
        "tags": tags_prediction,
        "sensor": sensor_prediction,
    }
    return makers[kind]()


def make_settings(task: str = "adding", cell: str = "lstm", hidden_size: int = 32, num_layers: int = 1) -> Settings:
    return Settings.from_dict({"task": {"name": task}, "network": {"cell": cell, "hidden_size": hidden_size, "num_layers": num_layers}})


def make_snapshot(step: int = 1240, since: int = 0, cell: str = "lstm", kind: str = "number", run_id: int = 1, **trace_options) -> Snapshot:
    """The state after ``step`` updates, with everything that happened after update ``since``."""
    trace_options.setdefault("progress", float(np.clip((step - 100) / 700, 0, 1)))
    seq_len = trace_options.get("seq_len", 50)
    evaluations = tuple(
        Evaluation(at, held_out_at(at), Metric("right within 0.04", 64.0 if at > 760 else 8.0, "%"), at >= 760)
        for at in range(20, step + 1, 20)
        if at > since
    )
    marks = (Mark(260, "rate 0.001 → 0.01"), Mark(610, "clip off → 1.0"), Mark(900, "rate 0.01 → 0.004"))
    return Snapshot(
        run_id=run_id,
        settings=make_settings(TASK_OF_KIND[kind], cell, trace_options.get("units", 32), trace_options.get("layers", 1)),
        step=step,
        losses=frozen(losses_until(step)[since:]),
        evaluations=evaluations,
        marks=tuple(mark for mark in marks if since < mark.step <= step),
        parameter_count=4513,
        baseline_loss=BASELINE,
        solved_at=760 if step >= 760 else None,
        gradient_norm=0.4,
        clipped_share=0.1,
        learning_rate=0.003,
        trace=make_trace(cell, **trace_options),
        updates=make_updates(step, since),
        looks=make_looks(make_trace(cell, **trace_options))
        | {
            "weights": make_weights(cell, trace_options.get("units", 32), trace_options.get("layers", 1), step),
            "updates": make_sizes(trace_options.get("layers", 1), step),
        },
        prediction=number_prediction(seq_len) if kind == "number" else make_prediction(kind),
    )


def run_of_snapshots(until: int = 1240, every: int = 20, **options) -> Iterator[Snapshot]:
    """The snapshots of a run, frame after frame."""
    for step in range(every, until + 1, every):
        yield make_snapshot(step, step - every, **options)


def with_losses(snapshot: Snapshot, losses: np.ndarray, **changes) -> Snapshot:
    """``snapshot`` with other losses: of updates 1 … n where nothing else is said."""
    return replace(snapshot, losses=frozen(losses), **{"step": len(losses), **changes})
