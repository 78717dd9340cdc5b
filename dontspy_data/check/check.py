"""Check a package: files, tables and pictures.

That a package was whole and valid is remembered by the digest of its digests and the version of this code, beside the
cached downloads: the same bytes need no second look at what they say.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dontspy_data._version import __version__
from dontspy_data.check.files import Finding, check_files, check_pictures, not_asked_for
from dontspy_data.check.tables import check_tables
from dontspy_data.errors import DontspyError
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR
from dontspy_data.package.open import Package, open_package


def check(folder: Path) -> Iterator[Finding]:
    """Yield everything that is wrong with a package, as it is found; nothing if it is whole.

    Files first: digests, and that nothing is missing or unlisted. Where those fail, tables and pictures are
    still looked at, as far as they can be read, since the cause may be there.

    Raises:
        UsageError: the folder is no package.
    """
    found = list(check_files(folder))
    yield from found
    try:
        package = open_package(folder)
    except DontspyError as error:
        if not found:
            raise
        yield Finding(DESCRIPTOR, str(error))
        return
    broken = {problem.path for problem in found} | not_asked_for(folder)
    if DESCRIPTOR in broken:  # then nothing that it says of the tables can be relied on
        return
    yield from check_tables(package, broken)
    yield from check_pictures(package, broken)


def open_whole(folder: Path) -> Package:
    """Open a package after its files were held against their digests: each is there, as it was written, and no other.

    Raises:
        UsageError: the folder is no package.
        DontspyError: a file is missing, changed, a link or not listed; the message has the first of them.
    """
    package = open_package(folder)
    for found in check_files(package.folder):
        raise DontspyError(
            f"{folder} is not whole: {found.path} {found.message}",
            hint=f"See all of it with: dontspy-data check {folder}",
        )
    return package


def require_valid(folder: Path, *, name: str, hint: str) -> None:
    """Raise an error unless a package is whole and valid.

    Args:
        folder: of the package.
        name: what to call it.
        hint: what to do where it is not.

    Raises:
        UsageError: the folder is no package.
        DontspyError: it is not valid; the message has the first problem.
    """
    if _is_known(folder) and not list(check_files(folder)):
        return
    problems = list(check(folder))
    if not problems:
        remember(folder)
    else:
        more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
        raise DontspyError(f"{name} is not valid: {problems[0].path} {problems[0].message}{more}", hint=hint)


def remember(folder: Path) -> None:
    """Note that a package was found whole and valid; a cache that cannot be written to is no error."""
    with suppress(OSError):
        mark = _mark(folder)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _is_known(folder: Path) -> bool:
    try:
        return _mark(folder).is_file()
    except OSError:
        return False


def _mark(folder: Path) -> Path:
    """Return the file that stands for a package having been checked.

    Raises:
        OSError: the package has no list of digests.
    """
    from platformdirs import user_cache_path

    digest = hashlib.sha256((folder / CHECKSUMS).read_bytes()).hexdigest()
    return user_cache_path("dontspy-data") / "checked" / f"{digest}-{__version__}"
