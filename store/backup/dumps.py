"""Backups of PostgreSQL: what `pg_dump` writes, and databases to restore it into."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from store.errors import InUse, Unavailable, WrongConfiguration

_SAID = 300


def dump(url: URL, draft: Path, snapshot: str) -> None:
    """Write all of the database, as the transaction sees it that exported `snapshot`.

    Raises:
        Unavailable: there is no `pg_dump`, or it failed.
    """
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    options = ["--format=custom", f"--snapshot={snapshot}", f"--file={draft}"]
    _run("pg_dump", url, *options)


def load(file: Path, url: URL) -> None:
    """Bring a dump into an empty database, all of it or nothing. Who owned the tables elsewhere,
    and who might use them, does not come along: they belong to whoever restores.

    Raises:
        Unavailable: there is no `pg_restore`, or it failed.
    """
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", url, *options, str(file))


@contextmanager
def new_database(url: URL, name: str) -> Iterator[URL]:
    """A new, empty database beside another one; it is dropped unless it was given another name.

    Raises:
        WrongConfiguration: the role may not make one.
    """
    _on_server(url, sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        yield url.set(database=name)
    finally:
        _on_server(
            url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def put_in_place(url: URL, draft: str, kept: str) -> bool:
    """Let the draft take the database's name; the one that has it is kept under another. Returns
    whether there was one.

    Raises:
        InUse: somebody is connected to it.
    """
    name = str(url.database)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _server(url) as connection, connection.transaction():
        there = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        try:
            if there:
                connection.execute(rename.format(sql.Identifier(name), sql.Identifier(kept)))
            connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            raise InUse(
                "Other programs have the hospital open. Close the app at every terminal, stop the"
                " worker, and try again."
            ) from None
    return there is not None


def _run(program: str, url: URL, *options: str) -> None:
    if shutil.which(program) is None:
        raise Unavailable(
            f"{program} is not installed here; it comes with PostgreSQL's client programs"
            " (postgresql-client)."
        )
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(
        [program, "--no-password", f"--dbname={_conninfo(url)}", *options],
        env=environment,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().replace("\n", " ")
        raise Unavailable(f"{program} failed: {said[:_SAID]}")


def _conninfo(url: URL) -> str:
    """Where and who, without the password: a command line can be read by everybody here."""
    given: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "dbname": url.database,
    }
    return make_conninfo("", **(given | dict(url.query)))


@contextmanager
def _server(url: URL) -> Iterator[psycopg.Connection]:
    """The server itself, by the database that every server has."""
    where = make_conninfo(_conninfo(url.set(database="postgres")), password=url.password)
    try:
        with psycopg.connect(where, autocommit=True, connect_timeout=5) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege:
        raise WrongConfiguration(
            f"The role {url.username} may not make databases, which a restore does. Let it:"
            f" ALTER ROLE {url.username} CREATEDB"
        ) from None
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database server does not answer: {error}") from None


def _on_server(url: URL, statement: sql.Composed) -> None:
    with _server(url) as connection:
        connection.execute(statement)
