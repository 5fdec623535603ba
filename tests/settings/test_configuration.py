"""Finding the configuration, and telling what is wrong with it."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from chikitsa_tui import bootstrap, configuration
from chikitsa_tui.configuration import LINUX_FOLDER, load
from chikitsa_tui.settings import Settings
from store.errors import WrongConfiguration
from store.values import Role

SECRET = "hunter2-canary"


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "chikitsa.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def refusal(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    with pytest.raises(WrongConfiguration) as refused:
        load(written(tmp_path, text, mode))
    message = refused.value.message
    assert "\n" not in message
    assert SECRET not in message
    assert message.count(". ") <= 1
    return message


def test_the_order_of_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, Path] = {}
    for name, folder in {
        "machine": tmp_path / "etc" / "chikitsa",
        "system": tmp_path / "xdg" / "xdg_config_dirs" / "chikitsa",
        "user": tmp_path / "xdg" / "xdg_config_home" / "chikitsa",
        "here": Path.cwd(),
    }.items():
        names[name] = written(folder, f'[hospital]\nname = "{name}"\n')
        assert load(None).settings.hospital.name == name
    named = written(tmp_path / "named", '[hospital]\nname = "environment"\n')
    monkeypatch.setenv("CHIKITSA_CONFIG", str(named))
    assert load(None).settings.hospital.name == "environment"
    assert load(names["user"]).settings.hospital.name == "user"


def test_on_linux_the_machine_has_it_where_administrators_look() -> None:
    assert Path("/etc/chikitsa") == LINUX_FOLDER


def test_nothing_anywhere_says_what_to_run() -> None:
    with pytest.raises(WrongConfiguration, match="chikitsa init"):
        load(None)


def test_a_named_file_that_is_missing_is_no_silent_default(tmp_path: Path) -> None:
    with pytest.raises(WrongConfiguration, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml")


def test_the_environment_alone_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIKITSA_DATABASE__URL", f"sqlite:///{tmp_path}/x.db")
    found = load(None)
    assert found.file is None
    assert bootstrap.database_url(found) == f"sqlite:///{tmp_path}/x.db"


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, '[mail]\nhost = "file"\nport = 25\n[hospital]\nname = "A"\n')
    monkeypatch.setenv("CHIKITSA_MAIL__HOST", "environment")
    monkeypatch.setenv("CHIKITSA_SCHEDULE__REMINDER_TIME", "06:30")
    monkeypatch.setenv("CHIKITSA_SCHEDULE__REMINDER_DAYS_AHEAD", "[0, 1]")
    monkeypatch.setenv("CHIKITSA_SCHEDULE__REMINDERS", "false")
    monkeypatch.setenv("CHIKITSA_SECURITY__IDLE_MINUTES__ADMIN", "5")
    monkeypatch.setenv("CHIKITSA_SECURITY", '{"session_hours": {"admin": 3}}')
    monkeypatch.setenv("chikitsa_ui__keys__desk.book", "ctrl+b")
    settings = load(file).settings
    assert (settings.mail.host, settings.mail.port) == ("environment", 25)
    assert settings.schedule.reminder_time == time(6, 30)
    assert settings.schedule.reminder_days_ahead == (0, 1)
    assert not settings.schedule.reminders
    assert settings.security.idle_minutes.admin == 5
    assert settings.security.session_hours.admin == 3
    assert settings.ui.keys == {"desk.book": "ctrl+b"}
    assert settings.hospital.name == "A"


def test_a_relative_database_is_beside_the_configuration(tmp_path: Path) -> None:
    file = written(tmp_path / "a", '[database]\nurl = "sqlite:///data/x.db"\n')
    assert bootstrap.database_url(load(file)) == f"sqlite:///{tmp_path}/a/data/x.db"
    file = written(tmp_path / "b", '[database]\nurl = "postgresql://u@h/x"\n')
    assert bootstrap.database_url(load(file)) == "postgresql://u@h/x"


def test_settings_are_frozen() -> None:
    settings = Settings()
    with pytest.raises(AttributeError):
        settings.mail.host = "x"  # type: ignore[misc]


def test_the_app_is_locked_before_the_login_session_ends(tmp_path: Path) -> None:
    defaults = bootstrap.lock_seconds(Settings())
    assert {role.value: seconds // 60 for role, seconds in defaults.items()} == {
        "admin": 5,
        "reception": 3,
        "doctor": 10,
        "patient": 5,
    }
    for lock in (1, 2, 30, 60):
        for idle in (1, 2, 3, 15, 60):
            file = written(
                tmp_path / f"{lock}-{idle}",
                f"[security.screen_lock_minutes]\ndoctor = {lock}\n"
                f"[security.idle_minutes]\ndoctor = {idle}\n",
            )
            seconds = bootstrap.lock_seconds(load(file).settings)[Role.DOCTOR]
            assert seconds == lock * 60 or seconds in (idle * 60 - 60, idle * 30)
            assert 30 <= seconds <= idle * 60 - 30


def test_settings_become_the_hospitals_rules(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '[hospital]\nname = "A"\ntimezone = "Europe/London"\nundo_minutes = 3\n'
        "[security.session_hours]\npatient = 1\n[schedule]\nreminder_time = 06:15:00\n",
    )
    rules = bootstrap.rules_of(load(file).settings)
    assert rules.hospital.timezone.key == "Europe/London"
    assert rules.hospital.undo_minutes == 3
    assert rules.security.session_hours[Role.PATIENT] == 1
    assert rules.reminders.at == time(6, 15)


def test_the_cheap_bcrypt_of_tests_is_no_setting(tmp_path: Path) -> None:
    assert "at least 10" in refusal(tmp_path, "[security]\nbcrypt_cost = 4\n")
    with bootstrap.bcrypt_cost_for_tests(4):
        assert bootstrap.rules_of(Settings()).security.bcrypt_cost == 4
    assert bootstrap.rules_of(Settings()).security.bcrypt_cost == 12


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[mail]\nhost = 'x'\nprot = 3\n", 3, ("[mail] prot", "[mail] port")),
        ("[mial]\nhost = 'x'\n", 1, ("[mial]", "[mail]")),
        ("timezone = 'UTC'\n", 1, ("[timezone]", "[hospital]")),
        ("[mail]\n\ntimezone = 'UTC'\n", 3, ("[mail] timezone", "[hospital] timezone")),
        ("[security.idle_minutes]\nadmn = 3\n", 2, ("admn", "[security.idle_minutes] admin")),
        ("[mail]\nqqqqqq = 3\n", 2, ("[mail] qqqqqq", "the nearest known key is [")),
    ],
)
def test_an_unknown_key_is_named_with_its_line_and_the_nearest(
    tmp_path: Path, text: str, line: int, words: tuple[str, ...]
) -> None:
    message = refusal(tmp_path, text)
    assert message.startswith(f"{tmp_path}/chikitsa.toml:{line}: ")
    assert all(word in message for word in words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"[mail]\nport = '{SECRET}'\n", ("[mail] port", "whole number")),
        ("[mail]\nport = true\n", ("port", "true or false")),
        ("[mail]\nport = 70000\n", ("at most 65535",)),
        ("[mail]\nport = 2.5\n", ("whole number",)),
        ("[mail]\nhost = 3\n", ("text in quotes",)),
        (f"[mail]\nsecurity = '{SECRET}'\n", ("'starttls', 'tls' or 'none'",)),
        (f"[mail]\npassword = '{SECRET}'\n", ("CHIKITSA_MAIL__PASSWORD",)),
        ("mail = 3\n", ("table",)),
        ("[[mail]]\nhost = 'x'\n", ("table",)),
        ("[hospital]\ntimezone = 'Mars/Base'\n", ("Asia/Kolkata",)),
        ("[hospital]\ntimezone = '../../etc/passwd'\n", ("Asia/Kolkata",)),
        ("[hospital]\ntimezone = ''\n", ("Asia/Kolkata",)),
        ("[hospital]\ntimezone = 3\n", ("Asia/Kolkata",)),
        ("[hospital]\nname = ''\n", ("not be empty",)),
        ("[hospital]\nname = 'x\\u001b[2J'\n".replace("'", '"'), ("control characters",)),
        ("[hospital]\nregion = 'India'\n", ("two letters",)),
        ("[schedule]\nreminder_time = 7\n", ("07:00",)),
        ("[schedule]\nreminder_time = '25:00'\n", ("07:00",)),
        ("[schedule]\nreminder_days_ahead = []\n", ("[0, 1]",)),
        ("[schedule]\nreminder_days_ahead = 0\n", ("[0, 1]",)),
        ("[schedule]\nreminder_days_ahead = [-1]\n", ("at least 0",)),
        ("[schedule]\nreminders = 'perhaps'\n", ("true or false",)),
        ("[security.idle_minutes]\nadmin = 999\n", ("at most 60",)),
        ("[ui]\ntheme = 'pink'\n", ("'high-contrast'",)),
        ("[ui.keys]\n'desk.move' = 'm'\n'desk.book' = 3\n", (":1: [ui.keys] desk.book", "quotes")),
        ("[printing]\ncommand = ['']\n", ("not be empty",)),
        ("[security]\ntotp_roles = ['nurse']\n", ("'admin', 'reception', 'doctor' or 'patient'",)),
        (f"[mail\nhost = '{SECRET}'\n", (":1: ", "not TOML")),
        (f"[mail]\nhost = '{SECRET}", (":2: ", "not TOML")),
        ("[mail]\nhost = 'a'\nhost = 'b'\n", ("not TOML",)),
    ],
)
def test_a_wrong_value_is_told_without_showing_it(
    tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    message = refusal(tmp_path, text)
    assert "chikitsa.toml" in message
    assert all(word in message for word in words)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CHIKITSA_MAIL__PROT", "1", "[mail] port"),
        ("CHIKITSA_MIAL__PORT", "1", "[mail] port"),
        ("CHIKITSA_HOSPITAL__TIMEZONE", SECRET, "Asia/Kolkata"),
        ("CHIKITSA_MAIL__PORT", SECRET, "whole number"),
        ("CHIKITSA_MAIL", SECRET, "cannot be read"),
        ("CHIKITSA_SCHEDULE__REMINDER_DAYS_AHEAD", "0,1", "[0, 1]"),
    ],
)
def test_a_wrong_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    message = refusal(tmp_path, "")
    assert name in message
    assert words in message


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WrongConfiguration, match="not a configuration file"):
        load(tmp_path / "folder")
    (tmp_path / "latin.toml").write_bytes(b'[hospital]\nname = "Jos\xe9"\n')
    with pytest.raises(WrongConfiguration, match="UTF-8"):
        load(tmp_path / "latin.toml")


def test_nobody_else_may_write_it_or_read_a_password_in_it(tmp_path: Path) -> None:
    with_password = f"[database]\nurl = 'postgresql://u:{SECRET}@h/x'\n"
    assert "chmod 600" in refusal(tmp_path, "", mode=0o666)
    assert "chmod 600" in refusal(tmp_path, with_password, mode=0o644)
    assert load(written(tmp_path, "", mode=0o644)).settings == Settings()
    assert load(written(tmp_path, with_password, mode=0o640)).settings.database.url


def test_urls_are_shown_without_their_password() -> None:
    shown = configuration.without_password("postgresql://u:s3:cr@et@h/x")
    assert "s3" not in shown
    assert "cr@et" not in shown
    assert configuration.without_password("sqlite:////a/b.db") == "sqlite:////a/b.db"


def test_a_longer_wait_is_never_marked_before_a_shorter_one(tmp_path: Path) -> None:
    message = refusal(tmp_path, "[hospital]\nwaiting_warn_minutes = 40\n")
    assert "waiting_late_minutes cannot be below waiting_warn_minutes" in message
