"""Whether what a hospital needs works here: each finding with its remedy."""

from __future__ import annotations

import locale
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chikitsa_tui import bootstrap, configuration, logs, secrets
from chikitsa_tui.bootstrap import Services
from store.errors import StoreError, WrongConfiguration

SMALLEST = (80, 24)
PRINTER_REMEDY = 'Set [printing] command, such as ["lp", "-d", "desk"].'
_SECONDS = 5


@dataclass(frozen=True)
class Finding:
    """One line of `chikitsa check`. `works` is None for what is not configured and need not be."""

    what: str
    works: bool | None
    detail: str
    remedy: str = ""


def run(services: Services) -> Iterator[Finding]:
    """Every check, in the order in which one would mend things."""
    yield _configuration(services)
    yield _time_zone(services)
    yield _database(services)
    yield _queue(services)
    yield _cache(services)
    yield _feed(services)
    yield _mail(services)
    yield from _outbox(services)
    yield _printer(services)
    yield _documents(services)
    yield _fonts(services)
    yield _keyring()
    yield _keys(services)
    yield _log(services)
    yield _terminal()


def _configuration(services: Services) -> Finding:
    file = services.configuration.file
    return Finding("configuration", True, str(file) if file else "from the environment alone")


def _time_zone(services: Services) -> Finding:
    zone = services.settings.hospital.timezone
    now = services.clock.now().astimezone(zone)
    return Finding("time zone", True, f"{zone.key}, it is {now:%Y-%m-%d %H:%M %z} there")


def _database(services: Services) -> Finding:
    from store import file_check
    from store.actors import system
    from store.front_door import ping

    url = bootstrap.database_url(services.configuration)
    shown = configuration.without_password(url)
    try:
        ping(services.store.database)
        damage = services.store.read(system("check"), file_check.finding)
    except StoreError as refusal:
        return Finding("database", False, shown, refusal.message)
    if damage:
        return Finding("database", False, shown, damage)
    notes = [*services.database.notes, *_one_role(services)]
    if low := services.store.low_on_room():
        notes.append(low)
    return Finding("database", True, f"{shown}; {notes[0]}", " ".join(notes[1:]))


def _one_role(services: Services) -> Iterator[str]:
    """What is to be said of a role that could alter the ledgers, if PostgreSQL asks for one."""
    from store.roles import may_alter_ledgers

    database = services.store.database
    if database.dialect == "postgresql":
        with database.begin(write=False) as connection:
            if may_alter_ledgers(connection):
                yield (
                    "This role owns the tables and can switch off what protects the audit trail;"
                    " give the app a role of its own: docs/deploying.md."
                )


def _queue(services: Services) -> Finding:
    from jobs import queue

    settings = services.settings.queue
    file = bootstrap.queue_file(services.configuration)
    url = configuration.without_password(settings.url or bootstrap.LOCAL_REDIS)
    shown = f"Redis, {url}" if settings.backend == "redis" else f"SQLite, {file}"
    try:
        queue.check(services.queue)
    except StoreError as refusal:
        return Finding("queue", False, shown, refusal.message)
    return Finding("queue", True, shown)


def _cache(services: Services) -> Finding:
    settings = services.settings.cache
    if settings.backend == "redis":
        return _redis("cache", settings.url)
    return Finding("cache", True, "in each process")


def _feed(services: Services) -> Finding:
    settings = services.settings.feed
    if settings.backend == "redis":
        return _redis("feed", settings.url)
    if bootstrap.sqlite_file(bootstrap.database_url(services.configuration)) is None:
        return Finding("feed", True, "PostgreSQL wakes terminals and workers")
    return Finding("feed", True, "terminals look twice a second")


