"""The only place where a function becomes machine code, and the only choice of compiler options.

Options, and the reason for each:

``nogil``
    Training runs in a thread beside the window; a kernel that held the lock would freeze it.
``cache``
    Compiling takes seconds and must happen once a machine, not once a start.
``fastmath`` = contract, reassoc, nsz, arcp
    Lets sums be vectorised and multiply-adds be fused. Not ``nnan`` or ``ninf``: they would remove the tests that catch
    divergence.
``forceinline``, for what other kernels call
    A call between kernels is resolved when they are loaded: in the process that compiled them to another copy of the callee than in
    one that finds them on disk, and the two copies round differently. What is written into its caller is the same in both.
``error_model`` = numpy
    Division gives infinity instead of an exception, whose test would keep loops from being vectorised.
no references counted, no wrappers for calls that never come, level 2 of 3
    Compiling takes half as long, and kernels are as fast: their inner loops are explicit vectors. The environment variable NUMBA_OPT
    chooses another level; Numba forgets this one where a NUMBA_… variable changes while the program runs.

Numba does not notice that a jitted function in another file changed, so the cache folder is named by a hash over all kernel
sources, the versions of Numba and llvmlite, and the CPU with its features. The place of the sources is part of it too, as Numba
files what it compiled by their path: a second checkout would find this one's folder, and nothing in it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding
import numba
from numba.extending import overload

from core.folders import cache_folder
from core.kernels.vectors import VectorType

FASTMATH = {"contract", "reassoc", "nsz", "arcp"}
KEPT_CACHES = 3
# Another version that is at work right now has touched its cache when it began: such a young one is left alone.
SECONDS_IN_USE = 24 * 3600


def _kernel_sources() -> list[Path]:
    own = Path(__file__).resolve()
    sources = (path for path in sorted(own.parent.rglob("*.py")) if _is_kernel_source(path.read_text(encoding="utf-8")))
    return [own, *sources]


def _is_kernel_source(text: str) -> bool:
    """Whether a file compiles, is compiled into kernels, or says how."""
    return any(line in text for line in ("from core.kernel import ", "import numba\n", "from numba", "llvmlite"))


@cache
def cache_key() -> str:
    """Hash of everything that decides whether compiled kernels fit: sources and their place, compiler versions, CPU and its features.

    Made once a process, for the sources that it began with: one that is edited meanwhile must not move the folder.
    """
    # Not resolved: Numba too takes the path by which the sources were imported.
    digest = hashlib.sha256(os.path.dirname(os.path.abspath(__file__)).encode(errors="surrogateescape") + b"\0")
    for path in _kernel_sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    features = llvmlite.binding.get_host_cpu_features().flatten()
    # What a person may ask Numba for: another CPU, and how hard to try.
    config: Any = numba.config
    asked_for = (config.CPU_NAME, config.CPU_FEATURES, str(config.OPT))
    for fact in (numba.__version__, llvmlite.__version__, llvmlite.binding.get_host_cpu_name(), features, *asked_for):
        digest.update((fact or "").encode() + b"\0")
    return digest.hexdigest()[:20]


def kernel_cache_folder() -> Path:
    """The folder of compiled kernels that fit this source tree and this machine."""
    return cache_folder() / "kernels" / cache_key()


def _prepare_cache() -> None:
    folder = kernel_cache_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.touch()
    others = sorted((path for path in folder.parent.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    now = folder.stat().st_mtime
    for old in others[:-KEPT_CACHES]:
        if now - old.stat().st_mtime > SECONDS_IN_USE:
            shutil.rmtree(old, ignore_errors=True)
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]


if "NUMBA_OPT" not in os.environ:
    numba.config.OPT = type(numba.config.OPT)(2)  # type: ignore[attr-defined]
_prepare_cache()


_compiled: list[Any] = []


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile ``function`` at its first call for the types it is called with, and keep the result on disk."""
    return _compile(function)


def inner_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function that only other kernels call: its code is written into theirs."""
    return _for_kernels(function, forceinline=True)


def addressed_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function that only other kernels call, by its address (core.kernels.kernel_pointer)."""
    return _for_kernels(function)


def _compile(function: Callable[..., Any], **more: Any) -> Callable[..., Any]:
    # Kernels own no memory: nothing is allocated in them, and no references are counted.
    compile_with: Any = numba.njit  # its own types know fewer options
    compiled: Callable[..., Any] = compile_with(
        nogil=True, cache=True, fastmath=FASTMATH, error_model="numpy", _nrt=False, no_cfunc_wrapper=True, **more
    )(function)
    _compiled.append(compiled)
    return compiled


def _for_kernels(function: Callable[..., Any], **more: Any) -> Callable[..., Any]:
    """Without what takes arguments from Python, whose compiling takes as long as that of many a kernel; calls from there are refused."""
    compiled = _compile(function, no_cpython_wrapper=True, **more)
    dispatcher: Any = compiled

    def refuse(*arguments: Any, **more: Any) -> None:
        raise TypeError(f"{function.__name__} is for kernels only")

    dispatcher._compile_for_args = refuse
    # What calls from Python look up before they compile.
    dispatcher._insert = lambda *arguments, **more: None
    return compiled


def choose_by_precision(generic: Callable[[Any], Any], single: Callable[[Any], Any], double: Callable[[Any], Any]) -> None:
    """Inside kernels let ``generic(v)`` of a vector mean ``single(v)`` in float32 and ``double(v)`` in float64."""

    @overload(generic, jit_options={"fastmath": FASTMATH, "error_model": "numpy", "forceinline": True})
    def choose(x):  # type: ignore[no-untyped-def]
        return {VectorType(numba.float32): single, VectorType(numba.float64): double}.get(x)


def compiled_count() -> int:
    """How many specialisations this process compiled itself, rather than loading them from the cache."""
    return sum(sum(function.stats.cache_misses.values()) for function in _compiled)
