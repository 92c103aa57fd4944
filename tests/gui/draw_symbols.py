"""Draws every symbol of the cells' equations as outlines into assets/equations/symbols.json: run by hand when a cell has a new one.

Usage: pip install -e .[equations] && python -m tests.gui.draw_symbols

The window only fills these outlines: the typesetter takes a third of a second to import, and must not hold the window's thread.
"""

import json
import re

import ziamath

from gui.plots.mathematics import SYMBOLS_FILE
from tests.gui.symbols import needed_symbols

EM = 1000
TILDE_GAP = 70
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def moved(path: str, dy: int) -> str:
    """``path`` (M, L, Q, Z with absolute coordinates) further down."""
    numbers = iter(range(len(NUMBER.findall(path))))
    return NUMBER.sub(lambda found: str(int(found[0]) + (dy if next(numbers) % 2 else 0)), path)


def rows(path: str) -> list[int]:
    return [int(number) for number in NUMBER.findall(path)[1::2]]


def outline(latex: str) -> dict[str, object]:
    """Width, and the outline on the baseline y = 0, in thousandths of the type size; a tilde is brought nearer to its letter."""
    ziamath.config.svg2 = False
    drawn = ziamath.Latex(latex, size=EM)
    svg = drawn.svg()
    found = re.findall(r' d="([^"]+)"', svg)
    paths = [" ".join(str(round(float(word))) if NUMBER.fullmatch(word) else word for word in path.split()) for path in found]
    if latex.startswith(r"\tilde"):
        paths[1] = moved(paths[1], min(rows(paths[0])) - TILDE_GAP - max(rows(paths[1])))
    return {"width": round(drawn.getsize()[0]), "outline": " ".join(paths)}


def main() -> None:
    SYMBOLS_FILE.parent.mkdir(exist_ok=True)
    symbols = {latex: outline(latex) for latex in sorted(needed_symbols())}
    lines = [f"{json.dumps(latex)}: {json.dumps(symbol, separators=(',', ':'))}" for latex, symbol in symbols.items()]
    SYMBOLS_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{len(symbols)} symbols, {SYMBOLS_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
