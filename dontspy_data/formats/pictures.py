"""Portraits beside their facts: one Parquet file with the pictures in it, and `metadata.csv` for the folder.

`open-data-faces-80.parquet` and `-20.parquet` have one row per current portrait. Nobody is in both: they are the people
of `faces.split()`, to train and to test on. Their names do not say so, since `datasets` would then take them for the
splits of the folder's pictures, too. The column `image` is a struct of `bytes` and `path` and is declared as an image
to Hugging Face's `datasets` in the file's metadata, so that pictures come out of `load_dataset("parquet", …)`:
https://huggingface.co/docs/datasets/image_dataset

`portraits/metadata.csv` names every file of the folder in `file_name`, which makes the folder an "imagefolder":
https://huggingface.co/docs/datasets/image_dataset#imagefolder
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from dontspy_data.package.files import picture_file
from dontspy_data.package.open import Package
from dontspy_data.package.write import arrow_schema, csv_parts

if TYPE_CHECKING:
    import pyarrow as pa

INLINE = {"train": "open-data-faces-80.parquet", "test": "open-data-faces-20.parquet"}
TEST_SHARE = 0.2
PARTS = 2**32
FOLDER = "portraits"
METADATA = f"{FOLDER}/metadata.csv"
OF_PERSON = (
    "mep_id",
    "name",
    "given_name",
    "family_name",
    "gender",
    "birth_date",
    "citizenship",
    "country",
    "political_group",
    "national_party",
    "latest_term",
    "wikidata_id",
)
OF_PORTRAIT = (
    "portrait_id",
    "is_current",
    "path",
    "width",
    "height",
    "mode",
    "orientation",
    "captured_on",
    "photographer",
    "rights_status",
    "rights_holder",
    "credit_line",
    "rights_statement",
    "rights_url",
    "source_url",
    "first_seen",
    "last_seen",
    "noai",
    "sha256",
)
HUGGING_FACE = {"info": {"features": {"image": {"_type": "Image"}}}}
ROWS_A_GROUP = (
    100  # as Hugging Face advises for pictures, so that a viewer need not read hundreds of megabytes
)


def published(package: Package) -> list[dict[str, Any]]:
    """List every portrait with a file in the package and the facts of its person, by portrait id."""
    import pyarrow.compute as pc

    of_portrait = package.table("portraits").known(OF_PORTRAIT)
    portraits = package.read("portraits", ["mep_id", *of_portrait])
    shown = portraits.filter(portraits["path"].is_valid())
    meps = package.read("meps", package.table("meps").known(OF_PERSON))
    pictured = meps.filter(pc.is_in(meps["mep_id"], shown["mep_id"]))
    people = {row["mep_id"]: row for row in pictured.to_pylist()}
    return [{**people[row["mep_id"]], **row} for row in shown.to_pylist()]


def is_tested(mep_id: int, test: float = TEST_SHARE, draw: int = 0) -> bool:
    """Return whether a person is in `test`: the same in every release, by a digest of the number.

    Args:
        mep_id: the person.
        test: share of all people that is `test`; a person who is in it stays in it for every larger share.
        draw: how many splits came before; each is drawn independently, so that a part can be split like the whole.
    """
    digest = sha256(f"{draw}:{mep_id}".encode() if draw else str(mep_id).encode()).digest()
    return int.from_bytes(digest[:4], "big") < test * PARTS


def write_inline(package: Package) -> None:
    """Write current portraits with the facts of their people, one Parquet file per split.

    Rows are written by groups, so that the bytes of a hundred pictures are held at a time.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = inline_schema(package)
    current = [row for row in published(package) if row["is_current"]]
    for split, name in INLINE.items():
        rows = [row for row in current if is_tested(row["mep_id"]) == (split == "test")]
        with pq.ParquetWriter(
            package.folder / name,
            schema,
            compression="zstd",
            write_page_index=True,
            use_dictionary=[column for column in schema.names if column != "image"],
        ) as writer:
            for start in range(0, len(rows), ROWS_A_GROUP):
                group = [_with_picture(package, row) for row in rows[start : start + ROWS_A_GROUP]]
                writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _with_picture(package: Package, row: dict[str, Any]) -> dict[str, Any]:
    path = row["path"]
    return {**row, "image": {"bytes": picture_file(package.folder, path).read_bytes(), "path": path}}


def inline_schema(package: Package) -> "pa.Schema":
    """Return the columns of `open-data-faces-*.parquet`: the picture, then the facts as in their tables."""
    import pyarrow as pa

    image = pa.field("image", pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    schema = pa.schema([image, *_fields(package)])
    return schema.with_metadata({"huggingface": json.dumps(HUGGING_FACE)})


def write_metadata(package: Package) -> None:
    """Write `portraits/metadata.csv`: one row per file of the folder."""
    import pyarrow as pa

    schema = pa.schema([pa.field("file_name", pa.string()), *_fields(package)])
    schema = schema.remove(schema.get_field_index("path"))
    rows = [{**row, "file_name": row["path"].removeprefix(f"{FOLDER}/")} for row in published(package)]
    path = package.folder / METADATA
    path.parent.mkdir(exist_ok=True)
    batches = pa.Table.from_pylist(rows, schema=schema).to_batches()
    path.write_bytes(b"".join(csv_parts(schema.names, batches)))


def _fields(package: Package) -> Iterator["pa.Field"]:
    for name, wanted in (("meps", OF_PERSON), ("portraits", OF_PORTRAIT)):
        table = package.table(name)
        yield from map(arrow_schema(table).field, table.known(wanted))
