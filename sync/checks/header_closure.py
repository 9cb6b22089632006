"""A header that the public headers include is not among those the wrapper publishes."""

from collections.abc import Iterator

from ..findings import Finding
from ..includes import closure
from ..scriptlists import HEADERS, script_lists
from ..subject import Subject

READS = "header lists in scripts, and the includes of upstream's headers"
UMBRELLA = "mlx.h"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the headers that a list lacks, and those that upstream does not have."""
    upstream = subject.main
    source = upstream.root / upstream.pin.name
    for known in script_lists(subject, HEADERS):
        listed = {n: line for n, line in known.items if (source / n).is_file()}
        # A list of other headers is none of this upstream's.
        if 2 * len(listed) <= len(known.items):
            continue
        reached = closure(upstream.root, source, (UMBRELLA, *listed))
        for name, by in sorted(reached.items()):
            if name not in listed and name != UMBRELLA:
                yield Finding(
                    known.path,
                    known.line,
                    "header-closure",
                    name,
                    f"does not list {name}, which {by} includes",
                    "add it: whoever includes the package's headers cannot compile",
                )
        for name, line in known.items:
            if name not in listed:
                yield Finding(
                    known.path,
                    line,
                    "header-closure",
                    name,
                    f"lists {name}, which upstream does not have",
                    "take it out: copying it fails",
                )
