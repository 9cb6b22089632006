"""A kernel or generated source that upstream's build needs is not listed."""

from collections.abc import Iterator

from ..findings import Finding
from ..kernellists import kernel_lists
from ..subject import Subject

READS = "kernel lists and make targets in scripts, copied kernels, generated sources"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the names that upstream's build has and a list has not."""
    for known in kernel_lists(subject):
        for name in sorted(known.wanted - known.found.keys()):
            yield Finding(
                *known.place(name),
                "kernel-incomplete",
                name,
                f"lacks the {known.what} {name}, which upstream's build has",
                "add it: without it the package fails to link, or at run time",
            )
