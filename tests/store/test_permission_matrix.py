"""Every public function of the store × every role × own, other's and nobody's row.

What is expected stands in `tests/matrix/rows.py`, written from the requirements. A function of
the store that has neither a row there nor a reason in `tests/matrix/without.py` fails here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pyotp
import pytest

from store import (
    accounts,
    file_check,
    one_time_codes,
    preferences,
    records,
    registration,
    second_factor,
    sessions,
    signing_in,
    totp,
)
from store.backup import kept, restoring, taking, verifying
from store.errors import (
    BadCredentials,
    DutyFirst,
    Forbidden,
    NotFound,
    NotSignedIn,
    SessionEnded,
    StoreError,
)
from store.exchange import csv_export, csv_import
from store.front_door import Store
from store.values import Actor, PatientInput, Role, SessionKind
from tests.hospital import PASSWORD, TIMEZONE
from tests.matrix.prepared import Case, Prepared, Whose, prepare
from tests.matrix.row import Reach, Row
from tests.matrix.rows import ROWS
from tests.matrix.source import named, store_functions, uses_of_the_store
from tests.matrix.without import (
    BUILDING_BLOCKS,
    MAKES_THE_DEMO,
    WORKER_ONLY,
    is_building_block,
)

ROLES = ("admin", "reception", "doctor", "patient", "visitor")
REFUSALS = (Forbidden, NotSignedIn, SessionEnded)
DOORS: set[Callable[..., Any]] = {
    file_check.look,
    file_check.look_daily,
    kept.kept_in,
    restoring.restore,
    taking.take,
    verifying.check,
    csv_export.export,
    csv_import.import_file,
    one_time_codes.make_to_mail,
    registration.register_self,
    second_factor.begin,
    second_factor.new_recovery_codes,
    second_factor.turn_off,
    signing_in.change_password,
    signing_in.confirm_password,
    signing_in.proved,
    signing_in.resume,
    signing_in.sign_in,
    signing_in.sign_out,
}
"""What takes the store itself; each has tests of its own below."""


class TakenBack(Exception):
    """Ends a call whose effects shall not stay."""

    def __init__(self, result: object) -> None:
        super().__init__("taken back")
        self.result = result


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, _founded_file: Callable[[str], Path]
) -> Prepared:
    return prepare(_founded_file(TIMEZONE), tmp_path_factory.mktemp("matrix") / "hospital.db")


@pytest.fixture(scope="module")
def standing(prepared: Prepared) -> Store:
    """The prepared hospital, in which no call leaves more than an audit entry."""
    return prepared.open()


@pytest.fixture
def copy(prepared: Prepared, tmp_path: Path) -> Store:
    """A copy of it, for what commits by itself."""
    path = tmp_path / "copy.db"
    path.write_bytes(prepared.path.read_bytes())
    path.chmod(0o600)
    return prepared.open(path)


def outcome(store: Store, prepared: Prepared, actor: Actor, row: Row, whose: Whose) -> object:
    """What the call gives back, or how it is refused; nothing of it stays."""
    try:
        with store.transaction(actor) as tx:
            args, keywords = row.given(Case(tx, prepared, whose))
            raise TakenBack(row.function(tx, *args, **keywords))
    except TakenBack as back:
        return back.result
    except StoreError as refusal:
        return refusal


def told(result: object) -> str:
    """All that a caller learns, in one text."""
    if isinstance(result, StoreError):
        return f"{result.message} {result.details}".casefold()
    return repr(result).casefold()


def secrets_from(prepared: Prepared, role: str) -> list[str]:
    """The words that must not reach this role from any function."""
    own, other = prepared.own, prepared.other
    words = [other.draft]
    if role != "doctor":
        words.append(own.draft)
    if role == "reception":
        words += [own.medical, other.medical, own.away, other.away]
    if role in ("doctor", "patient", "visitor"):
        words += [other.particulars, other.medical, other.away]
    if role in ("patient", "visitor"):
        words.append(own.away)
    if role == "visitor":
        words += [own.particulars, own.medical]
    return [word.casefold() for word in words]


def described(row: Row) -> str:
    return f"{row.name.removeprefix('store.')}-{row.by.replace(' ', '+')}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", ROWS, ids=described)
def test_who_may(standing: Store, prepared: Prepared, row: Row, role: str) -> None:
    reach = getattr(row.may, role)
    for whose in row.whose:
        result = outcome(standing, prepared, prepared.actors[role], row, whose)
        judge(result, row, role, whose, reach)
        leaked = [word for word in secrets_from(prepared, role) if word in told(result)]
        assert not leaked, f"{role} learns {leaked} of {whose} row from {row.name}"


def judge(result: object, row: Row, role: str, whose: Whose, reach: Reach) -> None:
    case = f"{row.name} by {role} on {whose} row ({row.by}): {result!r}"
    if reach is Reach.ANY or (reach is Reach.OWN and whose is Whose.OWN):
        assert not isinstance(result, REFUSALS), case
        if whose is not Whose.NOBODY:
            assert not isinstance(result, StoreError) or isinstance(result, row.but), case
        return
    refusal: type[StoreError] = NotSignedIn if role == "visitor" else Forbidden
    # That there is no such row may be said to anybody: ids are handed out in sequence.
    expected = (refusal, NotFound) if whose is Whose.NOBODY else refusal
    assert isinstance(result, expected), case


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_a_deactivated_account_may_nothing(standing: Store, prepared: Prepared, row: Row) -> None:
    for whose in row.whose:
        result = outcome(standing, prepared, prepared.actors["stale"], row, whose)
        assert isinstance(result, SessionEnded), f"{row.name}: {result!r}"


BEFORE_DUTIES = {
    accounts.whoami,
    accounts.get,
    accounts.duty,
    preferences.get,
    second_factor.status,
    second_factor.finish,
}
"""Who am I, what did I choose to see, and what the duty itself is."""


@pytest.mark.parametrize("row", ROWS, ids=described)
def test_an_account_with_a_duty_may_nothing_else(
    standing: Store, prepared: Prepared, row: Row
) -> None:
    """By the same calls as above, in a hospital that has just made the second factor mandatory."""
    every = replace(standing.rules.security, totp_roles=frozenset(Role))
    strict = replace(standing, rules=replace(standing.rules, security=every))
    for role, whose in product(("admin", "reception", "doctor", "patient"), row.whose):
        result = outcome(strict, prepared, prepared.actors[role], row, whose)
        own = row.function in BEFORE_DUTIES and whose is Whose.OWN
        asked_of_oneself = row.function is sessions.list_sessions and row.whose == (Whose.OWN,)
        if own or asked_of_oneself:
            assert not isinstance(result, DutyFirst), f"{row.name}: {result!r}"
        else:
            expected = (Forbidden, NotFound) if whose is Whose.NOBODY else Forbidden
            assert isinstance(result, expected), f"{row.name} by {role}: {result!r}"


class TestEveryFunctionIsAccountedFor:
    def test_each_has_a_row_or_a_reason(self) -> None:
        functions = store_functions()
        with_rows = {row.name for row in ROWS} | {
            f"{one.__module__}.{one.__name__}" for one in DOORS
        }
        missing = [
            name
            for name in functions
            if name not in with_rows and name not in MAKES_THE_DEMO and not is_building_block(name)
        ]
        assert missing == [], "give these a row in tests/matrix/rows.py, or a reason in without.py"

    def test_no_row_and_no_reason_is_left_over(self) -> None:
        functions = store_functions()
        modules = {name.rpartition(".")[0] for name in functions}
        assert set(BUILDING_BLOCKS) <= set(functions) | modules
        assert set(MAKES_THE_DEMO) <= set(functions)
        assert {row.name for row in ROWS} <= set(functions)
        assert not [row.name for row in ROWS if is_building_block(row.name)]

    def test_nothing_outside_of_the_store_calls_a_building_block(self) -> None:
        functions = store_functions()
        assert [
            (path, name)
            for path, name in uses_of_the_store("screens", "widgets", "jobs", "chikitsa_tui")
            if name in functions and is_building_block(name)
        ] == []

    def test_only_the_demo_makes_the_demo(self) -> None:
        assert {
            (path, name)
            for path, name in uses_of_the_store("screens", "widgets", "jobs", "chikitsa_tui")
            if name in MAKES_THE_DEMO and path != MAKES_THE_DEMO[name]
        } == set()

    def test_screens_leave_the_worker_its_work(self) -> None:
        assert [
            (path, name)
            for path, name in uses_of_the_store("screens", "widgets")
            if name.startswith(WORKER_ONLY)
        ] == []

    @pytest.mark.parametrize(
        "source",
        [
            "from store.moves import apply",
            "from store import moves as m\nm.apply(tx, row)",
            "import store.moves\nstore.moves.apply",
            "import store.moves as m\nread(m.apply, 1)",
            "def late():\n    from store import moves\n    return moves.apply",
        ],
    )
    def test_a_call_is_found_however_it_is_written(self, source: str) -> None:
        assert "store.moves.apply" in named(source)


class TestDraftsAreTheirAuthorsAlone:
    """`secrets_from` holds for whoever calls on either half; these are of one's own half."""

    @pytest.mark.parametrize("role", ["admin", "reception", "patient"])
    def test_nobody_else_reads_one(self, standing: Store, prepared: Prepared, role: str) -> None:
        actor, own = prepared.actors[role], prepared.own
        with pytest.raises((NotFound, Forbidden)):
            standing.read(actor, records.get, own.drafted)
        with pytest.raises((NotFound, Forbidden)):
            standing.read(actor, records.signature_holds, own.drafted)
        if role != "reception":
            assert standing.read(actor, records.of_appointment, own.inside) is None

    def test_another_doctor_of_the_patient_reads_what_is_signed_alone(
        self, copy: Store, prepared: Prepared
    ) -> None:
        """Dr Bose meets Dr Nair's patient: reads the record, cannot write it, sees no draft."""
        from store import appointments
        from tests.hospital import actor_of

        own, other = prepared.own, prepared.other
        bose = actor_of(copy, "dr.bose")
        with pytest.raises(Forbidden):
            copy.read(bose, records.get, own.signed)
        copy.write(
            prepared.actors["reception"],
            appointments.book,
            patient_id=own.patient,
            doctor_id=other.doctor,
            starts_at=Case.at(None, 3, 11),  # type: ignore[arg-type]
        )
        assert copy.read(bose, records.get, own.signed).patient_id == own.patient
        seen = copy.read(bose, records.list_records, patient_id=own.patient)
        assert [one.id for one in seen.items] == [own.signed]
        with pytest.raises(NotFound):
            copy.read(bose, records.get, own.drafted)
        for rule in (records.sign, records.open_draft):
            with pytest.raises(Forbidden):
                copy.write(bose, rule, own.drafted if rule is records.sign else own.inside)
        with pytest.raises(Forbidden):
            copy.write(bose, records.amend, own.signed, field="notes", text="x", reason="y")


