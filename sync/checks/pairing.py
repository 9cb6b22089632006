"""Two upstreams of the wrapper do not belong together."""

import re
from collections.abc import Iterator

from mlxport.cli.errors import UserError

from .. import upstream
from ..findings import Finding
from ..subject import Subject, Upstream

READS = "what each upstream's CMake fetches of the others, and the revisions pinned"
FETCHED = re.compile(
    r"GIT_REPOSITORY\s+\"?(?P<url>[^\s\"]+)\"?\s+GIT_TAG\s+\"?(?P<ref>[^\s\")]+)"
)


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the upstreams that ask for another revision of one that is carried."""
    for asking in subject.upstreams:
        for dependency in sorted(
            {d for b in asking.builds.values() for d in b.dependencies}
        ):
            carried = _named(subject, dependency.name)
            if carried and carried != asking and _differs(carried, dependency.ref):
                yield Finding(
                    *asking.pin.where,
                    "pairing",
                    f"{asking.pin.name} {carried.pin.name}",
                    f"{asking.pin.name} {asking.shown} is made for "
                    f"{carried.pin.name} {dependency.ref}, and {carried.shown} is "
                    "carried",
                    f"take the {asking.pin.name} that is made for {carried.shown}, or "
                    f"{carried.pin.name} {dependency.ref}",
                )
    yield from _own_build(subject)


def _own_build(subject: Subject) -> Iterator[Finding]:
    """Yield what the wrapper's own CMake fetches in another revision than is carried."""
    path = "CMakeLists.txt"
    if path not in subject.files:
        return
    text = subject.text(path)
    for match in FETCHED.finditer(text):
        name = match["url"].rstrip("/").rpartition("/")[2].removesuffix(".git")
        carried = _named(subject, name)
        if carried and _differs(carried, match["ref"]):
            yield Finding(
                path,
                text.count("\n", 0, match.start("ref")) + 1,
                "pairing",
                name,
                f"fetches {name} {match['ref']}, and {carried.shown} is carried",
                "fetch the revision that is carried",
            )


def _named(subject: Subject, name: str) -> Upstream | None:
    return next((u for u in subject.upstreams if u.pin.name == name), None)


def _differs(carried: Upstream, ref: str) -> bool:
    if ref in (carried.revision.ref, carried.revision.commit):
        return False
    try:
        location = carried.revision.location
        return upstream.resolve(location, ref).commit != carried.revision.commit
    except UserError:
        # A revision that is not even known there is another one.
        return True
