"""gui/system_libraries.py: names exactly what Qt lacks, and the one line that installs it."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from gui import system_libraries
from gui.system_libraries import ALWAYS, WAYLAND, X11, Library, explain, has_display, install_line, main, missing_libraries

EGL = Library("libEGL.so.1", "libegl1")
CURSOR = Library("libxcb-cursor.so.0", "libxcb-cursor0")


class Machine:
    """A pretended Linux machine: what it lacks, who is logged in, what apt-get was told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lacking: set[str] = set()
        self.commands: list[str] = []
        self.is_mended_by_apt = True
        self.patch = monkeypatch
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(system_libraries, "_is_linux", lambda: True)
        monkeypatch.setattr(system_libraries, "_is_loadable", lambda soname: soname not in self.lacking)
        monkeypatch.setattr(system_libraries, "_is_offered", lambda package: package == "fonts-inter")
        monkeypatch.setattr(system_libraries.subprocess, "run", self._run)
        self.be(is_root=False, has_apt=True)

    def be(self, is_root: bool, has_apt: bool) -> None:
        self.patch.setattr(system_libraries, "_is_root", lambda: is_root)
        self.patch.setattr(system_libraries, "_has_apt", lambda: has_apt)

    def _run(self, command: list[str], **options: object) -> None:
        self.commands.append(" ".join(command))
        if self.is_mended_by_apt and "install" in command:
            self.lacking.clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_nothing_is_missing_on_a_complete_machine(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert missing_libraries(with_display=True) == []
    assert main(["--install"]) == 0
    assert capsys.readouterr() == ("", "")
    assert machine.commands == []


def test_other_systems_bring_their_own(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.lacking = {EGL.soname}
    monkeypatch.setattr(system_libraries, "_is_linux", lambda: False)
    assert missing_libraries(with_display=True) == []
    assert has_display({})


def test_window_system_counts_only_with_a_display(machine: Machine) -> None:
    machine.lacking = {EGL.soname, CURSOR.soname}
    assert missing_libraries(with_display=False) == [EGL]
    assert missing_libraries(with_display=True) == [EGL, CURSOR]


def test_either_window_system_suffices(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.lacking = {CURSOR.soname}
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":0")
    assert missing_libraries(with_display=True) == []
    machine.lacking |= {WAYLAND[0].soname, WAYLAND[1].soname}
    assert missing_libraries(with_display=True) == [CURSOR]
    monkeypatch.delenv("DISPLAY")
    assert missing_libraries(with_display=True) == list(WAYLAND)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert missing_libraries(with_display=True) == [CURSOR]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ({"QT_QPA_PLATFORM": "xcb"}, True),
    ],
)
def test_display_is_told_from_the_environment(machine: Machine, environment: dict[str, str], wanted: bool) -> None:
    assert has_display(environment) is wanted


def test_one_line_names_each_package_once_and_the_fonts_on_offer(machine: Machine) -> None:
    glib = [library for library in ALWAYS if library.package == "libglib2.0-0"]
    assert len(glib) == 2
    assert install_line([EGL, *glib]) == "sudo apt-get install -y libegl1 libglib2.0-0 fonts-inter"
    machine.be(is_root=True, has_apt=True)
    assert install_line([EGL]) == "apt-get install -y libegl1 fonts-inter"


@pytest.mark.parametrize("has_apt", [True, False])
def test_explanation_is_one_line(machine: Machine, has_apt: bool) -> None:
    machine.be(is_root=False, has_apt=has_apt)
    text = explain([EGL, CURSOR])
    assert "\n" not in text
    assert text.count("apt-get install") == 1
    assert (EGL.soname in text) is not has_apt


def test_root_on_debian_installs(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.be(is_root=True, has_apt=True)
    machine.lacking = {EGL.soname}
    assert main(["--install"]) == 0
    assert machine.commands[0].startswith("apt-get update")
    assert machine.commands[1].startswith("apt-get install -y libegl1")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("is_root", "has_apt", "arguments"), [(False, True, ["--install"]), (True, False, ["--install"]), (True, True, [])]
)
def test_others_are_told(machine: Machine, capsys: pytest.CaptureFixture[str], is_root: bool, has_apt: bool, arguments: list[str]) -> None:
    machine.be(is_root, has_apt)
    machine.lacking = {EGL.soname}
    assert main(arguments) == 1
    assert machine.commands == []
    assert capsys.readouterr().err.count("\n") == 1


def test_failed_installation_is_told(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.be(is_root=True, has_apt=True)
    machine.lacking = {EGL.soname}
    machine.is_mended_by_apt = False
    assert main(["--install"]) == 1
    assert "apt-get install -y libegl1" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the loader's names are Linux names")
def test_loader_is_asked() -> None:
    assert system_libraries._is_loadable("libc.so.6")
    assert not system_libraries._is_loadable("libnowhere.so.1")


def test_is_asked_without_qt() -> None:
    code = "import sys, gui.system_libraries; sys.exit(any(name.startswith(('PySide6', 'pyqtgraph', 'numpy')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2]).returncode == 0


def needed(path: Path) -> set[str]:
    """The DT_NEEDED names of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01"
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = [
        struct.unpack_from("<IIQQQQ", data, table + index * size) for index in range(count)
    ]  # type, flags, offset, address, _, size
    (dynamic,) = [segment for segment in segments if segment[0] == 2]
    entries = list(struct.iter_unpack("<QQ", data[dynamic[2] : dynamic[2] + dynamic[5]]))
    (address,) = [value for tag, value in entries if tag == 5]
    (start,) = [seg[2] + address - seg[3] for seg in segments if seg[0] == 1 and seg[3] <= address < seg[3] + seg[5]]
    places = [start + value for tag, value in entries if tag == 1]
    return {data[place : data.index(b"\0", place)].decode() for place in places}


def taken_from_system(path: Path, bundled: dict[str, Path]) -> set[str]:
    """Every library that ``path`` needs, by itself or through bundled ones, and that the wheels do not bring."""
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            names = needed(current)
            found |= names - bundled.keys()
            waiting += [bundled[name] for name in names & bundled.keys()]
    return {name for name in found if not name.startswith(("ld-linux", "libc.", "libm.", "libdl.", "libpthread.", "libgcc_s."))}


@pytest.mark.skipif(sys.platform != "linux", reason="only there Qt takes libraries from the system")
def test_lists_are_what_the_installed_qt_needs() -> None:
    import PySide6
    import shiboken6

    qt = Path(PySide6.__file__).parent
    folders = (qt / "Qt" / "lib", qt, Path(shiboken6.__file__).parent)
    bundled = {path.name: path for folder in folders for path in folder.glob("lib*.so*")}
    plugins = qt / "Qt" / "plugins" / "platforms"
    always = taken_from_system(qt / "QtWidgets.abi3.so", bundled) | taken_from_system(plugins / "libqoffscreen.so", bundled)
    assert always == {library.soname for library in ALWAYS}
    assert taken_from_system(plugins / "libqxcb.so", bundled) - always == {library.soname for library in X11}
    assert taken_from_system(plugins / "libqwayland.so", bundled) - always == {library.soname for library in WAYLAND}
