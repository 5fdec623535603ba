"""`chikitsa db backup` and `db restore`, as an administrator types them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import PASSWORD, Cli


def test_backup_and_restore(desk: Cli) -> None:
    root = desk.as_("root")
    backup = root.config.parent / "backups" / "monday"
    assert root.refused("db", "backup", str(backup), code=8)["code"] == "unavailable"
    backup.parent.mkdir()
    taken = root.json("db", "backup", str(backup))
    assert taken["database"] == "sqlite"
    assert taken["rows"]["patient"] == 1
    assert taken["taken_at"].endswith("+05:30")
    assert root.refused("db", "backup", str(backup), code=7)["code"] == "duplicate"
    assert root.json("db", "check", str(backup)) == taken
    (listed,) = root.json("db", "backups", str(backup.parent))
    assert (listed["file"], listed["taken_at"]) == (str(backup), taken["taken_at"])
    assert (listed["rows"], listed["wrong"]) == (sum(taken["rows"].values()), "")
    assert listed["verified_at"].endswith("+05:30")
    assert "name one" in root.refused("db", "backups", code=2)["message"]
    desk.refused("db", "backups", str(backup.parent), code=4)
    desk.refused("db", "check", str(backup), code=4)
    desk("patients", "add", "--name", "Written After", "--birth-date", "1990")
    assert root.refused("db", "restore", str(backup), code=2)["code"] == "usage"
    assert len(desk.json("patients", "list")) == 2
    done = root.json("db", "restore", str(backup), "--yes")
    assert Path(done["kept"]).exists()
    assert done["sessions_ended"] >= 2
    assert desk.refused("patients", "list", code=3)["code"] == "session_ended"
    again = desk.as_("desk")
    assert [one["name"] for one in again.json("patients", "list")] == ["Meena Rao"]
    assert again.as_("root").json("outbox", "list", "--status", "held") == []
    root.json("db", "check")


def test_who_may_and_where_nobody_can_be_asked(desk: Cli) -> None:
    root = desk.as_("root")
    backup = root.config.parent / "backup"
    desk.refused("db", "backup", str(backup), code=4)
    root("db", "backup", str(backup))
    desk.refused("db", "restore", str(backup), "--yes", code=4)
    visitor = Cli(root.config)
    visitor.refused("db", "restore", str(backup), "--yes", code=3)
    error = visitor.refused("db", "restore", str(backup), "--lost", "--yes", code=2)
    assert "sign in" in error["message"]
    database = root.config.parent / "chikitsa.db"
    database.unlink()
    assert visitor.json("db", "restore", str(backup))["kept"] is None
    database.write_bytes(b"damaged" * 1000)
    error = visitor.refused("db", "restore", str(backup), "--yes", code=2)
    assert "--lost" in error["message"]
    kept = visitor.json("db", "restore", str(backup), "--lost", "--yes")["kept"]
    assert Path(kept).read_bytes().startswith(b"damaged")
    assert visitor.as_("root", PASSWORD).json("whoami")


def test_what_was_altered_is_refused(desk: Cli) -> None:
    root = desk.as_("root")
    backup = root.config.parent / "backup"
    root("db", "backup", str(backup))
    with backup.open("r+b") as file:
        file.seek(20_000)
        file.write(b"altered")
    for command in (("check", str(backup)), ("restore", str(backup), "--yes")):
        assert "altered" in root.refused("db", *command, code=6)["message"]
    assert root.json("whoami")
