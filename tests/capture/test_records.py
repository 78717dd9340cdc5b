import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.records import compressed, stored


@given(st.binary(max_size=300), st.sampled_from([1, 255, 65_535, 65_536, 131_071]))
def test_any_reader_of_gzip_reads_both(seed: bytes, length: int) -> None:
    data = (seed * (length // max(len(seed), 1) + 1))[:length]
    for member in (stored(data), compressed(data)):
        assert gzip.decompress(member) == data
        inflater = zlib.decompressobj(wbits=31)
        assert inflater.decompress(member + b"next") == data
        assert inflater.unused_data == b"next"


@pytest.mark.parametrize("make", [stored, compressed])
def test_nothing_is_a_member_too(make) -> None:
    assert gzip.decompress(make(b"")) == b""


def test_stored_bytes_cost_little_room() -> None:
    data = bytes(range(256)) * 400
    assert len(stored(data)) <= 1.001 * len(data) + 28
