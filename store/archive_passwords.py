"""The passwords of the archives that patients' records are mailed in, and codes that go by mail.

A mail is read by whoever has the mailbox, so its archive opens with a password that reaches the
patient on another way: whoever asks for the records sees it on the screen, and the patient again
in the app. It is not kept anywhere. It is derived from the message's key and a secret of the
hospital (HMAC-SHA-256), so that the worker that sends the mail finds the same one, and it has 80
bits, of which guessing fast offline finds none.

So is a one-time code that goes by mail (`store.one_time_codes`): it rests nowhere before it is
sent, and each try of the mail says the same one.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import select

from store.tables import Hospital, table_of
from store.transaction import Transaction

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_GROUPS, _GROUP = 4, 4


def password_of(tx: Transaction, unique_key: str) -> str:
    """The password of a message's archive, or the code that it says: `k7mw-2p9x-4hbd-0tqe`."""
    key = tx.session.execute(select(table_of(Hospital).c.archive_key)).scalar_one()
    digest = hmac.digest(bytes.fromhex(key), unique_key.encode(), hashlib.sha256)
    number = int.from_bytes(digest)
    letters = [_ALPHABET[number >> 5 * place & 31] for place in range(_GROUPS * _GROUP)]
    return "-".join(
        "".join(letters[start : start + _GROUP]) for start in range(0, len(letters), _GROUP)
    )
