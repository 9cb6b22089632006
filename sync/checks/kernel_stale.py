"""A kernel or generated source is listed that upstream's build does not have any more."""

from collections.abc import Iterator

from ..findings import Finding
from ..kernellists import kernel_lists
from ..subject import Subject

READS = "kernel lists and make targets in scripts, copied kernels, generated sources"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the names that a list has and upstream's build has not."""
    for known in kernel_lists(subject):
        for name in sorted(known.found.keys() - known.wanted):
            yield Finding(
                *known.found[name],
                "kernel-stale",
                name,
                f"has the {known.what} {name}, which upstream's build does not have",
                "take it out: it is gone, or compiled another way by now",
            )
