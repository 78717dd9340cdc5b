import pytest

from dontspy_data.sources import address_of, portraits

PORTRAIT = portraits.url(9_000_001)


@pytest.mark.parametrize(
    "url",
    [
        PORTRAIT,
        "http://europarl.europa.eu/mepphoto/9000001.jpg",
        "http://www.europarl.europa.eu:80/mepphoto/9000001.jpg?size=large#top",
        "https://WWW.EUROPARL.EUROPA.EU/mepphoto/9000001.jpg?20240101",
    ],
)
def test_a_page_is_found_however_a_crawler_wrote_it_down(url: str) -> None:
    assert address_of(url) == PORTRAIT


@pytest.mark.parametrize(
    "url", ["https://x.example/a?b=1", "https://www.europarl.europa.eu/portal/en", "dns:x.example"]
)
def test_what_no_source_reads_keeps_its_address(url: str) -> None:
    assert address_of(url) == url
