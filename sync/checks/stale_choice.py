"""The wrapper chooses against a file that upstream does not compile any more."""

from collections.abc import Iterator

from ..findings import Finding
from ..subject import Subject

READS = "`drop` and `substitute` of mlxport.toml, and the list derived from upstream"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the choices that change nothing in any build they are for."""
    for upstream in subject.upstreams:
        used = {choice for build in upstream.builds.values() for choice in build.used}
        for choice in upstream.pin.choices:
            # What a layout implies is written nowhere, so nobody could correct it.
            if choice.where is None or (choice.optional and choice not in used):
                continue
            gone = choice.instead and not (upstream.root / choice.instead).is_file()
            if choice in used and not gone:
                continue
            what = (
                f"puts {choice.instead} in place of {choice.path}, but upstream has no "
                "such file"
                if gone
                else f"names {choice.path}, which upstream does not compile"
            )
            yield Finding(
                *choice.where,
                "stale-choice",
                choice.path,
                what,
                "take it out, or name the file that took its place",
            )
