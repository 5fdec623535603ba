"""Whoever signs in at an installed host gets the app or nothing, whatever is asked for."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers.installed import ADMINISTRATOR, PASSWORD, PERSON, Installed
from tests.servers.process import free_port, wait_until

SECONDS = 30
SIZE = (80, 24)
MARK = "/opt/mark"
"""A place on the host; nothing that a person does may put anything there."""

ALLOWED = {
    "TERM",
    "COLORTERM",
    "SSH_CONNECTION",
    "CHIKITSA_OS_USER",
    "CHIKITSA_CONFIG",
    "HOME",
    "LANG",
    "PATH",
}


@pytest.fixture
def host(installed: Installed) -> Iterator[Installed]:
    place = installed.path(MARK)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    place.chmod(0o777)
    yield installed
    assert list(place.iterdir()) == []


def client(host: Installed, *words: str, program: str = "ssh") -> subprocess.CompletedProcess[str]:
    """One of OpenSSH's clients, as somebody with the person's key uses it."""
    return subprocess.run(
        [*host.sshd.words(program), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def forwarding(host: Installed, port: int, *words: str) -> Iterator[None]:
    """A connection that is to forward `port` of this end."""
    with subprocess.Popen(
        [*host.sshd.words(), "-N", *words, host.sshd.address], stderr=subprocess.DEVNULL
    ) as line:
        try:
            wait_until(lambda: _open(port), lambda: "the client does not listen", SECONDS)
            yield
        finally:
            line.kill()


def _open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.mark.parametrize("wanted", ["id", f"touch {MARK}/made", "sh -i", "-c id"])
def test_a_command_is_not_run(host: Installed, wanted: str) -> None:
    done = client(host, "--", host.sshd.address, wanted)
    assert done.returncode != 0
    assert "uid=" not in done.stdout
    assert "needs a terminal" in done.stderr


def test_files_go_neither_in_nor_out(host: Installed, tmp_path: Path) -> None:
    (tmp_path / "sent").write_text("x")
    batch = tmp_path / "batch"
    batch.write_text(f"put {tmp_path}/sent {MARK}/made\nget /etc/passwd {tmp_path}/got\n")
    assert client(host, "-b", str(batch), host.sshd.address, program="sftp").returncode != 0
    for options in ((), ("-O",)):
        there = f"{host.sshd.address}:{MARK}/made"
        assert client(host, *options, f"{tmp_path}/sent", there, program="scp").returncode != 0
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize("kind", ["-L", "-D"])
def test_nothing_is_forwarded_to_where_the_host_can_go(host: Installed, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        port, target = free_port(), inside.getsockname()[1]
        inside.settimeout(1)
        words = {"-L": f"127.0.0.1:{port}:127.0.0.1:{target}", "-D": f"127.0.0.1:{port}"}
        with (
            forwarding(host, port, kind, words[kind]),
            socket.create_connection(("127.0.0.1", port), SECONDS) as line,
        ):
            if kind == "-D":  # SOCKS5: no sign-in, connect to 127.0.0.1:target
                line.sendall(b"\x05\x01\x00")
                assert line.recv(2) == b"\x05\x00"
                line.sendall(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + target.to_bytes(2))
            answer = b""
            with suppress(ConnectionResetError):
                answer = line.recv(10)
            assert answer[:2] != b"\x05\x00"
            with pytest.raises(TimeoutError):
                inside.accept()


@pytest.mark.parametrize("words", [("-R", "0:127.0.0.1:9"), ("-w", "0:0")], ids=["-R", "-w"])
def test_no_way_is_opened_back(host: Installed, words: tuple[str, ...]) -> None:
    done = client(host, "-N", "-oExitOnForwardFailure=yes", *words, host.sshd.address)
    assert done.returncode != 0


def test_of_the_environment_only_what_is_named_arrives(
    host: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its home's start files, X11, an agent and variables that make programs run others."""
    home = host.path("/var/lib/rao")
    (home / ".ssh").mkdir(parents=True, exist_ok=True)
    for name in (".bashrc", ".profile", ".bash_profile", ".ssh/rc"):
        (home / name).write_text(f"touch {MARK}/made\n")
    (home / ".ssh" / "environment").write_text(f"BASH_ENV={MARK}/made\n")
    host.run("usermod", "--home", "/var/lib/rao", PERSON)
    host.run("chown", "-R", PERSON, "/var/lib/rao")
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "a"))
        agent.listen()
        given = {"LD_PRELOAD": "x.so", "PYTHONPATH": MARK, "TEXTUAL_LOG": f"{MARK}/made"}
        given |= {"BROWSER": "sh", "CHIKITSA_DATABASE__URL": "sqlite:///x", "BASH_ENV": MARK}
        variables = " ".join(f"{name}={value}" for name, value in given.items())
        options = (f"-oSetEnv={variables}", f"-oForwardAgent={tmp_path / 'a'}", "-X")
        line = host.sshd.connect(SIZE, *options)
        line.wait_for("City Hospital", "Password")
    (app,) = host.apps()
    found = dict(
        entry.decode().split("=", 1)
        for entry in (app / "environ").read_bytes().split(b"\0")
        if entry
    )
    assert set(found) == ALLOWED
    assert found["CHIKITSA_OS_USER"] == PERSON
    assert found["SSH_CONNECTION"].startswith("127.0.0.1 ")
    assert host.run("stat", "-c", "%U", f"/proc/{app.name}").strip() == "chikitsa"


def test_keys_lead_nowhere_else_and_nothing_stays_behind(host: Installed) -> None:
    line = host.sshd.connect(SIZE, "-oRequestTTY=force")
    line.wait_for("City Hospital", "Password")
    for key in "\x03\x1a\x1c":  # ctrl+c, ctrl+z, ctrl+\
        line.type(key)
    line.type(ADMINISTRATOR)
    line.wait_for(ADMINISTRATOR)
    line.press("enter")
    line.type(PASSWORD)
    line.press("enter")
    line.wait_for("Administration", "live")
    line.press("ctrl+q")
    wait_until(lambda: not host.apps(), lambda: line.screen, SECONDS)
    closed = "Connection to 127.0.0.1 closed."  # which OpenSSH's client says
    wait_until(lambda: line.screen.strip() in {"", closed}, lambda: line.screen, SECONDS)


def test_the_units_are_sound_and_the_rules_of_sudo_too(host: Installed) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    host.run("visudo", "-cqf", "/etc/sudoers.d/chikitsa")
    units = sorted(Path(__file__).parents[2].joinpath("deploy/systemd").iterdir())
    assert len(units) >= 6
    for unit in units:
        told = f"/opt/chikitsa/src/deploy/systemd/{unit.name}"
        assert host.run("systemd-analyze", "verify", "--man=no", told) == ""


def test_the_scripts_are_clean() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck: apt-get install shellcheck")
    folder = Path(__file__).parents[2] / "deploy"
    scripts = [one for one in folder.rglob("*") if one.is_file() and _is_script(one)]
    assert len(scripts) >= 5
    words = ["shellcheck", *map(str, scripts)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def _is_script(file: Path) -> bool:
    return file.read_bytes().startswith(b"#!/bin/sh")
