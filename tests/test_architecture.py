"""The house keeps its shape: what docs/architecture.md says of the code is true of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plain_rule import findings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("chikitsa_tui", "jobs", "screens", "store", "widgets")
LONGEST_MODULE = 500
PROGRAMS = Path(sys.executable).parent

# In two parts each, so that this file does not name them either.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("deb", "debian"),
        ("crates", "io/api"),
        ("rubygems", "org"),
    )
]


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded at its end."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert run.returncode == 0, re.sub(r"^import time:.*\n", "", run.stderr, flags=re.MULTILINE)
    names = re.findall(r"^import time:.*\|\s*([\w.]+)\s*$", run.stderr, re.MULTILINE)
    return {name.partition(".")[0] for name in names}


def test_the_store_and_the_jobs_load_no_textual() -> None:
    assert "textual" not in loaded_by("-c", "import store, jobs")
    every = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules("store", "jobs")
        if "migrations" not in path.parts
    ]
    assert "textual" not in loaded_by("-c", f"import {', '.join(every)}")


PAPER = {"fhir", "fontTools", "fpdf", "uharfbuzz"}
"""What takes long to load, and is loaded when a document is made."""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["appointments", "--help"]])
def test_help_is_quick(arguments: list[str]) -> None:
    loaded = loaded_by(str(PROGRAMS / "chikitsa"), *arguments)
    assert not loaded & {"alembic", "huey", "redis", "sqlalchemy", "sqlmodel", "textual", "yagmail"}
    assert not loaded & PAPER


def test_the_app_starts_without_what_draws_paper() -> None:
    loaded = loaded_by("-c", "import screens.registry, chikitsa_tui.app, jobs.documents.office")
    assert not loaded & PAPER


def test_sqlite_has_no_use_for_the_driver_of_postgresql() -> None:
    tabs = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in modules("screens")
    ]
    loaded = loaded_by("-c", f"import store.backup.restoring, {', '.join(tabs)}")
    assert "psycopg" not in loaded


def test_imports_go_down_only() -> None:
    command = [str(PROGRAMS / "lint-imports"), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_data_reaches_the_screen_through_plain_only() -> None:
    shown = modules("screens", "widgets", "chikitsa_tui")
    mend = findings(path for path in shown if path != ROOT / "widgets" / "plain.py")
    assert not mend, "make it plain(...), cell(...) or content(...):\n" + "\n".join(map(str, mend))


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules(*PACKAGES, "bench", "tests")
        if "versions" not in path.parts  # a migration spells out what it makes
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_file_names_a_package_registry() -> None:
    named = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)))
    guilty = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in repository_files()
        if (match := named.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]
    assert guilty == []


def repository_files() -> Iterator[Path]:
    """The files of the checkout: hidden folders are tools' own, but for .ci."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name == ".ci" or not name.startswith((".", "__pycache__"))
        ]
        yield from (Path(folder) / name for name in files)


def test_an_installed_chikitsa_is_whole(tmp_path: Path) -> None:
    """Styles, templates, migrations and data reach the wheel, and no test tool becomes a need."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
        metadata = wheel.read(
            next(name for name in wheel.namelist() if name.endswith("METADATA"))
        ).decode()
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert shipped == ours
    needed = re.findall(r"^Requires-Dist: ([\w.-]+)(?!.*extra ==)", metadata, re.MULTILINE)
    assert {name.lower() for name in needed} == declared()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = (re.match(r"[\w.-]+", line) for line in project["dependencies"])
    return {match.group().lower() for match in names if match}


def test_every_dependency_is_locked_by_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        locked = re.findall(r"^([\w.-]+)==[^\n]* \\\n +--hash=sha256:", lock, re.MULTILINE)
        assert declared() <= set(locked), name
        assert len(locked) == len(re.findall(r"^[\w.-]+==", lock, re.MULTILINE)), name
        assert "://" not in lock, name


def test_every_dependency_is_accounted_for() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    runtime = page.partition("## What runs")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| ([\w.-]+) \|", runtime, re.MULTILINE)) - {"package"} == declared()
