"""The servers as fixtures. Tests of one that cannot be had are skipped and counted."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers import redis_server
from tests.servers.certificates import self_signed
from tests.servers.installed import Installed, installed_host
from tests.servers.mail import MailServer
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.process import ServerMissing
from tests.servers.small_disk import SmallDisk, small_disk
from tests.servers.ssh import Sshd, running_sshd
from tests.servers.tmux import Tmux, running_tmux


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer | str]:
    try:
        with running_postgres() as server:
            yield server
    except ServerMissing as missing:
        yield str(missing)


@pytest.fixture(scope="session")
def _redis() -> Iterator[tuple[str, str]]:
    try:
        with redis_server.running_redis() as url:
            yield url, ""
    except ServerMissing as missing:
        yield "", str(missing)


@pytest.fixture(scope="session")
def _tmux() -> Iterator[Tmux | str]:
    try:
        with running_tmux() as tmux:
            yield tmux
    except ServerMissing as missing:
        yield str(missing)


@pytest.fixture(scope="session")
def _sshd() -> Iterator[Sshd | str]:
    try:
        with running_sshd() as server:
            yield server
    except ServerMissing as missing:
        yield str(missing)


@pytest.fixture(scope="session")
def _installed() -> Iterator[Installed | str]:
    try:
        with installed_host() as host:
            yield host
    except ServerMissing as missing:
        yield str(missing)


@pytest.fixture
def installed(_installed: Installed | str) -> Iterator[Installed]:
    """A host installed from the files of deploy/."""
    if isinstance(_installed, str):
        pytest.skip(_installed)
    yield _installed
    _installed.sshd.hang_up_all()


@pytest.fixture
def sshd(_sshd: Sshd | str) -> Iterator[Sshd]:
    """Connections to the program from elsewhere."""
    if isinstance(_sshd, str):
        pytest.skip(_sshd)
    yield _sshd
    _sshd.hang_up_all()


@pytest.fixture
def tmux(_tmux: Tmux | str) -> Iterator[Tmux]:
    """Terminals for the program in real processes."""
    if isinstance(_tmux, str):
        pytest.skip(_tmux)
    yield _tmux
    _tmux.close_all()


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk of eight megabytes, to be filled up or made read-only."""
    try:
        with small_disk() as made:
            yield made
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres(_postgres: PostgresServer | str) -> PostgresServer:
    """The running PostgreSQL server, to make several databases on."""
    if isinstance(_postgres, str):
        pytest.skip(_postgres)
    return _postgres


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A fresh, empty PostgreSQL database, dropped after the test."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture
def redis_url(_redis: tuple[str, str]) -> str:
    """An empty Redis database."""
    url, missing = _redis
    if missing:
        pytest.skip(missing)
    with redis_server.client(url) as connection:
        connection.flushdb()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database, once on SQLite (no file yet) and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chikitsa.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def smtp_server() -> Iterator[MailServer]:
    """A mail server without signing in or TLS."""
    yield from _serve(MailServer())


@pytest.fixture
def start_mail_server() -> Iterator[Callable[[MailServer], MailServer]]:
    """Starts mail servers of other kinds: `start_mail_server(MailServer(users={...}))`."""
    started: list[MailServer] = []

    def start(server: MailServer) -> MailServer:
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def localhost_certificate(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for localhost: the file to trust, and a server's context."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


def _serve(server: MailServer) -> Iterator[MailServer]:
    server.start()
    yield server
    server.stop()
