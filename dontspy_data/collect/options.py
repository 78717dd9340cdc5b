"""What a collect run is told to do, and who it says it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

from dontspy_data._version import __version__
from dontspy_data.errors import UsageError
from dontspy_data.model.codes import terms
from dontspy_data.sources import SOURCES, wikidata
from dontspy_data.sources.endpoints import WWW

CURRENT_TERM = terms()[-1].term
PROJECT_URL = "https://github.com/hermescenter/dontspy-data"
API_LIMIT = 500 / 300  # requests a second to each endpoint, and never as many
API_PER_SECOND = 480 / 300
WWW_PER_SECOND = 2.0
WIKIDATA_PER_SECOND = 1.0
VIA = re.compile(r"https?://[^/?#]+(/[^?#]*)?$")
DEFAULT_SOURCES = ("ep_api", "portraits")

# ISO 3166-1 alpha-2 codes of the states that elect members, and seats since July 2024
# (European Council decision (EU) 2023/2061); the United Kingdom sat until 2020.
SEATS = {
    "AT": 20, "BE": 22, "BG": 17, "CY": 6, "CZ": 21, "DE": 96, "DK": 15, "EE": 7, "ES": 61, "FI": 15,
    "FR": 81, "GB": 0, "GR": 21, "HR": 12, "HU": 21, "IE": 14, "IT": 76, "LT": 11, "LU": 6, "LV": 9,
    "MT": 6, "NL": 31, "PL": 53, "PT": 21, "RO": 33, "SE": 21, "SI": 9, "SK": 15,
}  # fmt: skip

LISTS = frozenset({"ep_api", "ep_full_list", "ep_search", "ep_directory"})
LISTS_OF_NOW = frozenset({"ep_full_list", "ep_search"})
LISTS_WITHOUT_COUNTRY = frozenset({"ep_directory"})
ONE_PAGE_A_PERSON = frozenset({"ep_profile", "ep_history", "portraits"})
AT_LARGE = frozenset({"ep_csv", "wikidata"})


def user_agent(host: str) -> str:
    """What a host is told about who asks.

    The Parliament's API asks for `{user-id}-{environment}-{version}`; Wikidata's query service for a name and
    a way to reach the project (Wikimedia Foundation User-Agent policy).
    """
    if host == wikidata.HOST:
        return f"dontspy-data/{__version__} ({PROJECT_URL}; open data package) requests"
    return f"dontspy-data-prd-{__version__}"


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second; 0 is no limit, for a server of one's own.

    Attributes:
        api: to each endpoint of data.europarl.europa.eu, whose limit is 500 in 5 minutes.
        www: to www.europarl.europa.eu, which publishes no limit.
        wikidata: to query.wikidata.org.
    """

    api: float = API_PER_SECOND
    www: float = WWW_PER_SECOND
    wikidata: float = WIKIDATA_PER_SECOND


