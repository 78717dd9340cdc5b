"""Words in the reader's language for what the views hold as facts: guesses and verdicts, periods, terms."""

from dataclasses import dataclass

from dontspy_data.audit.conclusions import Sentence
from dontspy_data.site.facts import PeriodView, Stay, term_of
from dontspy_data.site.languages import Language, msg
from dontspy_data.site.people import PersonView
from dontspy_data.site.software import GuessView, Verdict

SUREST = 0.99999
"""Scores of an audit have five digits."""
EN_DASH = "\u2013"
LABELS = {
    "female": msg("female"),
    "male": msg("male"),
    "neutral": msg("neutral"),
    "happy": msg("happy"),
    "sad": msg("sad"),
    "angry": msg("angry"),
    "fearful": msg("fearful"),
    "disgusted": msg("disgusted"),
    "surprised": msg("surprised"),
    "under 40": msg("under 40"),
    "70 and over": msg("70 and over"),
}
ATTRIBUTES = {
    "face": msg("Face"),
    "age": msg("Age"),
    "gender": msg("Gender"),
    "expression": msg("Expression"),
}
VARIANTS = {
    "mirrored": msg("mirrored"),
    "jpeg_40": msg("saved with more compression"),
    "rotated_5": msg("turned by five degrees"),
    "greyscale": msg("without colour"),
    "darker": msg("darker"),
    "upscaled": msg("made twice as large"),
}


@dataclass(frozen=True, slots=True)
class GuessWords:
    """A guess, the official fact (None if there is none) and how they compare, in words."""

    says: str
    official: str | None
    verdict: str


def guess_words(guess: GuessView, language: Language) -> GuessWords:
    """Return a guess in words."""
    if guess.attribute == "age":
        return GuessWords(
            years(guess.years, language), _official_age(guess, language), _age_verdict(guess, language)
        )
    if guess.attribute == "face":
        return GuessWords(language.say(msg("no face here")), None, language.say(msg("there is one")))
    says = label(guess.label, language)
    if guess.score is not None:
        says = language.say(
            msg("%(guess)s, %(share)s sure"), guess=says, share=sureness(guess.score, language)
        )
    if guess.attribute == "expression":
        return GuessWords(says, None, language.say(msg("nobody can read a feeling off a picture")))
    official = label(guess.official, language) if guess.official else None
    return GuessWords(says, official, _gender_verdict(guess, language))


def sureness(score: float, language: Language) -> str:
    """Return how sure a model is, in per cent; never 100: scores are rounded, and one of them may stand for less."""
    return language.percent(min(score, SUREST))


def label(name: str, language: Language) -> str:
    """Return what an answer is called; an answer that is not known here is called what the model calls it."""
    return language.say(LABELS[name]) if name in LABELS else name


def years(number: int, language: Language) -> str:
    """Return a number of years, such as `57 years`."""
    return language.plural("%(count)s year", "%(count)s years", number)


def _official_age(guess: GuessView, language: Language) -> str | None:
    if guess.official_age is None:
        return None
    age = years(guess.official_age, language)
    if guess.reference_source == "picture":
        return language.say(msg("%(years)s when the picture was taken"), years=age)
    return language.say(msg("%(years)s when the term began"), years=age)


def _age_verdict(guess: GuessView, language: Language) -> str:
    if guess.error is None:
        return language.say(msg("the day of birth or of the picture is not known"))
    if guess.verdict == Verdict.AGREES:
        return language.say(msg("within a year"))
    older, off = guess.error > 0, abs(guess.error)
    if older:
        away = language.plural("%(count)s year too old", "%(count)s years too old", off)
    else:
        away = language.plural("%(count)s year too young", "%(count)s years too young", off)
    if guess.verdict == Verdict.WITHIN:
        return language.say(msg("%(away)s: within the software's own variation"), away=away)
    return away


def _gender_verdict(guess: GuessView, language: Language) -> str:
    if guess.verdict == Verdict.UNKNOWN:
        return language.say(msg("no gender is published"))
    if guess.verdict == Verdict.FAR_OFF:
        return language.say(msg("wrong"))
    if guess.verdict == Verdict.AGREES:
        return language.say(msg("agrees"))
    other = guess.others[0]
    return language.say(
        msg("agrees, but says “%(other)s” when the picture is %(changed)s"),
        other=label(other.label, language),
        changed=language.say(VARIANTS[other.variant]) if other.variant in VARIANTS else other.variant,
    )


def told(sentence: Sentence, language: Language) -> str:
    """Return what an audit found in the reader's language."""
    between = " to " if language.prefix == "" else EN_DASH
    filled = {name: value.replace(" to ", between) for name, value in sentence.parameters.items()}
    return language.say(sentence.message).format(**filled)


def term(number: int, language: Language) -> str:
    """Return a term and its years, such as `term 9 (2019 to 2024)`."""
    known = term_of(number)
    if not known:
        return language.say(msg("term %(number)s"), number=number)
    if not known.end_date:
        return language.say(
            msg("term %(number)s (since %(first)s)"), number=number, first=known.start_date.year
        )
    return language.say(
        msg("term %(number)s (%(first)s to %(last)s)"),
        number=number,
        first=known.start_date.year,
        last=known.end_date.year,
    )


def when(period: PeriodView, language: Language) -> str:
    """Return from when to when a period was, as far as is known."""
    start, end = language.day(period.begun), language.day(period.ended)
    on = language.day(period.ongoing_on)
    if start and end:
        return language.say(msg("%(start)s to %(end)s"), start=start, end=end)
    if start and on:
        return language.say(msg("since %(start)s, ongoing on %(day)s"), start=start, day=on)
    if start:
        return language.say(msg("from %(start)s, end not known"), start=start)
    if end:
        return language.say(msg("until %(end)s, start not known"), end=end)
    during = "" if period.term is None else term(period.term, language)
    if on:
        return ", ".join(filter(None, (during, language.say(msg("ongoing on %(day)s"), day=on))))
    return during or language.say(msg("dates not known"))


def stay_words(of: Stay, language: Language) -> str:
    """Return from when to when somebody was in a body: in full where it was once, else in years."""
    if len(of.periods) == 1:
        return when(of.first, language)
    spans = []
    for period in of.periods:
        if period.begun or period.ended:
            first, last = (str(day.year) if day else "" for day in (period.begun, period.ended))
            spans.append(first if first == last else f"{first}{EN_DASH}{last}")
        elif period.term is not None:
            spans.append(term(period.term, language))
    return ", ".join(dict.fromkeys(spans)) or language.say(msg("dates not known"))


def summary(person: PersonView, language: Language) -> str:
    """Describe a person in a sentence or two, for search engines and social cards."""
    known = [language.country(person.country, person.country_name), person.group, person.party]
    what = ", ".join(part for part in known if part)
    role = language.say(msg("Member of the European Parliament"))
    if person.term is not None:
        role = f"{role}, {term(person.term, language)}"
    if not person.guesses:
        told = language.say(msg("Official portrait and facts, with the source of each."))
    else:
        told = language.say(
            msg("What face software guesses from the official portrait, and how wrong it is.")
        )
    return f"{role}{': ' + what if what else ''}. {told}"
