"""Several files as one archive that a password opens (zip with AES-256, WinZip's AE-2).

The names of the files in it can be read without the password: they name nobody.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import pyzipper

from jobs.exports.render import Rendered


def locked(files: Sequence[Rendered], name: str, password: str) -> Rendered:
    """The files in one, as `name`."""
    stream = io.BytesIO()
    with pyzipper.AESZipFile(
        stream, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        for one in files:
            archive.writestr(one.name, one.data)
    return Rendered(name, ("application", "zip"), stream.getvalue())
