"""Finds the shared libraries that Qt takes from a Linux system and that are missing, and names the line that installs them.

Without them importing PySide6 fails with the loader's bare words, so this is asked before Qt is imported, and imports no Qt itself.
``python -m gui.system_libraries --install`` installs them when started by root on Debian or Ubuntu, and names the line otherwise.
"""

import ctypes
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FONTS = ("fonts-inter", "fonts-jetbrains-mono")


@dataclass(frozen=True)
class Library:
    """A shared library by the name the loader looks for, and the Debian package that holds it."""

    soname: str
    package: str


# What QtGui and every platform plugin need, the one without a display too.
ALWAYS = (
    Library("libEGL.so.1", "libegl1"),
    Library("libGL.so.1", "libgl1"),
    Library("libX11.so.6", "libx11-6"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libfontconfig.so.1", "libfontconfig1"),
    Library("libfreetype.so.6", "libfreetype6"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libgthread-2.0.so.0", "libglib2.0-0"),
    Library("libstdc++.so.6", "libstdc++6"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
    Library("libz.so.1", "zlib1g"),
    Library("libzstd.so.1", "libzstd1"),
)
X11 = (
    Library("libX11-xcb.so.1", "libx11-xcb1"),
    Library("libxcb.so.1", "libxcb1"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render.so.0", "libxcb-render0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-shm.so.0", "libxcb-shm0"),
    Library("libxcb-sync.so.1", "libxcb-sync1"),
    Library("libxcb-util.so.1", "libxcb-util1"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
WAYLAND = (
    Library("libwayland-client.so.0", "libwayland-client0"),
    Library("libwayland-cursor.so.0", "libwayland-cursor0"),
)


def has_display(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether Qt would open a window that a person sees, rather than draw without a display."""
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return not chosen.startswith(("offscreen", "minimal"))
    return not _is_linux() or bool(environment.get("WAYLAND_DISPLAY") or environment.get("DISPLAY"))


def missing_libraries(with_display: bool) -> list[Library]:
    """Return the libraries that Qt needs and the system lacks; empty on other systems than Linux.

    With a display either the window system's own libraries or, where both run, those of the other one suffice: Qt takes the
    first that loads.
    """
    if not _is_linux():
        return []
    missing = _missing_of(ALWAYS)
    if not with_display:
        return missing
    fewest: list[Library] = min([_missing_of(libraries) for libraries in _window_systems(os.environ)], key=len)
    return missing + fewest


def install_line(missing: Iterable[Library]) -> str:
    """Return the one command that installs ``missing`` on Debian and Ubuntu, and the window's fonts where the system offers them."""
    packages = [*dict.fromkeys(library.package for library in missing), *(font for font in FONTS if _is_offered(font))]
    return " ".join([*([] if _is_root() else ["sudo"]), "apt-get", "install", "-y", *packages])


def explain(missing: Sequence[Library]) -> str:
    """Return one line that says what is missing and what installs it."""
    if _has_apt():
        return f"Qt needs system libraries that are missing; this installs them: {install_line(missing)}"
    names = ", ".join(library.soname for library in missing)
    return f"Qt needs {names}: install them with the system's package manager (Debian and Ubuntu: {install_line(missing)})"


def install(missing: Sequence[Library]) -> None:
    """Install ``missing`` with apt-get, asking nothing. Failures are left to the next look at what is missing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    line = install_line(missing)
    print(f"Installing Qt's system libraries: {line}", flush=True)
    command = [*line.split(), "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)


def main(arguments: Sequence[str]) -> int:
    """Look, install if asked and able, and say what is still missing; returns 1 in that case, otherwise 0."""
    is_with_display = has_display()
    missing = missing_libraries(is_with_display)
    if missing and "--install" in arguments and _has_apt() and _is_root():
        install(missing)
        missing = missing_libraries(is_with_display)
    if missing:
        print(explain(missing), file=sys.stderr)
    return 1 if missing else 0


def _window_systems(environment: Mapping[str, str]) -> list[tuple[Library, ...]]:
    """The libraries of each window system that Qt would try; X11 where nothing tells."""
    chosen = environment.get("QT_QPA_PLATFORM", "")
    is_wayland_tried = "wayland" in chosen if chosen else bool(environment.get("WAYLAND_DISPLAY"))
    is_x11_tried = "xcb" in chosen if chosen else bool(environment.get("DISPLAY"))
    return [WAYLAND] * is_wayland_tried + [X11] * (is_x11_tried or not is_wayland_tried)


def _missing_of(libraries: Iterable[Library]) -> list[Library]:
    return [library for library in libraries if not _is_loadable(library.soname)]


def _is_loadable(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def _is_linux() -> bool:
    return sys.platform == "linux"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _has_apt() -> bool:
    """Whether this is Debian, Ubuntu or a system made from them."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    family = {release.get("ID", ""), *release.get("ID_LIKE", "").split()}
    return not family.isdisjoint({"debian", "ubuntu"}) and shutil.which("apt-get") is not None


def _is_offered(package: str) -> bool:
    """Whether apt knows ``package``."""
    try:
        return subprocess.run(["apt-cache", "show", package], capture_output=True).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
