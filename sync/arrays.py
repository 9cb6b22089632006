"""Change the entries of a Swift array and leave all else of it as its author wrote it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mlxport.cli.errors import UserError

from .swift import Array, Element


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


def apply_edits(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Return `source` with all edits made; they must not overlap."""
    for edit in sorted(edits, reverse=True):
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
    return source


def array_edits(
    source: bytes,
    array: Array,
    remove: Collection[Element],
    add: Sequence[str],
    name: str,
) -> Iterator[Edit]:
    """Yield the edits that take entries out of an array and put others in.

    A new entry goes beside the one it shares the most folders with. A removed entry takes
    the comment on its own line along; comments on lines of their own stay.
    """
    if not remove and not add:
        return
    if not all(_alone(source, element) for element in array.elements) or (
        add and not array.elements
    ):
        yield _rewritten(source, array, remove, add, name)
        return
    for element in array.elements:
        if element in remove:
            yield Edit(*_line(source, element), "")
    indent = source[_line(source, array.elements[0])[0] : array.elements[0].start]
    end = _newline(source)
    # Edits at one place would be made in no certain order, so they are joined.
    places: dict[int, list[str]] = {}
    for value in sorted(add):
        places.setdefault(_place(source, array, value), []).append(
            f"{indent.decode()}{_spelt(value)},{end}"
        )
    for place, lines in places.items():
        yield Edit(place, place, "".join(lines))
    last = array.elements[-1]
    if add and last.after == last.end and last not in remove:
        yield Edit(last.end, last.end, ",")


def _spelt(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _newline(source: bytes) -> str:
    return "\r\n" if b"\r\n" in source else "\n"


def _alone(source: bytes, element: Element) -> bool:
    start, end = _line(source, element)
    behind = source[element.after : end].strip()
    return not source[start : element.start].strip() and (
        not behind or behind.startswith(b"//")
    )


def _line(source: bytes, element: Element) -> tuple[int, int]:
    start = source.rfind(b"\n", 0, element.start) + 1
    end = source.find(b"\n", element.after) + 1
    return start, end or len(source)


def _place(source: bytes, array: Array, value: str) -> int:
    """Return the offset of the line before which the new entry goes."""
    shared = {e: _shared_folders(e.value, value) for e in array.elements}
    nearest = [e for e in array.elements if shared[e] == max(shared.values())]
    smaller = [element for element in nearest if element.value < value]
    if smaller:
        return _line(source, max(smaller, key=lambda e: e.value))[1]
    return _line(source, min(nearest, key=lambda e: e.value))[0]


def _shared_folders(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _rewritten(
    source: bytes,
    array: Array,
    remove: Collection[Element],
    add: Sequence[str],
    name: str,
) -> Edit:
    """Return the edit that writes an array of several entries a line anew."""
    if array.has_comments:
        line = source.count(b"\n", 0, array.start) + 1
        raise UserError(
            "an array with comments has several entries on a line",
            where=f"{name}:{line}",
            hint="put each entry on a line of its own",
        )
    start = source.rfind(b"\n", 0, array.start) + 1
    line_text = source[start : array.start].decode()
    indent = line_text[: len(line_text) - len(line_text.lstrip())]
    kept = [e.value for e in array.elements if e not in remove]
    end = _newline(source)
    entries = "".join(
        f"{indent}    {_spelt(value)},{end}" for value in [*kept, *sorted(add)]
    )
    text = f"[{end}{entries}{indent}]" if entries else "[]"
    return Edit(array.start, array.end, text)
