"""Runs a server for as long as the test process lives: `guard.py USER FOLDER COMMAND...`.

The test process holds the other end of this program's standard input. When that end closes, be it
by the fixture, by a crash or by kill -9, the server is stopped and FOLDER removed. USER is the
account to run as, or `-` for the present one.
"""

import contextlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Start the command, wait for the end of standard input, stop the command."""
    user, folder, *command = sys.argv[1:]
    # Ctrl+C is for the tests; they end us. Ignored, it would be ignored by the server as well.
    signal.signal(signal.SIGINT, lambda *_: None)
    account = None if user == "-" else user
    with (Path(folder) / "log").open("wb") as log:
        server = subprocess.Popen(
            command,
            user=account,
            group=account,
            extra_groups=[] if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    sys.stdin.buffer.read()
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; the others end as well
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(5)
    server.kill()
    server.wait()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
