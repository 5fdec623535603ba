"""A hospital on PostgreSQL whose tables belong to a role that the app never uses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.cli.conftest import Cli, init
from tests.servers.postgres import PostgresServer

SCRIPT = Path(__file__).parents[2] / "deploy" / "postgresql" / "roles.sql"


@pytest.fixture
def roles(postgres: PostgresServer) -> Iterator[dict[str, str]]:
    """What deploy/ makes on a server, under names of this run: a URL for each role."""
    name = f"chikitsa_roles_{os.getpid()}"
    script = re.sub(r"--.*", "", SCRIPT.read_text(encoding="utf-8"))
    for statement in re.sub(r"\bchikitsa(?=\b|_)", name, script).split(";"):
        if statement.strip():
            postgres.run_plain(statement)
    server = make_url(postgres.create())
    made = {
        role: server.set(
            drivername="postgresql", username=f"{name}_{role}", password=None, database=name
        ).render_as_string()
        for role in ("owner", "app", "jobs")
    }
    yield made
    postgres.drop(server.render_as_string(hide_password=False))
    postgres.drop(made["owner"])
    for role in made:
        postgres.run_plain(f"DROP OWNED BY {name}_{role}; DROP ROLE {name}_{role}")


def test_a_hospital_of_three_roles(
    roles: dict[str, str], postgres: PostgresServer, tmp_path: Path
) -> None:
    if os.environ.get("CHIKITSA_TEST_POSTGRES"):
        pytest.skip("the PostgreSQL server is not ours to sign in without passwords")
    urls = ("--database-url", roles["app"], "--owner-url", roles["owner"])
    made = init(tmp_path / "chikitsa.toml", *urls, "--jobs-url", roles["jobs"])
    root = made.as_("root")
    root("departments", "add", "--name", "Cardiology")
    assert root.json("db", "upgrade")["now"] is not None
    found = {line["what"]: line for line in root.json("check")}
    assert found["database"]["works"] is True
    assert found["database"]["remedy"] == ""
    assert found["feed"]["works"] is True
    backup = str(tmp_path / "backup")
    root("db", "backup", backup)
    root("departments", "add", "--name", "Surgery")
    kept = root.json("db", "restore", backup, "--yes")["kept"]
    postgres.run_plain(f'DROP DATABASE "{kept}"')
    again = root.as_("root")
    assert [one["name"] for one in again.json("departments", "list")] == ["Cardiology"]
    again("departments", "add", "--name", "Surgery")
    alone = Cli(root.config, root.clock, again.token)
    text = alone.config.read_text().replace(roles["app"], roles["owner"])
    alone.config.write_text(re.sub(r"(?m)^(owner|jobs)_url.*", "", text))
    (line,) = [line for line in alone.json("check") if line["what"] == "database"]
    assert "audit trail" in line["remedy"]
