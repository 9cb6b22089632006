"""Replacing files: all or none."""

import pytest

from mlxport.cli.errors import UserError
from mlxport.codemods.source import decode, replace_files


def test_nothing_is_replaced_if_one_file_changed(tmp_path):
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_bytes(b"old")
    second.write_bytes(b"edited by somebody else")
    with pytest.raises(UserError, match=r"b\.py: changed while"):
        replace_files({first: (b"old", b"new"), second: (b"old", b"new")})
    assert first.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "b.py"]


def test_nothing_is_replaced_if_one_file_is_gone(tmp_path):
    first = tmp_path / "a.py"
    first.write_bytes(b"old")
    with pytest.raises(UserError, match=r"b\.py: cannot be written"):
        replace_files({first: (b"old", b"new"), tmp_path / "b.py": (b"old", b"new")})
    assert first.read_bytes() == b"old"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"a = 1\r\nb = 2", id="CRLF"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", id="BOM"),
        pytest.param(b"# -*- coding: latin-1 -*-\n# \xe9\n", id="latin-1"),
        pytest.param(b"# coding: shift_jis\n# \x83\x5c\n", id="Shift JIS"),
        pytest.param(b"", id="empty"),
    ],
)
def test_decode_and_encode(raw):
    text, encoding = decode(raw)
    assert encoding.encode(text) == raw