class TestWhatTakesTheStoreItself:
    @pytest.mark.parametrize("role", ROLES)
    def test_only_administrators_export(self, copy: Store, prepared: Prepared, role: str) -> None:
        stream = io.StringIO()
        if role == "admin":
            assert csv_export.export(copy, prepared.actors[role], "patients", stream) == 2
            return
        with pytest.raises(NotSignedIn if role == "visitor" else Forbidden):
            csv_export.export(copy, prepared.actors[role], "patients", stream)
        assert stream.getvalue() == ""

    @pytest.mark.parametrize("role", ROLES)
    def test_only_administrators_import(
        self, copy: Store, prepared: Prepared, role: str, tmp_path: Path
    ) -> None:
        file = tmp_path / "holidays.csv"
        file.write_text("date,name\n2026-10-02,Gandhi Jayanti\n")
        if role == "admin":
            report = csv_import.import_file(copy, prepared.actors[role], "holidays", file)
            assert report.added == 1
            return
        with pytest.raises(NotSignedIn if role == "visitor" else Forbidden):
            csv_import.import_file(copy, prepared.actors[role], "holidays", file)

    @pytest.mark.parametrize("role", ROLES)
    def test_everybody_changes_the_own_password(
        self, copy: Store, prepared: Prepared, role: str
    ) -> None:
        actor, new = prepared.actors[role], "another kettle, 12 ledges"
        if role == "visitor":
            with pytest.raises(NotSignedIn):
                signing_in.confirm_password(copy, actor, PASSWORD)
            with pytest.raises(NotSignedIn):
                signing_in.change_password(copy, actor, PASSWORD, new)
            return
        signing_in.confirm_password(copy, actor, PASSWORD)
        signing_in.change_password(copy, actor, PASSWORD, new)
        with pytest.raises(BadCredentials):
            signing_in.confirm_password(copy, actor, PASSWORD)

    @pytest.mark.parametrize("role", ROLES)
    def test_everybody_has_the_own_second_factor(
        self, copy: Store, prepared: Prepared, role: str
    ) -> None:
        actor = prepared.actors[role]
        if role == "visitor":
            with pytest.raises(NotSignedIn):
                second_factor.begin(copy, actor, PASSWORD)
            with pytest.raises(NotSignedIn):
                second_factor.new_recovery_codes(copy, actor, PASSWORD, "1")
            with pytest.raises(NotSignedIn):
                second_factor.turn_off(copy, actor, PASSWORD, "1")
            return
        made = second_factor.begin(copy, actor, PASSWORD)
        step = int(copy.now().timestamp()) // totp.STEP_SECONDS
        first = pyotp.TOTP(made.secret).generate_otp(step)
        codes = copy.write(actor, second_factor.finish, first)
        codes = second_factor.new_recovery_codes(copy, actor, PASSWORD, codes[0])
        second_factor.turn_off(copy, actor, PASSWORD, codes[0])
        assert not copy.read(actor, second_factor.status).enabled

    @pytest.mark.parametrize("role", ROLES)
    def test_everybody_comes_and_goes(self, copy: Store, prepared: Prepared, role: str) -> None:
        actor, token = prepared.actors[role], prepared.tokens[role]
        if role == "visitor":
            with pytest.raises(NotSignedIn):
                signing_in.resume(copy, token, "kiosk")
            signing_in.sign_out(copy, actor)
            return
        assert signing_in.resume(copy, token, "desk 1").role == Role(role)
        signing_in.sign_out(copy, actor)
        with pytest.raises(SessionEnded):
            signing_in.resume(copy, token, "desk 1")
        assert sign_in(copy, actor.username).role == Role(role)

    def test_a_deactivated_account_gets_nowhere(
        self, copy: Store, prepared: Prepared, tmp_path: Path
    ) -> None:
        gone, token = prepared.actors["stale"], prepared.tokens["stale"]
        with pytest.raises(BadCredentials):
            sign_in(copy, gone.username)
        with pytest.raises(SessionEnded):
            signing_in.resume(copy, token, "desk 1")
        with pytest.raises(SessionEnded):
            signing_in.confirm_password(copy, gone, PASSWORD)
        with pytest.raises(SessionEnded):
            signing_in.change_password(copy, gone, PASSWORD, "another kettle, 12 ledges")
        with pytest.raises(SessionEnded):
            csv_export.export(copy, gone, "patients", io.StringIO())
        with pytest.raises(SessionEnded):
            csv_import.import_file(copy, gone, "holidays", tmp_path / "none.csv")
        with pytest.raises(SessionEnded):
            taking.take(copy, gone, tmp_path / "backup")
        with pytest.raises(SessionEnded):
            restoring.restore(copy, gone, tmp_path / "backup")
        with pytest.raises(SessionEnded):
            verifying.check(copy, gone, tmp_path / "backup")
        with pytest.raises(SessionEnded):
            kept.kept_in(copy, gone, tmp_path)
        signing_in.sign_out(copy, gone)

    def test_a_visitor_registers_as_a_patient_and_nothing_more(self, copy: Store) -> None:
        given = PatientInput("Ravi New", mrn="X-1", external_id="else-1")
        made = registration.register_self(
            copy, given, username="ravi", password=PASSWORD, terminal="kiosk"
        )
        assert (made.external_id, made.mrn == "X-1") == (None, False)
        assert sign_in(copy, "ravi").role is Role.PATIENT


def sign_in(store: Store, username: str) -> Actor:
    return signing_in.sign_in(
        store, username, PASSWORD, kind=SessionKind.CLI, terminal="desk 1"
    ).actor
