"""Read which commands of upstream's lists cmake ran, in which folder, and who called them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# What these call lies in another file that has lines of its own to name.
READING = frozenset({"add_subdirectory", "include", "fetchcontent_makeavailable"})


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A command that ran, with its arguments filled in, and the call that it ran in.

    `file` is relative to the tree. A list is one argument, with semicolons.
    """

    command: str
    arguments: tuple[str, ...]
    file: str
    line: int
    depth: int
    caller: "Call | None"

    @property
    def place(self) -> str:
        """Return the line of the command itself."""
        return f"{self.file}:{self.line}"

    @property
    def origin(self) -> str:
        """Return the line that asked for it: of a function of upstream, that of its call."""
        return self._outermost.place

    @property
    def folder(self) -> str:
        """Return the folder whose CMakeLists.txt was being read, "" for the tree's root."""
        call = self._outermost
        while call.caller and call.caller.command == "include":
            call = call.caller._outermost
        parent = PurePosixPath(call.file).parent
        return "" if str(parent) == "." else str(parent)

    @property
    def reader(self) -> "Call | None":
        """Return the call that had the file read in which the call stands."""
        return self._outermost.caller

    @property
    def _outermost(self) -> "Call":
        call = self
        while call.caller and call.caller.command not in READING:
            call = call.caller
        return call


def read_calls(trace: Path, tree: Path) -> Iterator[Call]:
    """Yield the calls of a trace (`--trace-format=json-v1 --trace-expand`), in order."""
    start = f"{tree}/"
    above: list[Call] = []
    for line in trace.read_text("utf-8", "replace").splitlines():
        event = json.loads(line)
        if not event.get("file", "").startswith(start):
            continue
        depth = event["frame"]
        while above and above[-1].depth >= depth:
            above.pop()
        call = Call(
            event["cmd"].lower(),
            tuple(event["args"]),
            event["file"].removeprefix(start),
            event["line"],
            depth,
            above[-1] if above else None,
        )
        above.append(call)
        yield call
