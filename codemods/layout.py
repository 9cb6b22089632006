"""Break the lines that an insertion made too long, as black would."""

import io
import itertools
import re
import tokenize
from collections.abc import Iterable

from .names import NEWLINE

WIDTH = 88
INDENT = 4
_CLOSES = re.compile(r"\s*[)\]}]")


def break_lines(before: str, after: str, places: Iterable[int]) -> str:
    """Break the lines of `after` that hold a place, were not there before and are too long."""
    known = set(NEWLINE.split(before))
    for place in sorted(places, reverse=True):
        start = max(after.rfind("\n", 0, place), after.rfind("\r", 0, place)) + 1
        found = NEWLINE.search(after, place)
        end = found.start() if found else len(after)
        line = after[start:end]
        if len(line) <= WIDTH or line in known:
            continue
        newline = found.group() if found else "\n"
        closes = _CLOSES.match(after, end) is not None
        after = (
            after[:start] + _broken(line, place - start, newline, closes) + after[end:]
        )
    return after


def _broken(line: str, place: int, newline: str, closes: bool) -> str:
    """Return a line broken at the outermost brackets around a place in it."""
    try:
        brackets, commas = _outline(line)
    except (tokenize.TokenError, IndexError, SyntaxError):
        # Brackets that other lines open or close, or a comment: leave the line as it is.
        return line
    indent = line[: len(line) - len(line.lstrip())]
    deeper = indent + ("\t" if "\t" in indent else " " * INDENT)
    around = [(start, end) for start, end in brackets if start < place <= end]
    if around:
        start, end = min(around)
        inner = deeper + line[start + 1 : end].strip().removesuffix(",")
        parts = [inner]
        if len(inner) > WIDTH and commas[start]:
            parts = _listed(line, deeper, [start, *commas[start], end])
        elif len(inner) > WIDTH:
            blank = len(line[start + 1 :]) - len(line[start + 1 :].lstrip())
            place += len(deeper) - (start + 1 + blank)
            parts = [_broken(inner, place, newline, closes=False)]
        return newline.join([line[: start + 1], *parts, indent + line[end:]])
    # The line is all that a pair of brackets around it holds, or the last part of it.
    if closes and commas[None]:
        return newline.join(_listed(line, indent, [-1, *commas[None], len(line)]))
    return line


def _listed(line: str, indent: str, splits: list[int]) -> list[str]:
    pieces = [line[a + 1 : b].strip() for a, b in itertools.pairwise(splits)]
    return [f"{indent}{piece}," for piece in pieces if piece]


def _outline(line: str) -> tuple[list[tuple[int, int]], dict[int | None, list[int]]]:
    """Return the pairs of brackets of a line, and the commas directly inside each."""
    pairs: list[tuple[int, int]] = []
    commas: dict[int | None, list[int]] = {None: []}
    opened: list[int] = []
    comprehensions: set[int | None] = set()
    offset = len(line) - len(line.lstrip())
    for token in tokenize.generate_tokens(io.StringIO(line.lstrip()).readline):
        at = token.start[1] + offset
        if token.type == tokenize.COMMENT:
            raise IndexError(at)
        if token.string == "for" and opened:
            # A comprehension: its commas list nothing.
            comprehensions.add(opened[-1])
        if token.type != tokenize.OP:
            continue
        if token.string in "([{":
            opened.append(at)
            commas[at] = []
        elif token.string in ")]}":
            pairs.append((opened.pop(), at))
        elif token.string == ",":
            commas[opened[-1] if opened else None].append(at)
    return pairs, {at: [] if at in comprehensions else c for at, c in commas.items()}
