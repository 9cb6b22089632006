"""A unified diff that `git apply` takes."""

from collections.abc import Sequence

from moreorless import unified_diff

from ..migration import Outcome
from ..source import decode

# str.splitlines() ends a line at these, a patch does not.
_INNER = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
# Unicode keeps these from ever being characters, so no text holds them.
_STAND_INS = {ord(char): 0xFDD0 + i for i, char in enumerate(_INNER)}
_ORIGINALS = {stand_in: char for char, stand_in in _STAND_INS.items()}
_RETURN = "\ufdef"


def render(outcomes: Sequence[Outcome]) -> bytes:
    """Return the diff of all files, each in the encoding of its file."""
    return b"".join(_diff(outcome) for outcome in outcomes if outcome.changed)


def _diff(outcome: Outcome) -> bytes:
    before, encoding = decode(outcome.before)
    after, _ = decode(outcome.after)
    mark = "\ufeff" if encoding.mark else ""
    name = _quoted(outcome.file.name)
    text = unified_diff(_protected(mark + before), _protected(mark + after), "NAME")
    header, _, body = text.partition("@@")
    header = header.replace("a/NAME", name.replace("\0", "a/"))
    header = header.replace("b/NAME", name.replace("\0", "b/"))
    body = body.translate(_ORIGINALS).replace(_RETURN, "\r")
    return header.encode("utf-8", "surrogateescape") + ("@@" + body).encode(
        encoding.codec
    )


def _protected(text: str) -> str:
    text = text.replace("\r\n", "\n\0").replace("\r", _RETURN).replace("\n\0", "\r\n")
    return text.translate(_STAND_INS)


def _quoted(name: str) -> str:
    """Return a path as git writes it, with \\0 where `a/` or `b/` goes."""
    if any(char in name for char in '"\\\t\n'):
        for char, escape in (
            ("\\", "\\\\"),
            ('"', '\\"'),
            ("\t", "\\t"),
            ("\n", "\\n"),
        ):
            name = name.replace(char, escape)
        return f'"\0{name}"'
    # A tab ends a name that has a space in it.
    return f"\0{name}" + ("\t" if " " in name else "")
