"""Making a hospital: its configuration file, its database and who may sign in first."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chikitsa_tui import bootstrap, configuration
from chikitsa_tui.bootstrap import Services
from chikitsa_tui.configuration import Configuration
from store import accounts, actors, formulary, passwords, schema
from store.clock import Clock
from store.database import open_database
from store.errors import Duplicate, WrongConfiguration
from store.front_door import Store
from store.values import Role


@dataclass(frozen=True)
class Founding:
    """What a new hospital starts from. `timezone` and the URLs are judged as settings are; an empty
    `database_url` is a SQLite file beside the configuration."""

    file: Path
    name: str
    timezone: str
    database_url: str = ""
    owner_url: str = ""
    jobs_url: str = ""
    demo: bool = False


def found(founding: Founding, clock: Clock | None, fill: Callable[[Store], None]) -> Services:
    """Write the configuration, make the database, and `fill` it; all of it or nothing.

    Raises:
        Duplicate: there is a configuration or a hospital already.
        WrongConfiguration: the name, the time zone or the URL cannot be used.
        Invalid: as `fill` raises it.
    """
    file = founding.file
    if file.exists():
        raise Duplicate(f"{file} exists already; it is left alone. Name another with --config.")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    _write(draft, _text(founding))
    made: Path | None = None
    try:
        services = Services(_load(draft), clock)
        made = _new_file(services)
        _make(services, fill, demo=founding.demo)
        services.close()
        os.link(draft, file)  # fails where somebody made the file meanwhile
        made = None
    finally:
        draft.unlink(missing_ok=True)
        if made is not None:
            _remove(made)
    return Services(configuration.load(file), clock)


def first_administrator(store: Store, username: str, password: str, terminal: str) -> None:
    """Create the account that creates all others.

    Raises:
        Invalid: the user name or the password cannot be used.
    """
    store.write(
        actors.system("init", terminal),
        accounts.create,
        username=username,
        name=username,
        role=Role.ADMIN,
        password=passwords.prepare(password, store.rules, context=(username,)),
    )


def _load(draft: Path) -> Configuration:
    """Read the draft as any configuration; a refusal does not name a file nobody has seen."""
    try:
        return configuration.load(draft)
    except WrongConfiguration as refusal:
        start = re.escape(str(draft))
        raise WrongConfiguration(re.sub(rf"^{start}(:\d+)?: ", "", refusal.message)) from None


def _make(services: Services, fill: Callable[[Store], None], *, demo: bool) -> None:
    owner = services.as_owner()
    database = open_database(bootstrap.database_url(owner.configuration), create=True)
    try:
        rules, grantees = services.rules.hospital, services.grantees
        schema.found(database, rules, services.clock, demo=demo, grantees=grantees)
        store = Store(database, services.clock, services.rules)
        store.write(actors.system("init"), formulary.load_starter)
        fill(store)
    finally:
        database.dispose()


def _new_file(services: Services) -> Path | None:
    """The SQLite file that is about to be made; None where it exists or there is none."""
    file = bootstrap.sqlite_file(bootstrap.database_url(services.configuration))
    return None if file is None or file.exists() else file


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", ".turn"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def _text(founding: Founding) -> str:
    lines = [
        "# Chikitsa's configuration. chikitsa.toml.example names every key and its default;",
        "# passwords belong into the keyring or the environment, never in here.",
        "",
        "[hospital]",
        f"name = {_quoted(founding.name)}",
        f"timezone = {_quoted(founding.timezone)}",
        "",
        "[database]",
        f"url = {_quoted(founding.database_url or 'sqlite:///chikitsa.db')}",
    ]
    others = {"owner_url": founding.owner_url, "jobs_url": founding.jobs_url}
    lines += [f"{key} = {_quoted(url)}" for key, url in others.items() if url]
    if founding.demo:
        lines += ["", "[ui]", "demo_accounts = true", "", "[log]", 'file = "chikitsa.log"']
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
