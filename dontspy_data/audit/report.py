"""The report: what a policymaker reads in two minutes, as Markdown and as one HTML page with its charts inside.

Three findings come first, then every portrait's age in a strip, the qualifications, and only then the detail.
Beside it are a `CITATION.cff` and a datasheet (`README.md`), so that an audit can be cited and judged by itself.

Formats: Citation File Format 1.2.0 (https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md);
sections of Datasheets for Datasets (Gebru and others, 2021, doi:10.1145/3458723).
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from dontspy_data.audit.attributions import ALL, Answers, OfficialFacts
from dontspy_data.audit.conclusions import conclude, that_look
from dontspy_data.audit.figures import (
    MEASURE_WORDS,
    VARIANT_WORDS,
    WHO,
    conclusion_figure,
    curve_figures,
    detail_figures,
    in_words,
    interval_in_words,
    strips,
)
from dontspy_data.audit.gaps import BY_MODEL, GapRow
from dontspy_data.audit.measures import ChoiceRow, CurveRow, ErrorRow
from dontspy_data.audit.model import GENDERS, Card
from dontspy_data.audit.observations import UNNOTICED
from dontspy_data.audit.statistics import SMALL
from dontspy_data.formats.citation import CITATION
from dontspy_data.package.open import day

if TYPE_CHECKING:
    from jinja2 import Environment

DATASHEET = "README.md"
FIRST = 3
"""The number of conclusions before everything else."""
STANDS_OUT = 0.05
MEASURES = {
    "disagreement": "gender is not the official one",
    "mean_absolute_error": "distance from the official age",
    "bias": "guess minus official age",
    "off_by_more_than_10_years": "age more than 10 years off",
    "share": "called “happy”",
}


EFFECTS = {"cohens_h": "Cohen's h", "hedges_g": "Hedges' g", "odds": "odds", "cohens_dz": "Cohen's dz"}


@dataclass(frozen=True, slots=True)
class AuditResults:
    """Everything that was measured.

    Attributes:
        answers: of all models to all pictures.
        errors: rows of `attribution_errors`.
        gaps: rows of `attribution_gaps`.
        choices: rows of `attribution_choices`.
        curves: rows of `attribution_curves`.
        cards: of the models, by name, in their order.
    """

    answers: Answers
    errors: Sequence[ErrorRow]
    gaps: Sequence[GapRow]
    choices: Sequence[ChoiceRow]
    curves: Sequence[CurveRow]
    cards: Mapping[str, Card]

    @property
    def titles(self) -> dict[str, str]:
        """Titles of the models, by name."""
        return {name: card.title for name, card in self.cards.items()}


@dataclass(frozen=True, slots=True)
class Report:
    """The files to write, and the findings to print.

    Attributes:
        pages: `audit.md` and `audit.html`, by name.
        charts: SVG documents by name.
        findings: the titles of the conclusions.
    """

    pages: Mapping[str, str]
    charts: Mapping[str, str]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """A row of a table of differences, in words."""

    model: str
    what: str
    who: str
    value: str
    interval: str
    n: str
    effect: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class OptionLine:
    """The results of one way of using a model for women and men, in words."""

    model: str
    what: str
    choice: str
    option: str
    is_default: bool
    women: str
    men: str


def report(results: AuditResults, facts: Mapping[str, Any]) -> Report:
    """Write the report.

    Args:
        results: everything that was measured.
        facts: about the release and the run, see the templates.
    """
    titles = that_look(results.titles)
    hidden = results.cards.keys() - titles.keys()
    errors = [row for row in results.errors if not {row.model, row.compared_with} & hidden]
    gaps = [row for row in results.gaps if not {row.model, row.compared_with} & hidden]
    conclusions = conclude(errors, gaps, results.choices, titles)
    drawn = [(conclusion, conclusion_figure(conclusion)) for conclusion in conclusions]
    ages = strips(results.answers, titles)
    detail = (*detail_figures(errors, titles), *curve_figures(results.curves, titles))
    context = {
        **facts,
        "cards": tuple(results.cards.values()),
        "programs": len(titles),
        "first": drawn[:FIRST],
        "others": drawn[FIRST:],
        "strip": ages[:1],
        "detail": (*ages[1:], *detail),
        "by_chance": len([row for row in gaps if row.group_by != BY_MODEL]),
        "standing_out": tuple(_standing_out(gaps, titles)),
        "pairs": tuple(_between_models(gaps, titles)),
        "options": tuple(_options(results.choices, titles)),
        "agreements": tuple(_agreements(errors, titles)),
        "small": SMALL,
        "style": _style(),
        "style_digest": base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode(),
    }
    every = [*(figure for _, figure in drawn), *ages, *detail]
    return Report(
        {name: templates().get_template(f"{name}.j2").render(context) for name in ("audit.md", "audit.html")},
        {figure.name: figure.file for figure in every if figure.file},
        tuple(str(conclusion.title) for conclusion in conclusions),
    )


def who_lacks_facts(answers: Answers) -> dict[str, str]:
    """Return how many people of each country have no known gender and no known age, for the limits."""
    people = [answer.facts for answer in next(iter(answers.values())).values()]
    return {
        "without_gender": _by_country(facts for facts in people if facts.gender is None),
        "without_age": _by_country(facts for facts in people if facts.age is None),
    }


def changes_in_words(answers: Answers) -> dict[str, str]:
    """Return which changed copies models looked at, and which of them are imperceptible, for the texts."""
    seen = [name for name in VARIANT_WORDS if any(variant == name for _, variant in answers)]
    return {
        "changes": ", ".join(VARIANT_WORDS[name] for name in seen),
        "unnoticed": ", ".join(VARIANT_WORDS[name] for name in seen if name in UNNOTICED),
    }


def _by_country(people: Iterable[OfficialFacts]) -> str:
    """Return how many of the people there are in each country, most first."""
    counts = Counter(facts.country or "no country" for facts in people)
    return ", ".join(
        f"{country} {n}" for country, n in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    )


def _standing_out(rows: Iterable[GapRow], titles: Mapping[str, str]) -> Iterator[ComparisonLine]:
    """Yield the differences between groups that chance does not explain, the least likely ones first."""
    found = [row for row in rows if row.group_by != BY_MODEL and row.q < STANDS_OUT]
    for row in sorted(found, key=lambda row: row.q):
        among = (
            "" if row.among == ALL or row.among in (row.group, row.compared_with) else f" ({_who(row.among)})"
        )
        held = ", at the same age" if row.adjusted_for != "nothing" else ""
        who = f"{_who(row.group)} and {_who(row.compared_with)}{among}{held}"
        yield _comparison(row, titles, who)


def _between_models(rows: Iterable[GapRow], titles: Mapping[str, str]) -> Iterator[ComparisonLine]:
    for row in rows:
        if row.group_by == BY_MODEL:
            who = f"{titles[row.group]} and {titles[row.compared_with]}, {_who(row.among)}"
            yield _comparison(row, titles, who)


def _comparison(row: GapRow, titles: Mapping[str, str], who: str) -> ComparisonLine:
    effect = "" if row.effect_size is None else f"{EFFECTS[str(row.effect_name)]} {row.effect_size:.2f}"
    unit = {"share": "percentage points", "years": "years"}[row.unit]
    scale = 100 if row.unit == "share" else 1
    return ComparisonLine(
        model=titles[row.model],
        what=MEASURES[row.measure],
        who=who,
        value=f"{row.value * scale:+.1f} {unit}",
        interval=f"{row.low * scale:+.1f} to {row.high * scale:+.1f}",
        n=f"{row.n:,} and {row.n_compared:,}",
        effect=effect,
        q=f"{row.q:.2g}",
    )


def _who(group: str) -> str:
    return WHO.get(group, group)


def _options(rows: Iterable[ChoiceRow], titles: Mapping[str, str]) -> Iterator[OptionLine]:
    """Yield the results of each option of each choice for the two most important measures."""
    found: dict[tuple[str, str, str, str], dict[str, ChoiceRow]] = {}
    for row in rows:
        if row.model in titles and row.measure in ("disagreement", "mean_absolute_error"):
            found.setdefault((row.model, row.measure, row.choice, row.option), {})[row.group] = row
    for (model, measure, choice, option), groups in found.items():
        women, men = (
            in_words(groups[group].estimate, groups[group].unit) if group in groups else ""
            for group in GENDERS
        )
        default = next(iter(groups.values())).is_default
        said = MEASURES[measure], choice.replace("_", " "), option.replace("_", " ")
        yield OptionLine(titles[model], *said, default, women, men)


def _agreements(rows: Iterable[ErrorRow], titles: Mapping[str, str]) -> Iterator[ComparisonLine]:
    for row in rows:
        if row.compared_with in titles and row.group in (ALL, *GENDERS):
            yield ComparisonLine(
                model=f"{titles[row.model]} and {titles[row.compared_with]}",
                what=f"{row.attribute}: {MEASURE_WORDS[row.measure]}",
                who=_who(row.group),
                value=in_words(row.value, row.unit),
                interval=interval_in_words(row.low, row.high, row.unit),
                n=f"{row.n:,}",
            )


@cache
def _style() -> str:
    return templates().get_template("audit.css").render()


@cache
def templates() -> "Environment":
    """Return the audit's templates."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("dontspy_data.audit"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html.j2"]),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment


