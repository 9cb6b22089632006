"""A vendored dependency is older than the one upstream fetches."""

import re
from collections.abc import Iterator

from ..filelists import Dependency
from ..findings import Finding
from ..subject import Subject
from ..vendoredversions import asked, spelt, vendored

READS = (
    "the versions in vendored headers, notes on them, and what upstream's CMake fetches"
)


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the copies that are older, and notes that name another archive."""
    dependencies = {
        d for u in subject.upstreams for b in u.builds.values() for d in b.dependencies
    }
    for dependency in sorted(dependencies):
        wanted = asked(dependency)
        copies = list(vendored(subject, dependency.name))
        for copy in copies:
            if wanted and copy.version[: len(wanted)] < wanted:
                yield Finding(
                    copy.path,
                    copy.line,
                    "vendored-dependency",
                    dependency.name,
                    f"{dependency.name} is {spelt(copy.version)}; upstream fetches "
                    f"{spelt(wanted)}",
                    f"vendor {dependency.url} {dependency.ref}".rstrip(),
                )
        if copies:
            yield from _notes(subject, dependency)


def _notes(subject: Subject, dependency: Dependency) -> Iterator[Finding]:
    """Yield notes that say a vendored copy came from another archive than upstream's."""
    folder, _, archive = dependency.url.rpartition("/")
    if dependency.ref or not archive:
        return
    pattern = re.compile(re.escape(f"{folder}/") + r"([\w.+-]+\.(?:zip|tar\.\w+))")
    for path in subject.files:
        if not path.endswith((".md", ".txt")):
            continue
        text = subject.text(path)
        for match in pattern.finditer(text):
            if match[1] != archive:
                yield Finding(
                    path,
                    text.count("\n", 0, match.start()) + 1,
                    "vendored-dependency",
                    match[1],
                    f"says that {match[1]} is vendored; upstream fetches {archive}",
                    "vendor upstream's, or correct the note",
                )
