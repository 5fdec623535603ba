"""PostgreSQL roles: what may be done by the app and by the worker, which own nothing.

The role that owns the tables makes and upgrades them and is used for nothing else: an owner can
switch triggers off. The app's role may do what the hospital's rules do, and no more: ledgers are
added to and never altered, the schema stays as it is. The worker's role reads everything and
writes only what its duties write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from store.errors import WrongConfiguration
from store.guards import APPEND_ONLY

_ALL = "INSERT, UPDATE, DELETE"
_APP = dict.fromkeys(SQLModel.metadata.tables, _ALL)
_APP |= dict.fromkeys((*APPEND_ONLY, "change"), "INSERT")
del _APP["hospital"]  # named once, by its owner
_JOBS = {name: _APP[name] for name in ("audit_entry", "appointment_event", "change")}
_JOBS |= dict.fromkeys(("job_run", "mail_channel", "outbox_message", "refused_address"), _ALL)
_JOBS |= dict.fromkeys(("waitlist_entry", "waitlist_offer", "waitlist_opening"), _ALL)
_JOBS |= {"appointment": "UPDATE", "offered_time": "INSERT"}
"""What may be written beside what is read, which is everything: the worker sends mail, passes
offers on, notes no-shows and counts what was offered."""


@dataclass(frozen=True, slots=True)
class Grantees:
    """The roles that are given what they need, each where it has a name."""

    app: str = ""
    jobs: str = ""


NOBODY = Grantees()
"""Where one role owns and uses the tables."""


def grant(connection: Connection, grantees: Grantees) -> None:
    """Give the roles what they need and take everything else; done anew after each upgrade, for
    the tables that it brought.

    Raises:
        WrongConfiguration: there is no such role.
    """
    for role, written in ((grantees.app, _APP), (grantees.jobs, _JOBS)):
        if not role:
            continue
        if connection.execute(text("SELECT to_regrole(:role)"), {"role": _quoted(role)}).scalar():
            for statement in _grants(connection, role, written):
                connection.exec_driver_sql(statement)
        else:
            raise WrongConfiguration(
                f"PostgreSQL has no role {role}. Make it first; see docs/deploying.md."
            )


def may_alter_ledgers(connection: Connection) -> bool:
    """Whether this connection's role could alter the audit trail, its triggers apart."""
    question = text("SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE')")
    return bool(connection.execute(question).scalar())


def _grants(connection: Connection, role: str, written: Mapping[str, str]) -> Iterator[str]:
    name = _quoted(role)
    database = _quoted(str(connection.engine.url.database))
    # A temporary table of the same name as one of ours would be seen by the triggers first.
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {name}"
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    for kind in ("TABLES", "SEQUENCES"):
        yield f"REVOKE ALL ON ALL {kind} IN SCHEMA public FROM PUBLIC, {name}"
        yield f"GRANT SELECT ON ALL {kind} IN SCHEMA public TO {name}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}"
    for table, rights in sorted(written.items()):
        yield f"GRANT {rights} ON {_quoted(table)} TO {name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
