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
from typing import Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from chikitsa_tui.settings import ENVIRONMENT_PREFIX, Settings, known_keys
from store.errors import WrongConfiguration

FILE_NAME = "chikitsa.toml"
LINUX_FOLDER = Path("/etc/chikitsa")
"""Where an administrator of a Linux machine looks for it, which platformdirs does not name."""

_LARGEST_FILE = 1_000_000
_NO_NUMBER, _NO_BOOL = "must be a whole number", "must be true or false"
_NO_LIST, _NO_TABLE = "must be a list such as [0, 1]", "must be a table of keys"
_COMPLAINTS = {
    "bool_parsing": _NO_BOOL,
    "bool_type": _NO_BOOL,
    "dict_type": _NO_TABLE,
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": _NO_NUMBER,
    "int_parsing": _NO_NUMBER,
    "int_parsing_size": _NO_NUMBER,
    "int_type": _NO_NUMBER,
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "model_attributes_type": _NO_TABLE,
    "model_type": _NO_TABLE,
    "string_too_long": "must be at most {max_length} characters",
    "string_too_short": "must not be empty",
    "string_type": "must be text in quotes",
    "too_long": _NO_LIST,
    "too_short": _NO_LIST,
    "tuple_type": _NO_LIST,
}
"""What pydantic's kinds of errors are called here; its own sentences would show the value."""


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
    if file is None and f"{ENVIRONMENT_PREFIX}DATABASE__URL" not in os.environ:
        raise WrongConfiguration(
            "There is no configuration yet. Make a hospital with: chikitsa init (or try one out "
            "with: chikitsa demo)"
        )
    text = _read(file) if file else ""
    tables = _parse(file, text) if file else {}
    _refuse_unknown_variables()
    settings = _validate(tables, file, text)
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
    if isinstance(tables.get("mail"), dict) and "password" in tables["mail"]:
        line = _line_of(text, ("mail", "password"))
        raise WrongConfiguration(
            f"{_place(file, line)}: [mail] password does not belong in "
            "the file; put it into the keyring, or set CHIKITSA_MAIL__PASSWORD."
        )
    try:
        return Settings(**tables)
    except ValidationError as error:
        raise WrongConfiguration(_explain(error.errors()[0], file, text)) from None
    except SettingsError as error:
        variable = _variable_in(str(error))
        raise WrongConfiguration(
            f"{variable} cannot be read; lists are written as [0, 1]."
        ) from None


def _explain(error: ErrorDetails, file: Path | None, text: str) -> str:
    path = tuple(str(part) for part in error["loc"] if isinstance(part, str))
    variable = _variable_of(path)
    name = f"[{'.'.join(path[:-1])}] {path[-1]}" if len(path) > 1 else f"[{path[0]}]"
    place = variable or _place(file, _line_of(text, path))
    if error["type"] == "extra_forbidden":
        return f"{place}: {name} is unknown; {_nearest(path)}"
    return f"{place}: {name} {_complaint(error)}."


def _complaint(error: ErrorDetails) -> str:
    """What is wrong, in words and without the value."""
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(context["error"])
    sentence = _COMPLAINTS.get(error["type"], "has a value that cannot be used")
    return sentence.format_map(context)


def _refuse_unknown_variables() -> None:
    sections = known_keys()
    for name in os.environ:
        if not name.startswith(ENVIRONMENT_PREFIX) or "__" not in name:
            continue
        path = tuple(name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"))
        keys = sections.get(path[0], ())
        if ".".join(path[1:]) in keys or path[:2] == ("ui", "keys"):
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


def _variable_of(path: tuple[str, ...]) -> str | None:
    """The environment variable that sets a key, where one does."""
    for length in range(len(path), 0, -1):
        name = ENVIRONMENT_PREFIX + "__".join(path[:length]).upper()
        found = next((n for n in os.environ if n.upper() == name), None)
        if found:
            return found
    return None


def _variable_in(message: str) -> str:
    """The variable whose JSON pydantic-settings could not read, by the section it names."""
    found = re.search(r'"(\w+)"', message)
    path = (found.group(1),) if found else ()
    start = ENVIRONMENT_PREFIX + (path[0].upper() if path else "")
    return next((name for name in os.environ if name.upper().startswith(start)), start)


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
    urls = [value for section in stores for name, value in section if name.endswith("url")]
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
