"""`chikitsa stats`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import asdict

from chikitsa_tui.cli import completion
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.fields import DAYS, Row
from chikitsa_tui.cli.inputs import optional_day, reference
from chikitsa_tui.cli.options import Csv, From, Json, To

if TYPE_CHECKING:
    from chikitsa_tui.cli.output import Output
    from store.values import Activity, DoctorFigures, HospitalFigures, Tally

    Figures = HospitalFigures | DoctorFigures

_SPANS = ("today", "week", "month", "period")
_SHARES = ("busiest_departments", "busiest_doctors")


def stats(
    context: typer.Context,
    doctor: Annotated[
        str | None,
        typer.Option(
            "--doctor",
            help="This doctor's: id or user name. A doctor gets the own.",
            autocompletion=completion.doctors,
        ),
    ] = None,
    start: From = None,
    end: To = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show the figures of the hospital, or of a doctor. Without days: of the last thirty.

    Example: chikitsa stats --doctor dr.nair --from 2026-01-01 --to 2026-03-31
    """
    from store import doctors, statistics

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    days = (optional_day(hospital, start, "from"), optional_day(hospital, end, "to"))
    own = hospital.actor.doctor_id
    found: Figures
    if doctor is None and own is None:
        found = hospital.read(statistics.of_hospital, *days)
    else:
        found = hospital.read(
            lambda tx: statistics.of_doctor(
                tx,
                own
                if doctor is None and own is not None
                else doctors.get(tx, reference(str(doctor))).id,
                *days,
            )
        )
    if out.form == "json":
        out.one(_whole(found))
    elif out.form == "csv":
        out.rows(list(_lines(found)), dict)
    else:
        _show(out, found)


def _heads(figures: Figures) -> Row:
    """What is told of no day: numbers, and whose they are."""
    apart = ("activity", *_SHARES)
    return {name: value for name, value in _parts(figures).items() if name not in apart}


def _parts(figures: Figures) -> Row:
    return {name: getattr(figures, name) for name in figures.__struct_fields__}


def _shares(figures: Figures) -> dict[str, list[Row]]:
    return {name: [asdict(one) for one in getattr(figures, name, ())] for name in _SHARES}


def _tally(tally: Tally) -> Row:
    rate = tally.no_show_rate
    more = {"standing": tally.standing, "no_show_rate": None if rate is None else round(rate, 4)}
    return asdict(tally) | more


def _spans(activity: Activity) -> dict[str, Tally]:
    return {name: getattr(activity, name) for name in _SPANS}


def _whole(figures: Figures) -> Row:
    """All of it as one object."""
    told = figures.activity
    shares = {name: rows for name, rows in _shares(figures).items() if hasattr(figures, name)}
    return {
        **_heads(figures),
        "from": told.first_day,
        "to": told.last_day,
        **{name: _tally(tally) for name, tally in _spans(told).items()},
        **shares,
        "days": [{"date": one.day, **_tally(one.tally)} for one in told.days],
        "hours": list(told.by_hour),
        "weekdays": dict(zip(DAYS, told.by_weekday, strict=True)),
    }


def _lines(figures: Figures) -> Iterator[Row]:
    """All of it as rows of a part, a name in it, a figure and its value."""
    told = figures.activity
    yield from _part("all", {"": _heads(figures)})
    yield from _part("appointments", {name: _tally(one) for name, one in _spans(told).items()})
    for part, rows in _shares(figures).items():
        for row in rows:
            yield from _part(part, {row["name"]: _numbers(row)})
    yield from _part("days", {str(one.day): _tally(one.tally) for one in told.days})
    yield from _part("hours", {f"{n:02}": {"standing": v} for n, v in enumerate(told.by_hour)})
    weekdays = zip(DAYS, told.by_weekday, strict=True)
    yield from _part("weekdays", {name: {"standing": value} for name, value in weekdays})


def _part(part: str, named: Mapping[str, Row]) -> Iterator[Row]:
    for name, row in named.items():
        for figure, value in row.items():
            yield {"part": part, "name": name, "figure": figure, "value": value}


def _show(out: Output, figures: Figures) -> None:
    """Tables for a person."""
    told = figures.activity
    out.one(_heads(figures))
    out.line("")
    names = {"period": f"{told.first_day} to {told.last_day}"}
    out.rows(
        [(names.get(name, name), tally) for name, tally in _spans(told).items()],
        lambda one: {"appointments": one[0], **_percent(_tally(one[1]))},
    )
    for name, rows in _shares(figures).items():
        if rows:
            out.line("")
            title = name.replace("_", " ")
            out.rows([{title: row["name"], **_numbers(row)} for row in rows], dict)


def _numbers(row: Row) -> Row:
    return {name: row[name] for name in ("appointments", "no_shows")}


def _percent(row: Row) -> Row:
    rate = row["no_show_rate"]
    return row | {"no_show_rate": "" if rate is None else f"{rate:.1%}"}