def rate_of(host: str, rates: Rates) -> float:
    """Requests a second to each endpoint of a host."""
    return {WWW: rates.www, wikidata.HOST: rates.wikidata}.get(host, rates.api)


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What to collect, from where and how fast.

    Attributes:
        output: the capture to write; must not exist.
        via: server that every request is sent to in place of the canonical host; None for the real ones.
        terms: parliamentary terms whose members are asked for.
        countries: only members for these countries, ISO 3166-1 alpha-2; empty for all.
        mep_ids: only these people, and no lists; empty for everyone on the lists.
        limit: at most so many people, lowest id first; None for all.
        sources: names of the sources to ask.
        fallback: whether the public lists and profiles stand in where the API refuses or is down.
        since: earlier captures or one package; what is unchanged since is not transferred again.
        ignore_noai: whether portraits marked `noai` or `noimageai` are collected all the same.
        withdrawn: people who are never asked for.
        rates: requests a second.
        resume_hours: lists that an interrupted run received are asked for again when they are older.
    """

    output: Path
    via: str | None = None
    terms: tuple[int, ...] = (CURRENT_TERM,)
    countries: frozenset[str] = frozenset()
    mep_ids: tuple[int, ...] = ()
    limit: int | None = None
    sources: tuple[str, ...] = DEFAULT_SOURCES
    fallback: bool = False
    since: tuple[Path, ...] = ()
    ignore_noai: bool = False
    withdrawn: frozenset[int] = frozenset()
    rates: Rates = field(default_factory=Rates)
    resume_hours: float = 12.0


def check_options(options: CollectOptions) -> None:
    """Nothing where the options make sense together.

    Raises:
        UsageError: they do not; the message says which and what to give in its place.
    """
    names = [source.NAME for source in SOURCES]
    if unknown := sorted(set(options.sources) - set(names)):
        raise UsageError(
            f"there is no source {', '.join(unknown)}", hint=f"The sources are: {', '.join(names)}."
        )
    if unknown := sorted(options.countries - SEATS.keys()):
        raise UsageError(
            f"no member of the Parliament is elected in {', '.join(unknown)}",
            hint=f"Countries are ISO codes (Greece is GR): {', '.join(SEATS)}.",
        )
    if outside := [term for term in options.terms if not 1 <= term <= CURRENT_TERM]:
        since = terms()[-1].start_date.year
        raise UsageError(
            f"there is no term {outside[0]}", hint=f"Terms are 1 (1979) to {CURRENT_TERM} (since {since})."
        )
    if options.via and not VIA.match(options.via):
        raise UsageError(
            f"{options.via} is no address of a server", hint="Write it like http://127.0.0.1:8099."
        )
    _check_rates(options)
    if options.output.exists():
        raise UsageError(
            f"{options.output} is there already",
            hint=f"Name another file; with --since {options.output} only what has changed is transferred.",
        )
    _check_sources(options)


def _check_rates(options: CollectOptions) -> None:
    rates = (options.rates.api, options.rates.www, options.rates.wikidata)
    if not all(isfinite(rate) and rate >= 0 for rate in rates):
        raise UsageError(
            "a rate is a number of requests a second", hint="0 is no limit, for a server of your own (--via)."
        )
    if options.via:
        return
    if min(rates) == 0:
        raise UsageError(
            "the Parliament's own servers are never asked without a limit",
            hint="Give a rate above 0, or --via a server of your own.",
        )
    if options.rates.api >= API_LIMIT:
        raise UsageError(
            f"{options.rates.api:g} requests a second are too many for the Parliament's API, which allows fewer "
            "than 500 in 5 minutes to each endpoint",
            hint=f"Give --api-rate {API_PER_SECOND:g} or less, or --via a server of your own.",
        )


def _check_sources(options: CollectOptions) -> None:
    """Something would be asked for, and whatever is asked for of each person has somebody to be about."""
    chosen = set(options.sources)
    lists = chosen & LISTS if CURRENT_TERM in options.terms else chosen & LISTS - LISTS_OF_NOW
    if options.mep_ids:
        if not chosen & (ONE_PAGE_A_PERSON | AT_LARGE | {"ep_api"}):
            raise UsageError(
                f"nothing would be asked for: {_named(chosen)} has no pages about one person",
                hint=f"Add one of {_named(ONE_PAGE_A_PERSON | {'ep_api'})} to --sources, or leave --mep out.",
            )
        return
    if not lists and chosen & ONE_PAGE_A_PERSON:
        raise UsageError(
            f"{_named(chosen - AT_LARGE)} cannot say who the members are",
            hint=f"Add one of {_named(LISTS - LISTS_OF_NOW)} to --sources, or name people with --mep.",
        )
    if not lists and not chosen & AT_LARGE:
        raise UsageError(
            f"nothing would be asked for: {_named(chosen)} has only those who sit now"
            if chosen
            else "nothing would be asked for: no source is named",
            hint=f"Name sources, such as --sources {','.join(DEFAULT_SOURCES)}.",
        )
    if options.countries and lists and lists <= LISTS_WITHOUT_COUNTRY:
        raise UsageError(
            f"{_named(lists)} does not say for which country somebody sits",
            hint=f"Add one of {_named(LISTS - LISTS_OF_NOW - lists)} to --sources, or leave --country out.",
        )


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
