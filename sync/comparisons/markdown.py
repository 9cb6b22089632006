"""Markdown for a pull request or a changelog."""

from collections.abc import Iterable, Iterator, Sequence

from ..apichanges import ADDED, REMOVED
from ..comparison import ApiChange, Comparison, Items

# A list that is longer is folded, so that it does not hide what follows.
FOLDED = 12
BREAKING = "Breaking changes"


def render(comparison: Comparison) -> str:
    """Return a table of the configurations, their lists, and the API's changes."""
    lines = [f"## {comparison.before.ref} → {comparison.after.ref}", ""]
    lines += _table(comparison)
    lines += _lists(comparison)
    lines += _api(BREAKING, (c for c in comparison.api if c.change.breaking))
    kept = [c for c in comparison.api if not c.change.breaking]
    changed = [c for c in kept if c.change.kind != ADDED]
    lines += _api("Changes", (c for c in changed if not _types_only(c)))
    lines += _api("Types only", filter(_types_only, changed))
    lines += _api("Added", (c for c in kept if c.change.kind == ADDED))
    if not comparison:
        lines.append("Nothing changed.")
    return "\n".join(lines).rstrip()


def _table(comparison: Comparison) -> Iterator[str]:
    """Yield one row for each configuration that changed."""
    changed = [c for c in comparison.configurations if c]
    if not changed:
        return
    titles = [items.title for items in changed[0].items]
    yield f"| configuration | {' | '.join(titles)} | C++ standard |"
    yield "|---" * (len(titles) + 2) + "|"
    for configuration in changed:
        cells = [
            f"+{len(items.added)} -{len(items.removed)}" if items else ""
            for items in configuration.items
        ]
        before, after = configuration.standard
        cells.append(f"{before} → {after}" if before != after else after)
        yield f"| {configuration.name} | {' | '.join(cells)} |"
    yield ""


def _lists(comparison: Comparison) -> Iterator[str]:
    """Yield each list once, with the configurations that it is the same in."""
    found: dict[Items, list[str]] = {}
    for configuration in comparison.configurations:
        for items in filter(None, configuration.items):
            found.setdefault(items, []).append(configuration.name)
    for items, names in found.items():
        title = f"{items.title[0].upper()}{items.title[1:]} ({', '.join(names)})"
        rows = [f"- added {_code(item)}" for item in items.added]
        rows += [f"- removed {_code(item)}" for item in items.removed]
        yield from _section(title, rows)


def _section(title: str, rows: Sequence[str]) -> Iterator[str]:
    if len(rows) > FOLDED and title != BREAKING:
        yield f"<details><summary>{title}: {len(rows)}</summary>"
        yield from ("", *rows, "", "</details>", "")
    else:
        yield from (f"### {title}", "", *rows, "")


def _api(title: str, found: Iterable[ApiChange]) -> Iterator[str]:
    rows: dict[str, int] = {}
    for change in found:
        row = "\n".join(_row(change))
        rows[row] = rows.get(row, 0) + 1
    if rows:
        # Overloads are told apart by types, which are not shown here.
        counted = (f"{row} ({n} of them)" if n > 1 else row for row, n in rows.items())
        yield from _section(title, list(counted))


def _types_only(found: ApiChange) -> bool:
    return all(detail.kind == "type changed" for detail in found.change.details)


def _row(found: ApiChange) -> Iterator[str]:
    change = found.change
    said = ", ".join(
        f"{detail.kind} {_code(detail.about)}" if detail.about else detail.kind
        for detail in change.details
    )
    word = f" {change.kind}" if change.kind == REMOVED else ""
    yield f"- {change.surface}: {_code(change.name)}{word}{f': {said}' * bool(said)}"
    if found.recipes:
        yield f"  - migrated by {', '.join(map(_code, found.recipes))}"


def _code(text: str) -> str:
    """Return text as code; what is between longer fences may hold backticks."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
