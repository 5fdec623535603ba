"""Printing through a real command, which may fail, hang or be missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.documents.office import PaperOffice, PaperSettings
from jobs.printing import Printer
from store.errors import Invalid, Unavailable, WrongConfiguration
from tests.jobs.paper import AT, TOKEN, day, fonts_in, line

Command = Callable[[str], tuple[str, ...]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """`command(script)`: a program of a few lines of shell, with an argument."""

    def write(script: str) -> tuple[str, ...]:
        program = tmp_path / "print me"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o700)
        return str(program), "-d", "desk; id"

    return write


def test_the_command_gets_its_arguments_and_the_text(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIKITSA_MAIL__PASSWORD", "secret")
    paper, asked = tmp_path / "paper", tmp_path / "asked"
    words = command(f'printf "%s|" "$@" >"{asked}"; env >>"{asked}"; cat >"{paper}"')
    lost = Printer(words, "cp437").print("Café \x1b@ मीना\n")
    assert paper.read_bytes() == "Café  @ ????\n\n\n\n\n".encode("cp437")
    assert lost == 4
    assert asked.read_text(encoding="utf-8").startswith("-d|desk; id|")
    assert "secret" not in asked.read_text(encoding="utf-8")


def test_a_failure_is_told_in_one_sentence(command: Command) -> None:
    words = command('echo "lp: no such\x1b[2J printer." >&2; exit 3')
    with pytest.raises(Unavailable) as refusal:
        Printer(words).print("x")
    assert refusal.value.message.endswith(
        "failed (3): lp: no such [2J printer. Save the PDF instead, or tell your administrator."
    )


def test_a_command_that_hangs_is_ended_with_what_it_started(
    command: Command, tmp_path: Path
) -> None:
    proof = tmp_path / "child"
    words = command(f'sleep 600 & echo $! >"{proof}"; wait')
    with pytest.raises(Unavailable, match="did not end within 1 seconds"):
        Printer(words, timeout_seconds=1).print("x" * 1_000_000)
    child = Path("/proc", proof.read_text(encoding="utf-8").strip(), "stat")
    deadline = time.monotonic() + 10
    while child.exists() and ") Z " not in child.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, "it still runs"


def test_a_command_that_reads_nothing_is_no_failure(command: Command) -> None:
    assert Printer(command("exit 0")).print("x" * 1_000_000) == 0


def test_a_missing_command_says_what_to_configure(tmp_path: Path) -> None:
    with pytest.raises(WrongConfiguration, match=r"Set \[printing\] command"):
        Printer().print("x")
    with pytest.raises(WrongConfiguration, match=r"Mend \[printing\] command"):
        Printer((str(tmp_path / "nothing"),)).print("x")


def test_an_office_prints_and_saves(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    printer = Printer(command(f'cat >"{tmp_path}/paper"'), "ascii")
    office = PaperOffice(PaperSettings(printer, columns=32, folder=folder), lambda: AT)
    assert office.prints_at_check_in
    assert office.print(TOKEN) == "Token A-12 of Asha R.: sent to the printer."
    assert "Token A-12\n" in (tmp_path / "paper").read_text(encoding="ascii")
    assert "prints ? instead" in office.print(day(line("मीना")))
    name = office.file_name(TOKEN)
    assert name == "token-A-12-2026-01-05.pdf"
    assert office.save(TOKEN, name).startswith(f"Saved as {folder / name}.")
    assert (folder / name).stat().st_mode & 0o777 == 0o600
    assert fonts_in((folder / name).read_bytes())
    with pytest.raises(Invalid, match="is there already"):
        office.save(TOKEN, name)
    for wrong in ("../x", "/etc/x", "a/b", ".hidden", "", "x\ny", "x" * 200, "a\x00b"):
        with pytest.raises(Invalid):
            office.save(TOKEN, wrong)
    assert [file.name for file in folder.iterdir()] == [name]
    with pytest.raises(WrongConfiguration, match=r"Set \[documents\] folder"):
        PaperOffice(PaperSettings(), lambda: AT).save(TOKEN, name)
