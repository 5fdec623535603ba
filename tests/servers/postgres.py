"""PostgreSQL (15 or later) for the tests: the one CHIKITSA_TEST_POSTGRES names, else Debian's."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.servers.process import GuardedServer, ServerMissing, free_port
from tests.temporary import MEMORY, is_roomy

ENVIRONMENT = "CHIKITSA_TEST_POSTGRES"
DRIVER = "postgresql+psycopg"
_PASSWORD = "throw-away"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A hospital's own server seldom runs on UTC, and what is stored must not depend on it.
    "timezone": "Asia/Kolkata",
}


def as_owner(url: URL) -> URL:
    """The same database, reached by the account that owns what is in it; a SQLite file as it is."""
    return url.set(username=_owner.username, password=_owner.password) if url.host else url


_owner = URL.create("postgresql")


class PostgresServer:
    """Makes and drops databases on one server. Its own account owns what is made; `app` and `jobs`
    are roles as a hospital's app and worker have them."""

    def __init__(self, admin: URL) -> None:
        global _owner  # noqa: PLW0603 - there is one server in a test run
        self._admin = _owner = admin
        self.app = f"chikitsa_app_{os.getpid()}"
        self.jobs = f"chikitsa_jobs_{os.getpid()}"
        for role in (self.app, self.jobs):
            self._run(f"create role {{}} login password '{_PASSWORD}'", role)
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; returns its SQLAlchemy URL."""
        name = f"chikitsa_test_{os.getpid()}_{next(self._numbers)}"
        # Through the log, as is usual, takes twice as long.
        self._run("create database {} template {} strategy file_copy", name, template)
        self._run("revoke temporary on database {} from public", name)  # which no copy brings along
        return self._url(name)

    def create_prepared(self, key: str, prepare: Callable[[str], None]) -> str:
        """A new database as `prepare(url)` leaves an empty one; done once a `key`, then copied."""
        if key not in self._templates:
            url = self.create()
            prepare(url)
            self._templates[key] = str(make_url(url).database)
        return self.create(self._templates[key])

    def drop(self, url: str) -> None:
        """Remove a database made by `create`, ending whoever is still connected."""
        self._run("drop database if exists {} with (force)", str(make_url(url).database))

    def close(self) -> None:
        """Remove the prepared templates and the roles."""
        for name in self._templates.values():
            self.drop(self._url(name))
        for role in (self.app, self.jobs):
            with suppress(psycopg.errors.DependentObjectsStillExist):
                self._run("drop role {}", role)

    def as_role(self, url: str, role: str) -> str:
        """The same database, reached by one of the two roles."""
        there = make_url(url).set(username=role, password=_PASSWORD)
        return there.render_as_string(hide_password=False)

    def run_plain(self, statement: str) -> None:
        """Run a statement on the server itself, as its own account."""
        self._run(statement)

    def _url(self, name: str) -> str:
        return self._admin.set(drivername=DRIVER, database=name).render_as_string(
            hide_password=False
        )

    def _run(self, statement: str, *names: str) -> None:
        dsn = self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def running_postgres(
    settings: Mapping[str, str] = SETTINGS, home: Path | None = None
) -> Iterator[PostgresServer]:
    """A server to make databases on; raises ServerMissing where none can be had. One that is named
    has settings, and a place for its data, of its own. `home` as in `OwnPostgres`."""
    given = os.environ.get(ENVIRONMENT)
    with nullcontext(make_url(given)) if given else _own_server(settings, home) as admin:
        server = PostgresServer(admin)
        try:
            yield server
        finally:
            server.close()


class OwnPostgres:
    """A server of one's own, to be stopped and started anew at the same place: in memory where
    that has room, unless a folder of a disk is given. Raises ServerMissing where the programs
    cannot be had."""

    def __init__(self, settings: Mapping[str, str] = SETTINGS, home: Path | None = None) -> None:
        self._settings = settings
        self._programs = _programs()
        self._user = _account()
        self._folder = _folder(self._user, home)
        _initialise(self._programs / "initdb", self._folder / "data", self._user)
        self._starts = 0
        self.admin = URL.create(
            "postgresql",
            username="postgres",
            host="127.0.0.1",
            port=free_port(),
            database="postgres",
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._starts += 1
        run = self._folder / f"run-{self._starts}"  # goes when the server does, unlike the data
        run.mkdir()
        if self._user is not None:
            shutil.chown(run, self._user)
        place = {"port": str(self.admin.port), "unix_socket_directories": str(run)}
        settings = {**self._settings, **place}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
        self._server = GuardedServer(command, folder=run, user=self._user)
        self._server.wait_until(lambda: _answers(self.admin))

    def stop(self) -> None:
        """Shut it down as an administrator does who does not wait: sessions are ended."""
        self._server.stop()

    def remove(self) -> None:
        """Stop it for good, and remove its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def _own_server(settings: Mapping[str, str], home: Path | None) -> Iterator[URL]:
    server = OwnPostgres(settings, home)
    server.start()
    try:
        yield server.admin
    finally:
        server.remove()


def _initialise(initdb: Path, data: Path, user: str | None) -> None:
    options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [initdb, "-D", data, *options],
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd="/",
        check=True,
        capture_output=True,
    )


def _answers(admin: URL) -> bool:
    try:
        psycopg.connect(admin.render_as_string(hide_password=False), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    """The folder of the newest installed server; Debian keeps it off the PATH."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda program: float(program.parts[-3]),
    )
    found = str(debian[-1]) if debian else shutil.which("postgres")
    if found is None:
        raise ServerMissing(f"no PostgreSQL: apt-get install postgresql, or set {ENVIRONMENT}")
    return Path(found).parent


def _account() -> str | None:
    """The account to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServerMissing("no PostgreSQL: it does not run as root, and there is no account for it")


def _folder(user: str | None, home: Path | None = None) -> Path:
    """A new folder, in memory where that has room, that the account can reach, which root's own
    folders are not."""
    if home is None:
        home = MEMORY if is_roomy(MEMORY) else None if user is None else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-postgres-", dir=home))
    if user is not None:
        shutil.chown(folder, user)
    return folder
