"""Which kind of store an address names."""

from typing import TYPE_CHECKING

from dontspy_data.errors import UsageError
from dontspy_data.targets.folder import FolderPlace
from dontspy_data.targets.object_store import PlaceStore
from dontspy_data.targets.store import Store
from dontspy_data.targets.target import open_target

if TYPE_CHECKING:
    from dontspy_data.targets.zenodo import ZenodoStore


def open_store(url: str, *, break_lock: bool = False) -> Store:
    """A target that can be written, by its address.

    Args:
        url: a folder's path, or a URL with `file`, `s3` or `hf`.
        break_lock: whether to go over another publisher's claim.

    Raises:
        UsageError: nothing can be published there, or its extra is not installed.
    """
    target = open_target(url)
    scheme = url.split("://", 1)[0].lower() if "://" in url else "file"
    match scheme:
        case "file":
            return PlaceStore(FolderPlace(target), break_lock)
        case "s3":
            from dontspy_data.targets.s3 import S3Place

            return PlaceStore(S3Place(target), break_lock)
        case "hf":
            from dontspy_data.targets.hub import open_hub

            return open_hub(target)
    raise UsageError(
        f"{url}: nothing can be published over {scheme}://",
        hint="Give a folder, s3://BUCKET/…, hf://datasets/OWNER/NAME or zenodo:RECORD.",
    )


def open_record(target: str, *, sandbox: bool = False) -> "ZenodoStore":
    """A Zenodo record by its address, `zenodo:1234567` or `zenodo:new`.

    Raises:
        UsageError: the address is of another form, or the extra is not installed.
    """
    try:
        from dontspy_data.targets.zenodo import open_zenodo
    except ImportError as error:
        raise UsageError(
            f"{target}: publishing on Zenodo needs an extra ({error})",
            hint="Install it: pip install 'dontspy-data[zenodo]'",
        ) from error
    return open_zenodo(target, sandbox=sandbox)
