"""A tune as sound: a soft tone of a few harmonics, each dying away faster than the one below it, in a WAV file.

    s(t) = a(t) Σ_k A_k exp(−D k t) sin(2π k f t),   f = 440 · 2^((pitch − 69) / 12)

a(t) rises in a few milliseconds and falls in some more after the note, both along half a cosine, so that nothing clicks.
"""

import io
import wave

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.tunes import TICKS_PER_BEAT, Tune

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
    samples = np.round(PEAK * 32767 * sound_of(tune)).astype("<i2")
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return data.getvalue()


def sound_of(tune: Tune) -> NDArray[np.float32]:
    """Samples −1…1 of the tune and of its last tone's end, (N,)."""
    seconds_per_tick = 60 / (tune.tempo * TICKS_PER_BEAT)
    seconds = tune.length * seconds_per_tick
    if seconds > LONGEST_SECONDS:
        raise InputError(f"the tune lasts {seconds:.0f} seconds: as sound it may last {LONGEST_SECONDS}; a smaller length would help")
    samples = np.zeros(round((seconds + RELEASE) * RATE), np.float32)
    # The same notes come again and again.
    tones = {note: _tone(note.pitch, note.length * seconds_per_tick) for note in set(tune.notes) if note.pitch is not None}
    now = 0
    for note in tune.notes:
        begin, now = round(now * seconds_per_tick * RATE), now + note.length
        if note in tones:
            tone = tones[note][: len(samples) - begin]
            samples[begin : begin + len(tone)] += tone
    loudest = float(np.abs(samples).max(initial=0.0))
    return samples / np.float32(loudest) if loudest > 0 else samples


def _tone(pitch: int, seconds: float) -> NDArray[np.float32]:
    """One note and its end after it was let go."""
    time = np.arange(round((seconds + RELEASE) * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    tone = np.zeros_like(time)
    for k, strength in enumerate(HARMONICS, 1):
        if k * frequency < RATE / 2:
            tone += strength * np.exp(-DECAY * k * time) * np.sin(2 * np.pi * k * frequency * time)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / min(ATTACK, seconds), 1))
    fall = 0.5 + 0.5 * np.cos(np.pi * np.clip((time - seconds) / RELEASE, 0, 1))
    faded: NDArray[np.float32] = (tone * rise * fall).astype(np.float32)
    return faded
