"""The release before, by whatever a maintainer names it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dontspy_data.loading.target import ZENODO, open_target
from dontspy_data.package.files import DESCRIPTOR
from dontspy_data.publish.fetch import fetched_tables
from dontspy_data.publish.stores import open_record


@contextmanager
def release_before(place: str | None) -> Iterator[Path | None]:
    """The folder of the release before, with its descriptor, tables and changelog; None where none is named.

    Args:
        place: a release's folder, or a target or Zenodo record for the latest release there.

    Raises:
        UsageError: there is no release.
        DontspyError: the target cannot be read.
    """
    if place is None:
        yield None
    elif (Path(place) / DESCRIPTOR).is_file():
        yield Path(place)
    elif place.startswith(ZENODO):
        with open_record(place).fetched_tables() as folder:
            yield folder
    else:
        target = open_target(place)
        with fetched_tables(target, target.ledger().find()) as folder:
            yield folder
