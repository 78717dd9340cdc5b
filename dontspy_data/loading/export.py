"""The dataset for other tools: DuckDB, Hugging Face datasets, PyTorch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dontspy_data.loading.pictures import Credit, open_picture
from dontspy_data.loading.tables import ENGINES, KEY, Tables, needed
from dontspy_data.targets.files import ReleaseFiles

if TYPE_CHECKING:
    import datasets
    import duckdb
    from PIL import Image

Transform = Callable[["Image.Image"], Any]


@dataclass(frozen=True)
class TorchPortraits:
    """Portraits as a map-style dataset: what `torch.utils.data.DataLoader` takes, without importing torch.

    An item is a pair: what `transform` makes of the picture in RGB, and the number of the person. The pictures have
    different sizes, so that batches need a transform that makes them equal.

    Attributes:
        files: of the release; the pictures are fetched.
        credits: of the portraits, in order.
        transform: takes a PIL image in RGB; None for a `torch.uint8` tensor, channels first.
    """

    files: ReleaseFiles
    credits: Sequence[Credit]
    transform: Transform | None

    def __len__(self) -> int:
        return len(self.credits)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        credit = self.credits[index]
        picture = open_picture(self.files.path(credit.path), credit).convert("RGB")
        return (self.transform or _to_tensor)(picture), credit.mep_id


def to_duckdb(tables: Tables) -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB database in memory with every table as a view of Arrow data.

    Raises:
        UsageError: DuckDB is not installed.
    """
    connection: duckdb.DuckDBPyConnection = needed("duckdb", ENGINES).connect()
    for name in tables.schemas:
        connection.register(name, tables.arrow(name))
    return connection


def to_huggingface(tables: Tables, credits: Mapping[int, Credit]) -> "datasets.Dataset":
    """Return people with a portrait: the columns of `meps`, credit, rights, and the file's bytes in `image`.

    Args:
        tables: of the release.
        credits: of the portraits, which are fetched.

    Raises:
        UsageError: the library `datasets` is not installed.
    """
    library = needed("datasets", ENGINES)
    import pyarrow as pa
    import pyarrow.compute as pc

    meps = tables.arrow("meps")
    meps = meps.filter(pc.is_in(meps[KEY], pa.array(list(credits), pa.int64())))
    held = [credits[mep_id] for mep_id in meps[KEY].to_pylist()]
    images = [{"bytes": tables.files.path(credit.path).read_bytes(), "path": credit.path} for credit in held]
    features = library.Features(
        {
            **library.Features.from_arrow_schema(meps.schema),
            "credit_line": library.Value("string"),
            "rights_status": library.Value("string"),
            "image": library.Image(),
        }
    )
    columns: dict[str, pa.Array] = {name: meps[name] for name in meps.column_names}
    columns["credit_line"] = pa.array([credit.text for credit in held], pa.string())
    columns["rights_status"] = pa.array([credit.rights_status for credit in held], pa.string())
    columns["image"] = pa.array(images, pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    made: datasets.Dataset = library.Dataset(pa.table(columns).cast(features.arrow_schema))
    return made


def _to_tensor(picture: "Image.Image") -> Any:
    import numpy as np

    return needed("torch", "torch").from_numpy(np.array(picture).transpose(2, 0, 1).copy())
