"""A tune as sound: a soft tone of a few harmonics, each dying away faster than the one below it, in a WAV file.

    s(t) = a(t) Σ_k A_k exp(−D k t) sin(2π k f t),   f = 440 · 2^((pitch − 69) / 12)

a(t) rises in a few milliseconds and falls in some more after the note, both along half a cosine, so that nothing clicks. All harmonics
come from the lowest: exp(−D k t) is a power of exp(−D t), and sin((k + 1) θ) = 2 cos θ sin(k θ) − sin((k − 1) θ).
"""

import io
import wave

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.tunes import TICKS_PER_BEAT, Note, Tune

RATE = 44_100
HARMONICS = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03)
DECAY = 1.6
"""Of the lowest harmonic, per second."""
ATTACK, RELEASE = 0.012, 0.12
"""Seconds."""
PEAK = 0.8
LONGEST_SECONDS = 600


def wav_bytes(tune: Tune) -> bytes:
    """The bytes of a .wav file (44.1 kHz, 16 bits, mono). Raises InputError where it would last more than ten minutes."""
    sound = sound_of(tune)
    sound *= PEAK * 32767
    samples = np.rint(sound, out=sound).astype("<i2")
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.data)
    return data.getvalue()


def sound_of(tune: Tune) -> NDArray[np.float32]:
    """Samples −1…1 of the tune and of its last tone's end, (N,)."""
    seconds_per_tick = 60 / (tune.tempo * TICKS_PER_BEAT)
    seconds = tune.length * seconds_per_tick
    if seconds > LONGEST_SECONDS:
        raise InputError(f"the tune lasts {seconds:.0f} seconds: as sound it may last {LONGEST_SECONDS}; a smaller length would help")
    samples = np.zeros(round((seconds + RELEASE) * RATE), np.float32)
    tones = _tones(tune, seconds_per_tick)
    now = 0
    for note in tune.notes:
        begin, now = round(now * seconds_per_tick * RATE), now + note.length
        if note in tones:
            tone = tones[note][: len(samples) - begin]
            samples[begin : begin + len(tone)] += tone
    loudest = max(samples.max(), -samples.min())
    if loudest > 0:
        samples /= loudest
    return samples


def _tones(tune: Tune, seconds_per_tick: float) -> dict[Note, NDArray[np.float32]]:
    """The sound of each different note: those of one pitch are the same string, let go after a shorter or a longer time."""
    longest: dict[int, int] = {}
    for note in tune.notes:
        if note.pitch is not None:
            longest[note.pitch] = max(note.length, longest.get(note.pitch, 0))
    strings = {pitch: _string(pitch, length * seconds_per_tick + RELEASE) for pitch, length in longest.items()}
    return {note: _let_go(strings[note.pitch], note.length * seconds_per_tick) for note in set(tune.notes) if note.pitch is not None}


def _string(pitch: int, seconds: float) -> NDArray[np.float32]:
    """A tone that only dies away, (N,)."""
    time = np.arange(round(seconds * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    phase = 2 * np.pi * frequency * time
    decay, twice_cosine = np.exp(-DECAY * time), 2 * np.cos(phase)
    power, before, wave_k = decay, np.zeros_like(time), np.sin(phase)
    tone = np.zeros_like(time)
    for k, strength in enumerate(HARMONICS, 1):
        if k * frequency < RATE / 2:
            tone += strength * power * wave_k
        power, before, wave_k = power * decay, wave_k, twice_cosine * wave_k - before
    sound: NDArray[np.float32] = tone.astype(np.float32)
    return sound


def _let_go(string: NDArray[np.float32], seconds: float) -> NDArray[np.float32]:
    """``string`` as a note of so many seconds and its end after it was let go."""
    tone = string[: round((seconds + RELEASE) * RATE)].copy()
    time = np.arange(len(tone), dtype=np.float32) / np.float32(RATE)
    attack = min(ATTACK, seconds)
    rising, falling = np.searchsorted(time, attack), np.searchsorted(time, seconds)
    tone[:rising] *= 0.5 - 0.5 * np.cos(np.pi * time[:rising] / attack)
    tone[falling:] *= 0.5 + 0.5 * np.cos(np.pi * np.minimum((time[falling:] - seconds) / RELEASE, 1))
    return tone
