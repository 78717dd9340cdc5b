"""`audit.toml`: what is written says the same when it is read, and what cannot be followed is refused."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.looks import CHANGED, CHOICES
from dontspy_data.audit.model import BoxSource
from dontspy_data.audit.settings import READERS, Settings, check_settings, read_settings, settings_text
from dontspy_data.errors import UsageError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SETTINGS = st.builds(
    Settings,
    models=st.lists(TEXTS, unique=True, max_size=3).map(tuple),
    boxes=st.sampled_from([BoxSource.MODEL, BoxSource.PACKAGE]),
    variants=st.lists(st.sampled_from(CHANGED), unique=True).map(tuple),
    choices=st.lists(st.sampled_from(CHOICES), unique=True).map(tuple),
    redetect=st.booleans(),
    day=st.none() | st.dates(),
    sample=st.none() | st.integers(1, 10**6),
    seed=st.integers(-(2**31), 2**31),
    measures=st.sampled_from([(), ("bias", "disagreement")]),
    groups=st.sampled_from([(), ("all", "gender_and_country")]),
    exclude=st.dictionaries(st.integers(1, 10**7), TEXTS, max_size=3),
)


@given(settings=SETTINGS)
def test_what_is_written_says_the_same(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "audit.toml"
    path.write_text(settings_text(settings), encoding="utf-8")
    assert check_settings(read_settings(path)) == settings


def test_what_a_file_leaves_out_is_as_without_it(tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text('models = ["fer", "fer"]\nday = 2015-06-01\n')
    settings = read_settings(path)
    assert settings == Settings(models=("fer",), day=date(2015, 6, 1))
    assert set(READERS) == set(Settings.__slots__)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("model = ['fer']", "model"),
        ("models = 'fer'", "models"),
        ("boxes = 'original'", "boxes"),
        ("boxes = 'mine'", "boxes"),
        ("sample = '5'", "sample"),
        ("sample = true", "sample"),
        ("redetect = 1", "redetect"),
        ("day = '2015-06-01'", "day"),
        ("day = 2015-06-01T00:00:00", "day"),
        ("exclude = [1]", "exclude"),
        ("[exclude]\nsomebody = 'no number'", "exclude"),
        ("thresholds = {small = 'few'}", "thresholds"),
        ("not TOML", "audit.toml"),
    ],
)
def test_what_is_not_known_is_refused(line: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "audit.toml"
    path.write_text(line)
    with pytest.raises(UsageError, match=said) as caught:
        read_settings(path)
    assert caught.value.hint


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.toml"):
        read_settings(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(variants=("upside_down",)), "upside_down"),
        (Settings(choices=("lens",)), "lens"),
        (Settings(sample=0), "0"),
        (Settings(measures=("beauty",)), "beauty"),
        (Settings(groups=("religion",)), "religion"),
        (Settings(thresholds={"small": 5, "far_off": 10, "near": 5}), "'small': 5"),
    ],
)
def test_what_cannot_be_followed_is_refused(settings: Settings, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check_settings(settings)
