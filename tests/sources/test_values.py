"""From what sources print to what statements hold."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Page
from dontspy_data.model import codes
from dontspy_data.model.statements import Property
from dontspy_data.sources import values
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.values import Order, clean, day, order_of, plain, without_language

LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
ADDRESS = st.builds(
    lambda local, hosts: f"{'.'.join(local)}@{'.'.join(hosts)}",
    st.lists(LABEL, min_size=1, max_size=3),
    st.lists(LABEL, min_size=2, max_size=4),
)


@given(ADDRESS, st.integers(0, 9), st.sampled_from(["", "mailto:"]))
def test_a_scrambled_address_comes_back(address, dots, prefix):
    scrambled = address[::-1].replace("@", "[at]").replace(".", "[dot]", dots)
    assert values.email(prefix + scrambled) == address


@given(ADDRESS)
def test_a_plain_address_stays(address):
    assert values.email(f"mailto:{address}") == values.email(f" {address} ") == address


@given(st.text())
def test_an_email_is_an_address_or_nothing(text):
    found = values.email(text)
    assert found is None or values.EMAIL.fullmatch(found)


@pytest.mark.parametrize(
    "text", ["", "mailto:", "nobody", "a@b", "a@b.", "a b@example.org", "https://example.org/@a.b"]
)
def test_what_is_no_email(text):
    assert values.email(text) is None


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("Parti du Conte (France)", "Parti du Conte", "FR"),
        ("Partei (der Fabel) (Germany)", "Partei (der Fabel)", "DE"),
        ("Lista (Nova)", "Lista (Nova)", None),
        ("Parti (IT)", "Parti (IT)", None),
        ("- (Spain)", None, "ES"),
        ("-", None, None),
        ("", None, None),
        ("Greece", "Greece", None),
        ('Partija "PASAKA" (Latvia)', 'Partija "PASAKA"', "LV"),
    ],
)
def test_party(text, name, country):
    assert values.party(text) == (name, country)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Committee on Fables", Property.COMMITTEE),
        ("Subcommittee on Human Rights", Property.COMMITTEE),
        ("Special Committee on Tales", Property.COMMITTEE),
        ("Delegation to the EU-Utopia Joint Parliamentary Committee", Property.DELEGATION),
        ("Members from the European Parliament to the Joint EU-Utopia Assembly", Property.DELEGATION),
        ("Conference of Committee Chairs", Property.OTHER_BODY),
        ("Parliament's Bureau", Property.OTHER_BODY),
    ],
)
def test_kind_of_body(name, kind):
    assert values.body_property(name) is kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://x.com/a", Property.X),
        ("https://www.twitter.com/a", Property.X),
        ("https://de-de.facebook.com/a", Property.FACEBOOK),
        ("https://notfacebook.com/a", Property.OTHER_ACCOUNT),
        ("https://www.youtube.com/@a", Property.YOUTUBE),
        ("https://mastodon.example/@a", Property.OTHER_ACCOUNT),
    ],
)
def test_account_by_its_host(address, kind):
    assert codes.account(address) is kind


@pytest.mark.parametrize(
    "text", ["", "www.example.org", "javascript:alert(1)", "https://", "http://[", "https://a b.org"]
)
def test_what_is_no_web_address(text):
    assert values.http_address(text) is None


@pytest.mark.parametrize("text", ["", "0", "-1", "12a", "\u0661\u0662", "9" * 5000])
def test_what_is_no_id(text):
    assert values.person_id(text) is None


@given(st.text(st.characters(categories=["Cc", "Zl", "Zp", "Lu"]), min_size=1))
def test_what_is_stated_stands_on_one_line(text: str) -> None:
    page = Page("https://host/meps/en/1", 200, (), b"", datetime(2026, 1, 15, tzinfo=UTC))
    found = Findings(page, "ep_profile")
    found.state(1, Property.BIRTH_PLACE, f"A{text}B", role=f"C{text}")
    (statement,) = found.reading().statements
    assert len(statement.value.splitlines()) == len(str(statement.role).splitlines()) == 1
    assert not [char for char in statement.value if ord(char) < 32]


FORMS = (
    "{d:02}-{m:02}-{y:04}",
    "{d}/{m}/{y:04}",
    "{d:02}.{m:02}.{y:04} 01:00",
    "{y:04}-{m:02}-{d:02}",
    "{y:04}/{m}/{d}",
)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(FORMS))
def test_every_day_is_read_in_every_form(given_day, form):
    assert day(form.format(d=given_day.day, m=given_day.month, y=given_day.year)) == given_day.isoformat()


@given(st.text())
def test_a_text_is_a_day_a_year_or_month_or_nothing(text):
    found = day(text)
    assert not found or date.fromisoformat((found + "-01-01")[:10])


@pytest.mark.parametrize(
    "text",
    ["30-02-1970", "00-00-0000", "02-05/1969", "", "1969-13-01", "19691", "5 Mai 1969", "05/02/1969 25:00"],
)
def test_what_is_no_day(text):
    assert day(text) is None


@given(st.lists(st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 1, 1)), max_size=30))
def test_a_column_in_one_order_is_never_read_wrongly(days):
    american = [f"{one.month}/{one.day}/{one.year}" for one in days]
    order = order_of(american)
    if any(one.day > 12 for one in days):
        assert order is Order.MONTH_FIRST
        assert [day(text, order) for text in american] == [one.isoformat() for one in days]


@given(st.text())
def test_cleaning_and_stripping_come_to_rest(text):
    assert clean(clean(text)) == clean(text)
    assert isinstance(without_language(plain(text)), str)
