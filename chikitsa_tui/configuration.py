"""Finding and reading the configuration, and telling a mistake in it in one sentence.

A sentence names the file, the line where it is known, and the key with the nearest known one. It
never shows a value: a value may be a password.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import platformdirs
from msgspec import ValidationError
from msgspec.structs import asdict

from chikitsa_tui import environment
from chikitsa_tui.settings import DEFAULTS, Settings, known_keys, read
from store.errors import WrongConfiguration

FILE_NAME = "chikitsa.toml"
LINUX_FOLDER = Path("/etc/chikitsa")
"""Where an administrator of a Linux machine looks for it, which platformdirs does not name."""

_LARGEST_FILE = 1_000_000
_UNKNOWN = re.compile("Object contains unknown field `(.*)`")
_COMPLAINTS = {
    re.compile(told): sentence
    for told, sentence in {
        r"Expected `bool": "must be true or false",
        r".*, got `bool`": "cannot be true or false",
        r"Expected `int` >= (.+)": "must be at least {}",
        r"Expected `int` <= (.+)": "must be at most {}",
        r"Expected `int": "must be a whole number",
        r"Expected `str` of length >= ": "must not be empty",
        r"Expected `str` of length <= (.+)": "must be at most {} characters",
        r"Expected `str` matching ": "must not have control characters",
        r"Expected `str": "must be text in quotes",
        r"Expected `array": "must be a list such as [0, 1]",
        r"Expected `object": "must be a table of keys",
    }.items()
}
"""What msgspec's sentences are called here; some of its own would show the value."""


@dataclass(frozen=True)
class Configuration:
    """The settings, and the file they came from (None where the environment says it all)."""

    settings: Settings
    file: Path | None

    @property
    def folder(self) -> Path:
        """Where relative file names of the configuration start."""
        return self.file.parent if self.file else Path.cwd()


def user_file() -> Path:
    """The configuration file in the user's own configuration folder."""
    return platformdirs.user_config_path("chikitsa") / FILE_NAME


def find_file(given: Path | None) -> Path | None:
    """The configuration file to use, or None where there is none.

    The first of: `given`, `CHIKITSA_CONFIG`, `./chikitsa.toml`, the user's folder, the system's
    (on Linux those of `XDG_CONFIG_DIRS`, then `/etc/chikitsa`).
    """
    named = given or (Path(value) if (value := os.environ.get("CHIKITSA_CONFIG")) else None)
    if named is not None:
        return named.expanduser().absolute()
    system = platformdirs.PlatformDirs("chikitsa", multipath=True).site_config_dir
    places = [Path.cwd(), user_file().parent, *map(Path, system.split(os.pathsep))]
    if sys.platform == "linux":
        places.append(LINUX_FOLDER)
    return next((p / FILE_NAME for p in places if (p / FILE_NAME).is_file()), None)


def new_file(given: Path | None) -> Path:
    """Where a new configuration is written: where it was named, else the user's own place."""
    named = given or (Path(value) if (value := os.environ.get("CHIKITSA_CONFIG")) else None)
    return (named or user_file()).expanduser().absolute()


def without_password(url: str) -> str:
    """A database's URL as it may be shown."""
    return re.sub(r"(://[^/:@]*):[^@]*@", r"\1:***@", url)


def load(given: Path | None) -> Configuration:
    """Read the configuration.

    Raises:
        WrongConfiguration: no file and no database in the environment, a file that cannot be
            read, or anything in it or in the environment that is unknown or wrong.
    """
    file = find_file(given)
    if file is None and environment.variable_of(("database", "url")) is None:
        raise WrongConfiguration(
            "There is no configuration yet. Make a hospital with: chikitsa init (or try one out "
            "with: chikitsa demo)"
        )
    text = _read(file) if file else ""
    tables = _parse(file, text) if file else {}
    _refuse_password(tables, file, text)
    _refuse_unknown_variables()
    settings = _validate(environment.over(tables), file, text)
    if file:
        _refuse_open_secrets(file, settings)
    return Configuration(settings, file)


