"""What the commands say on stderr about a run."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .changes import SEVERITIES

if TYPE_CHECKING:
    from .migration import Outcome

NOTHING, FOUND, FAILED = 0, 1, 2


def print_reviews(outcomes: "Sequence[Outcome]") -> None:
    """Say what is left to a person."""
    for outcome in outcomes:
        for finding in outcome.findings:
            if finding.action != "edited":
                place = f"{outcome.file.name}:{finding.line}"
                print(
                    f"{place}: {finding.action}: {finding.reason} [{finding.recipe}]",
                    file=sys.stderr,
                )


def print_errors(outcomes: "Sequence[Outcome]") -> int:
    """Say which files could not be read; return how many."""
    failed = [outcome for outcome in outcomes if outcome.error]
    for outcome in failed:
        print(f"error: {outcome.file.name}: {outcome.error}", file=sys.stderr)
    if failed:
        print(f"{count(len(failed), 'file')} could not be read", file=sys.stderr)
    return len(failed)


def print_changes(outcomes: "Sequence[Outcome]", *, written: bool) -> None:
    """Say how many files were changed, or would be, and how many places are left."""
    changed = sum(outcome.changed for outcome in outcomes)
    verb = "changed" if written or not changed else "would change"
    print(f"{verb} {count(changed, 'file')}", file=sys.stderr)
    left = [f for o in outcomes for f in o.findings if f.action != "edited"]
    if left:
        found = Counter(finding.severity for finding in left)
        parts = [f"{found[each]} {each}" for each in SEVERITIES if found[each]]
        places = count(len(left), "place")
        print(f"{places} left to review: {', '.join(parts)}", file=sys.stderr)


def print_summary(outcomes: "Sequence[Outcome]") -> int:
    """Say how many places were found of each severity; return how many in all."""
    found = Counter(f.severity for outcome in outcomes for f in outcome.findings)
    parts = [f"{found[each]} {each}" for each in SEVERITIES if found[each]]
    total = count(found.total(), "place")
    print(
        f"found {total}" + (f": {', '.join(parts)}" if parts else ""), file=sys.stderr
    )
    return found.total()


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
