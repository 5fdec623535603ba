"""A country's public holidays of a year, as the library `holidays` knows them."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

from rapidfuzz import process

from store.errors import Invalid

FIRST_YEAR, LAST_YEAR = 2001, 2100


def public_holidays(country: str, year: int, subdivision: str = "") -> dict[date, str]:
    """Each public holiday's name, in English where the library has it, in order of days.

    Days that the moon decides carry the library's own "(estimated)" in their names: they are to
    be looked at again when the country has announced them.

    Args:
        country: as ISO 3166-1 has it, two letters, such as IN.
        subdivision: as ISO 3166-2 has it, without the country, such as MH for Maharashtra.

    Raises:
        Invalid: there is no such country or subdivision, or the year is out of range.
    """
    # The library is needed once a year, and takes longer to load than all of a booking.
    from holidays import country_holidays, list_supported_countries

    country, subdivision = country.strip().upper(), subdivision.strip().upper()
    known: dict[str, list[str]] = list_supported_countries(include_aliases=False)
    if country not in known:
        raise Invalid.field("country", f"There is no country {country} here; give two letters: IN.")
    if subdivision and subdivision not in known[country]:
        raise Invalid.field("subdivision", _no_subdivision(country, subdivision, known[country]))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid.field("year", f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.")
    spoken = country_holidays(country).supported_languages
    english = next((name for name in (f"en_{country}", "en_US") if name in spoken), None)
    wanted: dict[str, Any] = {"subdiv": subdivision or None, "language": english}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years beyond the moon's tables; the names say it
        found = country_holidays(country, years=year, **wanted)
    return dict(sorted(found.items()))


def _no_subdivision(country: str, given: str, known: list[str]) -> str:
    if not known:
        return f"{country} has no subdivisions here; leave it out."
    nearest = [name for name, _, _ in process.extract(given, known, limit=3)]
    return f"{country} has no subdivision {given}; there are {', '.join(nearest)} and others."
