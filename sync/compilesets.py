"""Compare what a wrapper's build files compile with what upstream's build does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from . import formats
from .layouts import Output
from .subject import Subject, Upstream


@dataclass(frozen=True, slots=True)
class CompileSets:
    """The files of one upstream that one output compiles in a build, and those wanted."""

    output: Output
    upstream: Upstream
    build: str
    found: frozenset[str]
    wanted: frozenset[str]


def compile_sets(
    subject: Subject, new: Mapping[PurePosixPath, bytes] | None = None
) -> Iterator[CompileSets]:
    """Yield the sets of every output, upstream and build; `new` are texts not written yet."""
    for output in subject.layout.outputs:
        path = subject.wrapper.root / output.path
        text = (new or {}).get(output.path)
        if text is None:
            if not path.is_file():
                continue
            text = path.read_bytes()
        form = formats.load(output.format)
        for upstream in subject.listed(output):
            lists = subject.lists(output, upstream)
            for build, found in form.compiled(text, lists, output.options).items():
                wanted = formats.compilable(output.format, lists.compiled[build])
                yield CompileSets(output, upstream, build, found, wanted)
