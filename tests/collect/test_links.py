import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Page
from dontspy_data.collect.page import links_of
from dontspy_data.sources import SOURCE_OF, ep_api, ep_csv, ep_lists
from dontspy_data.sources.source import NO_LINKS, CollectScope, Endpoint, Links, Person, Request

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def links(endpoint: Endpoint, body: bytes | object, url: str = "https://host/x") -> Links:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    found, problem = links_of(Page(url, 200, (), data, WHEN), Request(endpoint, url))
    assert problem is None
    return found


def test_a_roster_names_people_and_the_current_one_their_countries() -> None:
    rows = [
        {"identifier": "9000001", "api:country-of-representation": "EL"},
        {"identifier": "9000002"},
        {"identifier": "x"},
        "row",
    ]
    assert links(ep_api.CURRENT, {"data": rows}).people == (Person(9_000_001, "GR"), Person(9_000_002))


def test_details_name_bodies_once() -> None:
    refs = ["org/7001", "org/ep-10", "org/7001", None, "http://elsewhere/7", "org/INTA"]
    row = {"hasMembership": [{"organization": ref} for ref in refs] + [{}], "img": "https://host/1.jpg"}
    found = links(ep_api.DETAILS, {"data": [row]})
    assert found == Links(
        requests=tuple(Request(ep_api.BODY, ep_api.body_url(ref)) for ref in ("org/7001", "org/INTA"))
    )


def test_a_roster_leads_to_its_next_page_until_a_page_names_nobody() -> None:
    (further,) = links(ep_api.ROSTER, {"data": [{"identifier": "9000001"}]}, ep_api.roster_url(10)).requests
    assert further.url == ep_api.roster_url(10, ep_api.PAGE_SIZE)
    assert links(ep_api.ROSTER, {"data": []}, further.url) == NO_LINKS


def test_details_may_say_nothing() -> None:
    assert links(ep_api.DETAILS, {"data": []}) == NO_LINKS
    assert links(ep_api.DETAILS, {"data": [{}]}) == NO_LINKS


def test_lists_of_the_website() -> None:
    assert links(
        ep_lists.FULL_LIST, b"<meps><mep><id>9000001</id></mep><mep><id> 9000002 </id></mep></meps>"
    ).people == (
        Person(9_000_001),
        Person(9_000_002),
    )
    page = b'<a href="/meps/en/9000002/B"></a><a href="/meps/en/9000001"></a><a href="/meps/en/9000002/C">'
    assert links(ep_lists.SEARCH, page).people == (Person(9_000_001), Person(9_000_002))


def test_the_full_list_says_for_which_country_somebody_sits() -> None:
    rows = "".join(
        f"<mep><fullName>X</fullName><country>{country}</country><id>{mep_id}</id></mep>"
        for mep_id, country in enumerate(("Malta", "Greece", "Atlantis", ""), 9_000_001)
    )
    assert links(ep_lists.FULL_LIST, f"<meps>{rows}</meps>".encode()).people == (
        Person(9_000_001, "MT"),
        Person(9_000_002, "GR"),
        Person(9_000_003),
        Person(9_000_004),
    )


def test_xml_entities_stay_unread() -> None:
    body = b'<!DOCTYPE m [<!ENTITY e "9000001">]><meps><id>&e;</id></meps>'
    assert links(ep_lists.FULL_LIST, body) == NO_LINKS


def test_a_data_set_names_its_versions() -> None:
    rows = [{"VersionLabel": "9"}, {"VersionLabel": 83}, {"VersionLabel": "draft"}, {}]
    (term_9,) = ep_csv.everybody(CollectScope((9,), frozenset(), WHEN.date()))
    (latest,) = links(ep_csv.DATASET, {"OdpDatasetVersions": rows}, term_9.url).requests
    assert latest == Request(ep_csv.CSV, ep_csv.url(9, 83))
    assert links(ep_csv.DATASET, {}, term_9.url) == NO_LINKS


def test_leaves_point_nowhere() -> None:
    assert links(ep_api.BODY, {"data": [{"identifier": "9000001"}]}) == NO_LINKS
    assert links(ep_api.ROSTER, b"") == NO_LINKS


leaves = st.sampled_from([None, 1, "9000001", "org/1", [], {}, [None], ["org/1"], {"organization": 1}])
rows = st.dictionaries(
    st.sampled_from(["identifier", "hasMembership", "img", "api:country-of-representation", "VersionLabel"]),
    leaves | st.lists(leaves, max_size=3),
)
documents = st.fixed_dictionaries(
    {}, optional={"data": leaves | st.lists(rows, max_size=3), "OdpDatasetVersions": st.lists(rows) | leaves}
)


@given(st.sampled_from([*SOURCE_OF]), documents | st.binary(max_size=99) | st.just(b"[" * 5000))
def test_no_answer_stops_the_collection(endpoint: Endpoint, document: dict[str, object] | bytes) -> None:
    assert isinstance(links(endpoint, document), Links)