def descriptions(
    described: Mapping[str, Any], source: Mapping[str, Any], facts: Mapping[str, Any]
) -> dict[str, str]:
    """Return both files, by name.

    Args:
        described: the audit's `datapackage.json`.
        source: the `datapackage.json` of the release that was audited.
        facts: about the release and the run, as for the report.
    """
    context = {
        **facts,
        "about": described,
        "source": source,
        "day": day(described),
        "citation": _words(described, source),
        "tables": [resource for resource in described["resources"] if "schema" in resource],
    }
    datasheet = templates().get_template(f"{DATASHEET}.j2").render(context)
    return {CITATION: _citation(described, source), DATASHEET: datasheet}


def _title(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    version = f", version {source['version']}" if source.get("version") else ""
    return f"{described['title']}{version}"


def _words(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """Return how to cite it, in the style of APA."""
    authors = " & ".join(one["title"] for one in source["contributors"])
    models = ", ".join(f"{model['title']} {model['version']}" for model in described["models"])
    return f"{authors}. ({day(described)[:4]}). {_title(described, source)}: {models} [Data set]. {source['homepage']}"


def _citation(described: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    authors = [{"name": one["title"], "website": one["path"]} for one in source["contributors"]]
    release = {
        "type": "data",
        "title": source["title"],
        **({"version": source["version"]} if source.get("version") else {}),
        "authors": authors,
        "date-released": day(source),
        "url": source["homepage"],
        "notes": f"datapackage.json: {described['release']['descriptor']}",
    }
    software = [
        {
            "type": "software",
            "title": model["title"],
            "version": model["version"],
            "authors": [{"name": model["title"]}],
            "url": model["homepage"],
        }
        for model in described["models"]
    ]
    document = {
        "cff-version": "1.2.0",
        "message": "If you use this audit, please cite it, the release it is of and the software. It holds guesses by "
        "software, which are never facts about anybody.",
        "type": "dataset",
        "title": _title(described, source),
        "date-released": day(described),
        "authors": authors,
        "abstract": described["description"],
        "keywords": ["face analysis", "audit", "bias", "European Parliament"],
        "license": [licence["name"] for licence in described["licenses"]],
        "url": source["homepage"],
        "references": [release, *software],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
