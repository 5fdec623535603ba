"""A host on which Chikitsa was installed as docs/deploying.md says, from the files of deploy/.

It has the machine's own system, and in a mount namespace of its own whatever the installing wrote:
accounts, sudo's rules, sshd's, the wrapper. Nothing of it is left on the machine.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import GuardedServer, ServerMissing, free_port
from tests.servers.ssh import Sshd

ROOT = Path(__file__).parents[2]
PERSON, ADMINISTRATOR, PASSWORD = "rao", "root", "kettle on the ledge 7"
_CONFIG = "/etc/chikitsa/chikitsa.toml"
_PATIENCE_SECONDS = 120.0
_DATABASE = "/var/lib/chikitsa/chikitsa.db"

_SETUP = f"""
set -eu
umask 022  # the tests' own may be another: the command line closes what its process makes
mount --make-rprivate /
mkdir "$1/layers"
mount -t tmpfs tmpfs "$1/layers"
for place in etc opt usr/local var/lib run; do
    mkdir -p "$1/layers/$place/upper" "$1/layers/$place/work"
    mount -t overlay overlay /$place \
        -o "lowerdir=/$place,upperdir=$1/layers/$place/upper,workdir=$1/layers/$place/work"
done
mkdir -p /opt/chikitsa/lib /opt/chikitsa/src /opt/chikitsa/python /run/sshd
mount --bind "$3" /opt/chikitsa/lib
mount --bind "$4" /opt/chikitsa/src
mount --bind "$5" /opt/chikitsa/python
echo /opt/chikitsa/python/lib >/etc/ld.so.conf.d/000-chikitsa.conf # its own libpython, and no other
ldconfig
/opt/chikitsa/python/bin/python3 -m venv --without-pip /opt/chikitsa/venv
for packages in /opt/chikitsa/venv/lib/python3.*/site-packages; do
    printf '/opt/chikitsa/lib\\n/opt/chikitsa/src\\n' >"$packages/here.pth"
done
/opt/chikitsa/src/deploy/ssh/install
/opt/chikitsa/src/deploy/ssh/add-person {PERSON} "$1/client.pub"
echo '{PASSWORD}' | /opt/chikitsa/venv/bin/python -I -m chikitsa_tui --config {_CONFIG} init \
    --name "City Hospital" --timezone Asia/Kolkata --admin {ADMINISTRATOR} --password-stdin \
    --database-url sqlite:///{_DATABASE}
chown chikitsa:chikitsa {_DATABASE}*
chown root:chikitsa {_CONFIG}
chmod 640 {_CONFIG}
echo $$ >"$1/pid"
exec "$2" -D -e -f "$1/rules"
"""
_TRY = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
"""
_RULES = """
Include /etc/ssh/sshd_config.d/chikitsa.conf
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
UsePAM no
X11Forwarding yes
PermitTunnel yes
PermitUserEnvironment yes
AcceptEnv *
Subsystem sftp internal-sftp
"""
"""A careless host: what is open here is closed for the people of Chikitsa by their block alone."""


@dataclass(frozen=True)
class Installed:
    """The host, and the person who may sign in there."""

    sshd: Sshd
    pid: int

    def path(self, name: str) -> Path:
        """A file of the host, seen from the tests."""
        return Path(f"/proc/{self.pid}/root") / name.lstrip("/")

    def run(self, *words: str) -> str:
        """Run something there, as its administrator."""
        enter = ["nsenter", f"--mount=/proc/{self.pid}/ns/mnt", "--", *words]
        return subprocess.run(enter, check=True, capture_output=True, text=True).stdout

    def apps(self) -> list[Path]:
        """The processes of the app that run there, as /proc has them."""
        here = Path(f"/proc/{self.pid}/ns/mnt").readlink()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                if words[1:4] == [b"-I", b"-m", b"chikitsa_tui"] and (
                    (process / "ns/mnt").readlink() == here
                ):
                    found.append(process)
            except OSError:
                continue
        return found


@contextmanager
def installed_host() -> Iterator[Installed]:
    """The host, running; raises ServerMissing where it cannot be had."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or shutil.which("ssh") is None or shutil.which("sudo") is None:
        raise ServerMissing("no OpenSSH or sudo: apt-get install openssh-server sudo")
    if not _layers_allowed():
        raise ServerMissing("no installed host: mounting in a namespace needs root")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-host-", dir="/tmp"))
    for name in ("host", "client"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(make, check=True)
    port = free_port()
    (folder / "rules").write_text(_RULES.format(port=port, folder=folder), encoding="utf-8")
    words = [str(folder), program, site.getsitepackages()[0], str(ROOT), sys.base_prefix]
    server = GuardedServer(
        ["unshare", "--mount", "sh", "-c", _SETUP, "install", *words], folder=folder
    )
    sshd = Sshd(folder, port, PERSON)
    server.wait_until(sshd.answers, _PATIENCE_SECONDS)
    try:
        yield Installed(sshd, int((folder / "pid").read_text()))
    finally:
        sshd.hang_up_all()
        server.stop()


def _layers_allowed() -> bool:
    if os.geteuid() != 0:
        return False
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", _TRY], check=False, capture_output=True
    )
    return tried.returncode == 0
