"""Models that people add: found by name, and refused where their card is not in order."""

from dataclasses import replace
from pathlib import Path

import pytest

from dontspy_data.audit.model import Card, Model, cards_of, open_model
from dontspy_data.errors import DontspyError

SOURCE = """
from dataclasses import replace

from dontspy_data.audit.always_fifty import AlwaysFifty

class Other(AlwaysFifty):
    card = replace(AlwaysFifty.card, name="other")
"""


@pytest.fixture
def installed(models: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with a module `others`; what is installed there is found."""
    site = tmp_path / "others"
    site.mkdir()
    (site / "others.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(site))
    return site


def install(site: Path, name: str, value: str) -> None:
    """A package with one entry point."""
    folder = site / f"package_{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: package-{name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[dontspy_data.audit_models]\n{name} = {value}\n")


def test_a_model_is_found_by_its_name(installed: Path) -> None:
    install(installed, "other", "others:Other")
    assert open_model("other").card.name == "other"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("fifty", "others:Other", "the model fifty has a card that names it 'other'"),
        ("other", "others:Missing", "the model other cannot be loaded: .*Missing"),
        ("other", "no_such_module:Other", "the model other cannot be loaded: .*no_such_module"),
        ("always-fifty", "others:Other", "several installed packages offer a model 'always-fifty'"),
    ],
)
def test_a_model_that_is_not_in_order_is_named_with_a_mend(
    name: str, value: str, message: str, installed: Path
) -> None:
    install(installed, name, value)
    with pytest.raises(DontspyError, match=message) as caught:
        open_model(name)
    assert caught.value.hint


@pytest.fixture
def card(models: None) -> Card:
    return open_model("always-fifty").card


def with_card(card: Card) -> Model:
    model = open_model("always-fifty")
    model.card = card  # type: ignore[misc]
    return model


def test_cards_are_by_name_in_their_order(card: Card) -> None:
    cards = [replace(card, name=name) for name in "ba"]
    assert list(cards_of([with_card(one) for one in cards]).items()) == list(zip("ba", cards, strict=True))


def test_no_two_models_share_a_name(card: Card) -> None:
    with pytest.raises(DontspyError, match=r"two models are named always-fifty: .* and Clash"):
        cards_of([with_card(card), with_card(replace(card, title="Clash"))])


@pytest.mark.parametrize(
    "homepage", ["javascript:alert(1)", "", "example.org", "https:", "ftp://example.org"]
)
def test_a_homepage_is_a_web_address(homepage: str, card: Card) -> None:
    with pytest.raises(DontspyError, match="always-fifty has the homepage") as caught:
        cards_of([with_card(replace(card, homepage=homepage))])
    assert "https://" in caught.value.hint
