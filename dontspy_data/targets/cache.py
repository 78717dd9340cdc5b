"""The user's cache: what was fetched once is there without a network.

<user's cache>/dontspy-data/<name of the target>-<digest of its address>/
releases.json                    the ledger, as it was last seen
1.2.0-<digest>/…                 files of a release, as far as they were used
"""

import re
import shutil
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

DIGITS = 12


def cache_of(url: str) -> Path:
    """The folder that what comes from an address is cached in; it need not exist."""
    from platformdirs import user_cache_path

    name = re.sub(r"[^A-Za-z0-9]+", "-", url.split("://", 1)[-1]).strip("-")[-40:]
    return user_cache_path("dontspy-data") / f"{name}-{sha256(url.encode()).hexdigest()[:DIGITS]}"


def folder_name(version: str, digest: str) -> str:
    """Name of a release's folder in the cache: its bytes decide it, not its version alone."""
    return f"{version}-{digest[:DIGITS]}"


def remember(path: Path, body: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{sha256(body).hexdigest()[:DIGITS]}.part")
    part.write_bytes(body)
    part.replace(path)


def forget_replaced(cache: Path, published: Collection[str]) -> None:
    """Remove releases whose bytes have been replaced, so that a portrait purged there is purged here.

    Args:
        cache: of a target.
        published: names of the folders of all its releases as they are now.
    """
    for folder in cache.iterdir():
        if folder.is_dir() and folder.name not in published:
            shutil.rmtree(folder, ignore_errors=True)
