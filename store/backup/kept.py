"""The backups in a folder, as far as a glance tells what each is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from store.backup.manifest import Manifest, manifest_file, read
from store.backup.taking import TAKEN
from store.backup.verifying import CHECKED
from store.errors import StoreError, Unavailable
from store.front_door import Store
from store.permissions import Action, require
from store.tables import AuditEntry, table_of
from store.transaction import Transaction
from store.values import Actor

_ENTRY = table_of(AuditEntry)
_PAPERS = manifest_file(Path("*")).name


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup with its manifest; `wrong` says why it cannot be restored, where that is seen
    without reading all of it. `verified_at` is when it was last looked through, the taking of it
    included, in hospital time; None where this hospital's audit trail does not know it."""

    file: Path
    manifest: Manifest | None
    wrong: str
    verified_at: datetime | None


def kept_in(store: Store, actor: Actor, folder: Path) -> list[KeptBackup]:
    """The backups in a folder, the newest first, and last those whose manifest cannot be read.

    Raises:
        Forbidden: only administrators may see them.
        Unavailable: the folder cannot be read.
    """
    store.glance(actor, require, Action.BACKUP)
    try:
        papers = [one for one in folder.iterdir() if one.match(_PAPERS)]
    except OSError as error:
        raise Unavailable(f"{folder} cannot be read: {error.strerror}.") from None
    seen = [_seen(paper.with_suffix("")) for paper in papers]
    verified = store.glance(actor, _verified, {one.sha256 for _, one, _ in seen if one})
    found = [
        KeptBackup(file, one, wrong, verified.get(one.sha256) if one else None)
        for file, one, wrong in seen
    ]
    return sorted(found, key=_age)


def _age(one: KeptBackup) -> tuple[float, str]:
    return -one.manifest.taken_at.timestamp() if one.manifest else 0, one.file.name


def _seen(file: Path) -> tuple[Path, Manifest | None, str]:
    try:
        manifest = read(file)
        size = file.stat().st_size
    except StoreError as refusal:
        return file, None, refusal.message
    except OSError as error:
        return file, None, f"{file} cannot be read: {error.strerror}."
    whole = size == manifest.bytes
    return file, manifest, "" if whole else "Its size is not that of its manifest."


def _verified(tx: Transaction, digests: Iterable[str]) -> dict[str, datetime]:
    require(tx, Action.BACKUP)
    rows = tx.session.execute(
        select(_ENTRY.c.entity_id, func.max(_ENTRY.c.at))
        .where(
            _ENTRY.c.entity == "file",
            _ENTRY.c.action.in_((TAKEN, CHECKED)),
            _ENTRY.c.entity_id.in_(list(digests)),
        )
        .group_by(_ENTRY.c.entity_id)
    )
    return {digest: tx.local(at) for digest, at in rows}
