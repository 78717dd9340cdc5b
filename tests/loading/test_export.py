"""The dataset for Hugging Face and PyTorch."""

import pickle
import sys

import numpy as np
import pytest

import dontspy_data as dd
from dontspy_data.errors import UsageError


def test_hugging_face_has_facts_credits_and_pictures(faces: dd.OpenDataFaces) -> None:
    made = faces.to_huggingface()
    assert made.num_rows == 59
    row = made[0]
    meps = faces.meps.set_index("mep_id")
    assert row["name"] == meps.loc[row["mep_id"], "name"]
    assert row["birth_date"] == meps.loc[row["mep_id"], "birth_date"].date()
    assert row["credit_line"] == faces.portrait(row["mep_id"]).info["credit"]
    assert row["image"].size == faces.portrait(row["mep_id"]).size
    assert made.column_names[-3:] == ["credit_line", "rights_status", "image"]


def test_hugging_face_of_a_part_has_nobody_else(faces: dd.OpenDataFaces) -> None:
    train, test = (set(part.to_huggingface()["mep_id"]) for part in faces.split(0.3))
    assert not train & test
    assert len(train | test) == 59


def test_torch_takes_it_without_importing_torch(faces: dd.OpenDataFaces) -> None:
    made = faces.to_torch(transform=lambda picture: np.asarray(picture.resize((8, 8))))
    assert len(made) == 59
    batch = np.stack([made[index][0] for index in range(len(made))])
    assert batch.shape == (59, 8, 8, 3)
    assert [made[index][1] for index in range(len(made))] == sorted(faces.credits)
    with pytest.raises(IndexError):
        made[59]
    assert "torch" not in sys.modules


def test_torch_is_named_where_it_is_needed_and_missing(
    faces: dd.OpenDataFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match="needs torch") as error:
        faces.to_torch()[0]
    assert error.value.hint == "Install it: pip install 'torch'"


def test_workers_of_a_data_loader_can_be_given_it(faces: dd.OpenDataFaces) -> None:
    made = pickle.loads(pickle.dumps(faces.to_torch(transform=np.asarray)))
    assert made[0][1] == min(faces.credits)
    again = pickle.loads(pickle.dumps(faces))
    assert len(again.meps) == 62


def test_tensors_are_bytes_with_channels_first(faces: dd.OpenDataFaces) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: no tensors to look at")
    picture, mep_id = faces.to_torch()[0]
    assert picture.dtype == torch.uint8
    assert tuple(picture.shape) == (3, *reversed(faces.portrait(mep_id).size))
