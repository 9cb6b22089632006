"""Reading source files."""

import pytest

from mlxport.codemods.source import decode


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
