"""The pinned requirements agree with pyproject.toml and with each other, and can be checked by their hashes."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = {kind: ROOT / "packaging" / f"requirements{kind}.txt" for kind in ("", "-test")}


def pins(kind: str) -> dict[str, str]:
    """Name -> version of each pinned package."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", FILES[kind].read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("kind", FILES)
def test_every_package_is_pinned_with_hashes_and_no_address(kind: str) -> None:
    text = FILES[kind].read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=[a-z])", text) if not entry.startswith("#")]
    assert len(entries) == len(pins(kind)) > 10
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def test_program_runs_on_the_versions_that_are_tested() -> None:
    assert pins("").items() <= pins("-test").items()


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("", PROJECT["project"]["dependencies"]),
        ("", PROJECT["dependency-groups"]["build"]),
        ("-test", PROJECT["project"]["optional-dependencies"]["test"]),
    ],
    ids=["program", "build", "test"],
)
def test_pins_are_within_the_ranges(kind: str, wanted: list[str]) -> None:
    pinned = pins(kind)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_supported_pythons_are_the_same_everywhere() -> None:
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    minors = [minor for minor in range(40) if supported.contains(f"3.{minor}")]
    bounds = f"(3, {minors[0]}) <= sys.version_info[:2] <= (3, {minors[-1]})"
    for name in ("find_python.sh", "environment.py"):
        assert bounds in (ROOT / "packaging" / name).read_text(encoding="utf-8"), name
    listed = {line.rpartition(" :: ")[2] for line in PROJECT["project"]["classifiers"] if "Python :: 3." in line}
    assert listed == {f"3.{minor}" for minor in minors}
    assert PROJECT["tool"]["mypy"]["python_version"] == f"3.{minors[0]}"
