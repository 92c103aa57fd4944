"""The weights of one layer as kernels read them: row by row, and packed for the products of tiles."""

from dataclasses import dataclass

import numpy as np

from core.kernel import kernel
from core.kernels.matrix_products import pack, pack_transposed
from core.kernels.vectors import lanes


@dataclass(frozen=True)
class LayerWeights:
    """One layer's weights; the panels follow them only when ``pack`` is called.

    Attributes
    ----------
    rows (K + P, C·Hp)
        View of the flat vector, as in core.cell.LayerArrays.
    panels (C·Hp / lanes, K, lanes)
        The same without the P own rows, in strips of columns as wide as a vector.
    back_panels (R / lanes, C·Hp, lanes)
        Strips of the transpose of the first R rows: those of h, and above the bottom layer those of x too.
    """

    rows: np.ndarray
    panels: np.ndarray
    back_panels: np.ndarray

    def pack(self) -> None:
        """Bring both sets of panels to what the rows are now."""
        width = self.back_panels.shape[2]
        pack_layer(self.rows, min(len(self.back_panels) * width, self.panels.shape[1] - 1), self.panels, self.back_panels)


def whole_vectors(size: int, dtype: np.dtype) -> int:
    """``size`` rounded up to full vectors of ``dtype``."""
    width = lanes(np.empty(0, dtype))
    return -(-size // width) * width


def panel_shape(rows: int, columns: int, dtype: np.dtype) -> tuple[int, int, int]:
    """Of panels that hold a matrix (rows, columns)."""
    width = lanes(np.empty(0, dtype))
    return whole_vectors(columns, dtype) // width, rows, width


def make_panels(row_size: int, columns: int, rows_back: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Room for ``panels`` and ``back_panels``, the latter of ``rows_back`` rows."""
    shapes = panel_shape(row_size, columns, dtype), panel_shape(columns, rows_back, dtype)
    return aligned_zeros(shapes[0], dtype), aligned_zeros(shapes[1], dtype)


@kernel
def pack_layer(rows, rows_back, panels, back_panels):  # type: ignore[no-untyped-def]
    """Pack the weights ``rows`` (≥ K, N), and the transpose of the first ``rows_back`` of them.

    Called from Python and from kernels: it only copies, so that two compiled copies of it do the same.
    """
    pack(rows, panels)
    pack_transposed(rows, rows_back, back_panels)


def aligned_zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Zeros that begin at a multiple of 64 bytes: no vector then lies across two lines of the cache where rows are whole vectors."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(size + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size].view(dtype).reshape(shape)
