"""What holds for every source: refusals, absences, and pages that are something else altogether."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.statements import Property
from dontspy_data.sources import (
    SOURCES,
    ep_api,
    ep_csv,
    ep_lists,
    member_page,
    portraits,
    source_of,
    wikidata,
)
from dontspy_data.sources.read import read_page
from dontspy_data.sources.source import Reading

URLS = {
    ep_api.current_url(): ep_api.SOURCE,
    ep_api.roster_url(10, 50): ep_api.SOURCE,
    ep_api.mep_url(9000001): ep_api.SOURCE,
    ep_api.body_url("org/6900"): ep_api.SOURCE,
    member_page.profile_url(9000001): member_page.EP_PROFILE,
    member_page.history_url(9000001, 9): member_page.EP_HISTORY,
    ep_lists.search_url("MT"): ep_lists.EP_SEARCH,
    ep_lists.full_list_url("fr"): ep_lists.EP_FULL_LIST,
    ep_lists.directory_url(9): ep_lists.EP_DIRECTORY,
    ep_csv.url(9, 2): ep_csv.SOURCE,
    wikidata.url(): wikidata.SOURCE,
    portraits.url(9000001): portraits.SOURCE,
}
RETRIEVED = datetime(2024, 11, 5, tzinfo=UTC)
CHALLENGE = "<html><head><title></title></head><body><script>challenge</script></body></html>"
PIECES = st.sampled_from(
    [
        *(
            "<html lang='en'>",
            "<div id='presentationmep'>",
            "<h1 class='_title-h1'>9th parliamentary term</h1>",
        ),
        *(
            "<div id='status'><h4>",
            "<div id='resultsContainer'>",
            "<h2>Result(s): 1</h2>",
            "<b id='member-block-9'>",
        ),
        *("<!DOCTYPE x>", "<meps>", "<mep>", "</mep>", "</meps>", "<id>9000001</id>", "&amp;", "é", "\x00"),
        *("mep_identifier,mep_birthday\n", "9000001,", '1,"', "\n", ";", "\xff\xd8\xff"),
        *("{", "}", "]", '{"data": [', '"identifier": "9"', '"label": 1', '"results": {"bindings": ['),
    ]
)


def test_every_address_has_its_own_source():
    assert {url: source_of(url) for url in URLS} == URLS
    assert set(URLS.values()) == set(SOURCES) - {portraits.WEB_ARCHIVE}  # it has no addresses
    assert source_of("https://example.org/") is None


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_refusal_is_an_error_that_names_the_status(page, url, status):
    with pytest.raises(PageError, match=f"HTTP {status}") as caught:
        URLS[url].read(page(url, "<html>no</html>", status=status))
    assert url in str(caught.value)


@pytest.mark.parametrize("url", URLS)
def test_a_challenge_is_an_error_that_names_it(page, url):
    headers = (("X-Amzn-Waf-Action", "challenge"),)
    with pytest.raises(PageError, match="HTTP 202, x-amzn-waf-action: challenge"):
        URLS[url].read(page(url, CHALLENGE, status=202, headers=headers))


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (url, body)
        for url, source in URLS.items()
        for body in ("", CHALLENGE, "<html lang='en'><body>Service unavailable</body></html>", "{}", "[]")
        if source is not portraits.SOURCE  # whatever is sent as a portrait has a row that says what it is
    ],
)
def test_another_page_in_its_place_is_an_error_not_an_empty_reading(page, url, body):
    with pytest.raises(PageError):
        URLS[url].read(page(url, body))


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_not_there_is_a_note_but_an_absent_portrait_is_a_fact(page, url, status):
    reading = URLS[url].read(page(url, "<html>Not found</html>", status=status))
    assert bool(reading.notes) == (URLS[url] is not portraits.SOURCE)
    assert [(s.property, s.value) for s in reading.statements] == (
        [(Property.PORTRAIT, "absent")] if URLS[url] is portraits.SOURCE else []
    )


@pytest.mark.parametrize("url", URLS)
def test_statements_carry_their_page(page, url):
    made = page(url, "", status=404)
    assert all(
        (s.source, s.url, s.retrieved_at) == (URLS[url].name, url, made.retrieved_at)
        for s in URLS[url].read(made).statements
    )


@pytest.mark.parametrize("url", URLS)
@given(
    body=st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=12).map(lambda p: "".join(p).encode()))
)
def test_any_bytes_give_a_reading_or_an_error_for_a_person(url, body):
    try:
        assert isinstance(URLS[url].read(Page(url, 200, (), body, RETRIEVED)), Reading)
    except (PageError, UnknownCodeError) as error:
        assert error.hint


def test_a_page_that_led_to_another_persons_is_a_problem_and_says_nothing() -> None:
    led_to = portraits.url(9000002)
    page = Page(portraits.url(9000001), 200, (("Content-Type", "image/jpeg"),), b"\xff\xd8", RETRIEVED)
    assert read_page(portraits.SOURCE, page).statements
    reading = read_page(portraits.SOURCE, replace(page, redirected_to=led_to))
    assert reading.statements == ()
    (problem,) = reading.problems
    assert problem.kind == "person"
    assert led_to in problem.found
    assert "9000002" in problem.hint
    assert read_page(portraits.SOURCE, replace(page, redirected_to=f"{led_to[:-11]}none.jpg")).statements
