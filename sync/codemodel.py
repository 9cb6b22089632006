"""Read the targets of a configured tree from CMake's File API (codemodel version 2)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cmake import Run, read_json


@dataclass(frozen=True, slots=True)
class TargetSource:
    """A file of a target, the language it is compiled as ("" if it is not), who added it.

    `path` is as `Run.named` gives it.
    """

    path: str
    language: str
    origin: str


@dataclass(frozen=True, slots=True)
class Target:
    """A target: its sources, the defines and the standard of its C++, what it needs."""

    name: str
    type: str
    sources: tuple[TargetSource, ...]
    defines: frozenset[str]
    standard: str
    needs: tuple[str, ...]


def targets(run: Run) -> dict[str, Target]:
    """Return the targets by name."""
    index = read_json(max(run.reply.glob("index-*.json")))
    file = index["reply"]["codemodel-v2"]["jsonFile"]
    model = read_json(run.reply / file)
    listed = model["configurations"][0]["targets"]
    names = {target["id"]: target["name"] for target in listed}
    found = {}
    for entry in listed:
        document = read_json(run.reply / entry["jsonFile"])
        found[entry["name"]] = _target(document, names, run)
    return found


def _target(document: dict[str, Any], names: dict[str, str], run: Run) -> Target:
    groups = document.get("compileGroups", [])
    cxx = [group for group in groups if group["language"] == "CXX"]
    return Target(
        name=document["name"],
        type=document["type"],
        sources=tuple(_sources(document, groups, run)),
        defines=frozenset(
            run.named(define["define"])
            for group in cxx
            for define in group.get("defines", [])
        ),
        standard=max(
            (g["languageStandard"]["standard"] for g in cxx if "languageStandard" in g),
            default="",
            key=lambda standard: (int(standard) < 98, int(standard)),
        ),
        needs=tuple(names[d["id"]] for d in document.get("dependencies", [])),
    )


def _sources(
    document: dict[str, Any], groups: list[dict[str, Any]], run: Run
) -> Iterator[TargetSource]:
    graph = document["backtraceGraph"]
    for source in document.get("sources", []):
        group = source.get("compileGroupIndex")
        yield TargetSource(
            path=run.named(os.path.normpath(run.tree / source["path"])),
            language="" if group is None else groups[group]["language"],
            origin=_origin(graph, source.get("backtrace"), run.tree),
        )


def _origin(graph: dict[str, Any], node: int | None, tree: Path) -> str:
    """Return the line of the tree that asked for a source.

    Inside a function of upstream that is the call of the function, which says more than
    the one target_sources in its body.
    """
    origin = ""
    while node is not None:
        step = graph["nodes"][node]
        file = Path(os.path.join(tree, graph["files"][step["file"]]))
        command = graph["commands"][step["command"]] if "line" in step else ""
        # The prelude may be what adds a folder, for FetchContent.
        if origin and command in ("add_subdirectory", "include"):
            break
        if command and file.is_relative_to(tree):
            origin = f"{file.relative_to(tree).as_posix()}:{step['line']}"
        node = step.get("parent")
    return origin