def _read(file: Path) -> str:
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE:
            raise WrongConfiguration(f"{file} is not a configuration file.")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WrongConfiguration(
            f"There is no configuration file {file}. Make one with: chikitsa --config FILE init"
        ) from None
    except UnicodeDecodeError:
        raise WrongConfiguration(f"{file} is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise WrongConfiguration(f"{file} cannot be read: {error.strerror}.") from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = re.sub(r" \(at .*\)$", "", str(error))
        found = re.search(r"at line (\d+)", str(error))
        line = found.group(1) if found else str(text.count("\n") + 1)
        raise WrongConfiguration(f"{file}:{line}: this is not TOML: {reason}.") from None


def _validate(tables: dict[str, Any], file: Path | None, text: str) -> Settings:
    try:
        return read(tables)
    except ValidationError as error:
        raise WrongConfiguration(_explain(error, tables, file, text)) from None


def _refuse_password(tables: dict[str, Any], file: Path | None, text: str) -> None:
    if isinstance(tables.get("mail"), dict) and "password" in tables["mail"]:
        line = _line_of(text, ("mail", "password"))
        raise WrongConfiguration(
            f"{_place(file, line)}: [mail] password does not belong in "
            "the file; put it into the keyring, or set CHIKITSA_MAIL__PASSWORD."
        )


def _explain(error: ValidationError, tables: dict[str, Any], file: Path | None, text: str) -> str:
    told, _, place = str(error).partition(" - at `$")
    path = _path(place, tables)
    unknown = _UNKNOWN.match(told)
    if unknown:
        path += (unknown.group(1),)
    name = f"[{'.'.join(path[:-1])}] {path[-1]}" if len(path) > 1 else f"[{path[0]}]"
    place = environment.variable_of(path) or _place(file, _line_of(text, path))
    if unknown:
        return f"{place}: {name} is unknown; {_nearest(path)}"
    return f"{place}: {name} {_complaint(error, told, path)}."


def _path(place: str, tables: dict[str, Any]) -> tuple[str, ...]:
    """Where msgspec found a mistake: `.mail.port`, `.schedule.reminder_days_ahead[0]`, or
    `.ui.keys[...]`, which is one of a table's keys: the first whose value is no text."""
    path = tuple(re.sub(r"\[.*\]|`", "", place).split(".")[1:])
    if not place.endswith("[...]`"):
        return path
    table: Any = tables
    for part in path:
        table = table[part]
    return (*path, next(key for key, value in table.items() if not isinstance(value, str)))


def _complaint(error: ValidationError, told: str, path: tuple[str, ...]) -> str:
    """What is wrong, in words and without the value."""
    if isinstance(error.__cause__, ValueError):  # of our own readers
        return str(error.__cause__)
    if told.startswith("Invalid enum value"):
        return f"must be {_choice(path)}"
    for sentence, ours in _COMPLAINTS.items():
        if found := sentence.match(told):
            return ours.format(*found.groups())
    return "has a value that cannot be used"


def _choice(path: tuple[str, ...]) -> str:
    """The words of which a setting is one, or a list."""
    *outer, key = path
    section: Any = DEFAULTS
    for part in outer:
        section = getattr(section, part)
    wanted = get_type_hints(type(section))[key]
    while get_origin(wanted) is not Literal:
        wanted = get_args(wanted)[0]
    *others, last = map(repr, get_args(wanted))
    return f"{', '.join(others)} or {last}"


def _refuse_unknown_variables() -> None:
    sections = known_keys()
    for name, path in environment.variables():
        keys = sections.get(path[0], ())
        if len(path) == 1 or ".".join(path[1:]) in keys or path[:2] == ("ui", "keys"):
            continue
        raise WrongConfiguration(
            f"The environment variable {_shown(name)} names no setting; {_nearest(path)}"
        )


def _nearest(path: tuple[str, ...]) -> str:
    """A suggestion for an unknown key or section: by its own name first, then by its place."""
    sections = known_keys()
    everything = [f"{section}.{key}" for section, keys in sections.items() for key in keys]
    same = [known for known in everything if known.split(".")[-1] == path[-1]]
    if len(path) == 1:
        if same:
            return f"it belongs into the section [{same[0].split('.')[0]}]."
        return f"the nearest section is [{get_close_matches(path[0], sections, 1, 0)[0]}]."
    wanted = ".".join(path)
    nearest = (same or get_close_matches(wanted, everything, 1, 0))[0]
    section, _, key = nearest.rpartition(".")
    return f"the nearest known key is [{section}] {key}."


def _place(file: Path | None, line: int | None) -> str:
    if file is None:
        return "The configuration"
    return f"{file}:{line}" if line else str(file)


def _line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line on which the key (or else its table) stands; None where that is not plain to see."""
    table: tuple[str, ...] = ()
    table_line = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = tuple(part.strip(" \"'") for part in header.group(1).split("."))
            if table == path:
                return number
            if table == path[:-1]:
                table_line = number
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            words = tuple(part.strip("\"'") for part in key.group(1).split("."))
            if table + words == path:
                return number
    return table_line


def _refuse_open_secrets(file: Path, settings: Settings) -> None:
    """Nobody else may write the configuration, nor read one that has a password in it."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o022:
        raise WrongConfiguration(f"{file} can be written by others. Close it: chmod 600 {file}")
    stores = (settings.database, settings.queue, settings.cache, settings.feed)
    urls = [
        value
        for section in stores
        for name, value in asdict(section).items()
        if name.endswith("url")
    ]
    if mode & 0o004 and any(_has_password(url) for url in urls):
        raise WrongConfiguration(
            f"{file} holds a password and can be read by everyone. Close it: chmod 600 {file}"
        )


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password) or "password=" in url
    except ValueError:
        return True


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in name)[:80]
