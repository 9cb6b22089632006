"""What a recipe asks for: edits of a source text, and places left to a person."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

BREAKS = "breaks now"
NEEDED = "needed for mxfp4, mxfp8 and nvfp4"
DEPRECATED = "deprecated"
SEVERITIES = (BREAKS, NEEDED, DEPRECATED)


@dataclass(frozen=True)
class Edit:
    """Replace `text[start:end]`; an edit with `start == end` inserts."""

    start: int
    end: int
    text: str
    # An argument or parameter: the line that holds it may be broken when it grows too long.
    breakable: bool = False


@dataclass(frozen=True, order=True)
class Note:
    """A place to look at: `line` counts from 1 in the text the recipe was given."""

    line: int
    reason: str
    # How much it matters, where that is not what the recipe says of itself.
    severity: str = ""
    # Nothing is wrong at this place: a migration says so, a check need not.
    informs: bool = False


@dataclass
class Rewrite:
    """The outcome of one recipe on one file."""

    edits: list[Edit] = field(default_factory=list)
    # What the edits do, place by place.
    done: list[Note] = field(default_factory=list)
    # What is left to a person.
    notes: list[Note] = field(default_factory=list)


class Overlap(Exception):
    """Two edits want the same characters."""


def ordered(edits: Iterable[Edit]) -> list[Edit]:
    """Sort edits by place, dropping repeated ones; raise `Overlap` if two collide."""
    # dict: insertions at one place stay in the order they were asked for.
    result = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for before, after in itertools.pairwise(result):
        if after.start < before.end:
            raise Overlap(f"edits collide at offset {after.start}")
    return result


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, list[int]]:
    """Return the edited text, and where each breakable edit ended up in it."""
    pieces: list[str] = []
    places: list[int] = []
    done = length = 0
    for edit in ordered(edits):
        kept = text[done : edit.start]
        length += len(kept)
        if edit.breakable:
            places.append(length + len(edit.text) - len(edit.text.lstrip(", \t\r\n")))
        pieces += [kept, edit.text]
        length += len(edit.text)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces), places
