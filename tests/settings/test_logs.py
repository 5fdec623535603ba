"""The log: one line of JSON an event, rotated, without patient data and secrets."""

from __future__ import annotations

import json
import logging
import stat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from chikitsa_tui import logs
from chikitsa_tui.settings import LogSettings


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_one_line_with_its_fields(tmp_path: Path) -> None:
    assert logs.start(LogSettings(file="log/a.log"), tmp_path, "worker")
    logging.getLogger("jobs.delivery").info("mail.sent", extra={"outbox": 7})
    logging.getLogger("store.x").warning("x\nADMIN login ok %s", "\x1b[2J")
    logging.getLogger("jobs").debug("too fine")
    first, second = lines(tmp_path / "log" / "a.log")
    assert first["event"] == "mail.sent"
    assert first["outbox"] == 7
    assert first["process"] == "worker"
    assert first["at"].endswith("+00:00")
    assert second["event"].startswith("x\nADMIN")
    assert stat.S_IMODE((tmp_path / "log" / "a.log").stat().st_mode) == 0o600


def test_of_other_libraries_only_the_template_is_kept(tmp_path: Path) -> None:
    logs.start(LogSettings(file="a.log"), tmp_path, "worker")
    logging.getLogger("redis").warning("task %r failed", "Meena Rao")
    assert lines(tmp_path / "a.log")[0]["event"] == "task %r failed"


def test_an_exception_is_told_without_what_it_was_about(tmp_path: Path) -> None:
    logs.start(LogSettings(file="a.log"), tmp_path, "cli")
    try:
        try:
            raise ValueError("patient Meena Rao")
        except ValueError as cause:
            raise KeyError("Meena Rao") from cause
    except KeyError:
        logging.getLogger("chikitsa_tui").exception("cli.fault")
    text = (tmp_path / "a.log").read_text()
    assert "Meena" not in text
    error = lines(tmp_path / "a.log")[0]["error"]
    assert error["type"] == "builtins.KeyError"
    assert error["cause"]["type"] == "builtins.ValueError"
    assert "test_logs.py" in error["trace"][0]


def test_an_error_of_the_code_is_told_whole(tmp_path: Path) -> None:
    logs.start(LogSettings(file="a.log"), tmp_path, "cli")
    try:
        _ = object().nothing  # type: ignore[attr-defined]
    except AttributeError:
        logging.getLogger("chikitsa_tui").exception("cli.fault")
    assert "nothing" in lines(tmp_path / "a.log")[0]["error"]["text"]


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not logs.start(LogSettings(file="file/a.log"), tmp_path, "cli")
    logging.getLogger("store").error("lost")


def _write_much(folder: Path, name: str) -> None:
    handler = logs.RotatingFile(folder / "a.log", 20_000, 50)
    handler.setFormatter(logs.JsonLines("app"))
    for number in range(300):
        record = logging.LogRecord("store", logging.INFO, "", 0, f"{name} {number}", (), None)
        handler.emit(record)
    handler.close()


def test_several_processes_rotate_without_losing_a_line(tmp_path: Path) -> None:
    context = get_context("spawn")
    writers = [context.Process(target=_write_much, args=(tmp_path, str(n))) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    files = [file for file in tmp_path.glob("a.log*") if file.suffix != ".lock"]
    assert len(files) > 5
    events = [line["event"] for file in files for line in lines(file)]
    assert sorted(events) == sorted(f"{n} {number}" for n in range(4) for number in range(300))


def test_only_so_many_full_files_are_kept(tmp_path: Path) -> None:
    handler = logs.RotatingFile(tmp_path / "a.log", 1000, 2)
    handler.setFormatter(logs.JsonLines("app"))
    for number in range(100):
        handler.emit(logging.LogRecord("store", logging.INFO, "", 0, f"{number}", (), None))
    handler.close()
    names = sorted(file.name for file in tmp_path.glob("a.log*"))
    assert names == ["a.log", "a.log.1", "a.log.2", "a.log.lock"]
    assert lines(tmp_path / "a.log")[-1]["event"] == "99"