def _redis(what: str, url: str) -> Finding:
    from redis import Redis, RedisError
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    url = url or bootstrap.LOCAL_REDIS
    shown = configuration.without_password(url)
    try:
        client = Redis.from_url(
            url,
            socket_connect_timeout=_SECONDS,
            socket_timeout=_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        with client:
            client.ping()
    except (RedisError, OSError, ValueError):
        remedy = f"Start Redis, or mend [{what}] url."
        return Finding(what, False, f"Redis, {shown} does not answer", remedy)
    return Finding(what, True, f"Redis, {shown}")


def _mail(services: Services) -> Finding:
    from jobs.mailer import ChannelDown

    settings = services.settings.mail
    if services.mailer is None:
        return Finding(
            "mail server", None, "not configured: messages wait in the outbox", "Set [mail] host."
        )
    where = f"{settings.host}:{settings.port}, {settings.security}"
    found = secrets.mail_password(settings) if settings.user else None
    if settings.user and found is None:
        remedy = f"Put the password of {settings.user} into CHIKITSA_MAIL__PASSWORD or the keyring."
        return Finding("mail server", False, f"{where}: no password", remedy)
    try:
        services.mailer.check()
    except ChannelDown as down:
        remedy = f"{down.message} Messages wait in the outbox; see [mail]."
        return Finding("mail server", False, where, remedy)
    return Finding(
        "mail server", True, where + (f", password from {found.source}" if found else "")
    )


def _outbox(services: Services) -> Iterator[Finding]:
    """What is known to keep mail from leaving; nothing where the database is no help."""
    from store import mail_troubles
    from store.actors import system

    try:
        told = services.store.read(system("check"), mail_troubles.sentences)
    except StoreError:
        return
    for sentence in told:
        yield Finding("outbox", False, sentence)
    if not told:
        yield Finding("outbox", True, "nothing is known to keep mail from leaving")


def _printer(services: Services) -> Finding:
    settings = services.settings.printing
    if not settings.command:
        return Finding("printer", None, "not configured: slips are not printed", PRINTER_REMEDY)
    shown = f"{' '.join(settings.command)}, {settings.columns} columns, {settings.encoding}"
    if shutil.which(settings.command[0]) is None:
        remedy = f"There is no program {settings.command[0]}. {PRINTER_REMEDY}"
        return Finding("printer", False, shown, remedy)
    return Finding("printer", True, shown)


def _documents(services: Services) -> Finding:
    folder = services.papers.settings.folder
    if folder is None:
        remedy = "Set [documents] folder to let the app save PDFs."
        return Finding("documents", None, "no folder: the app saves no files", remedy)
    if _writable(folder):
        return Finding("documents", True, str(folder))
    remedy = "Set [documents] folder to another place."
    return Finding("documents", False, f"{folder} cannot be written", remedy)


def _fonts(services: Services) -> Finding:
    from jobs.documents.fonts import REMEDY, SCRIPTS

    fonts = services.papers.fonts
    if fonts.main is None:
        detail = "none found: PDFs have Western European letters alone"
        return Finding("fonts", None, detail, REMEDY)
    found = fonts.scripts
    lacking = [script for script in SCRIPTS if script not in found]
    detail = f"{fonts.main.regular.stem}; " + (", ".join(found) or "no Indian script")
    if not lacking:
        return Finding("fonts", True, detail)
    return Finding("fonts", None, f"{detail}; not {', '.join(lacking)}", REMEDY)


def _keyring() -> Finding:
    backend = secrets.working_keyring()
    if backend is not None:
        return Finding("keyring", True, type(backend).__module__)
    remedy = "Keep the token in CHIKITSA_TOKEN (chikitsa login NAME --print-token)."
    return Finding("keyring", None, "none on this machine", remedy)


def _keys(services: Services) -> Finding:
    from chikitsa_tui.keymap import load_keys

    own = services.settings.ui.keys
    try:
        load_keys(own)
    except WrongConfiguration as refusal:
        return Finding("keys", False, "[ui.keys] cannot be used", refusal.message)
    return Finding("keys", True, f"{len(own)} of your own" if own else "as they come")


def _log(services: Services) -> Finding:
    file = logs.log_file(services.settings.log, services.configuration.folder)
    if _writable(file):
        return Finding("log", True, str(file))
    return Finding("log", False, f"{file} cannot be written", "Set [log] file to another place.")


def _terminal() -> Finding:
    wrong = [sentence for is_wrong, sentence in _TERMINAL if is_wrong()]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Finding("terminal", None, "none here", "The app needs one; commands do not.")
    size = shutil.get_terminal_size()
    detail = f"{os.environ.get('TERM', 'unknown')}, {size.columns}×{size.lines}"
    return Finding("terminal", not wrong, detail, " ".join(wrong))


def _too_small() -> bool:
    size = shutil.get_terminal_size()
    return size.columns < SMALLEST[0] or size.lines < SMALLEST[1]


_TERMINAL: tuple[tuple[Callable[[], bool], str], ...] = (
    (_too_small, f"Make the window at least {SMALLEST[0]}×{SMALLEST[1]}."),
    (lambda: locale.getpreferredencoding().lower() != "utf-8", "Set LANG to a UTF-8 locale."),
    (lambda: os.environ.get("TERM", "dumb") == "dumb", "Set TERM to what your terminal is."),
)


def _writable(file: Path) -> bool:
    folder = file.parent
    while not folder.exists():
        folder = folder.parent
    return os.access(file if file.exists() else folder, os.W_OK)
