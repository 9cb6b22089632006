"""Render every output of a wrapper, proven to compile exactly what was derived."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from . import formats
from .config import NAME, Config, Output
from .lock import WrapperLists
from .vendoring import Brought

# What is compiled of each upstream in each configuration.
Derived = Mapping[str, Mapping[str, WrapperLists]]


def rendered(
    root: Path, config: Config, brought: Mapping[str, Brought], derived: Derived
) -> dict[PurePosixPath, bytes]:
    """Return each output's new bytes; raises UserError where one would compile otherwise."""
    found = {}
    for output in config.outputs:
        form = formats.load(output.format)
        parts = [
            _lists(root, output, brought[name], derived) for name in output.upstreams
        ]
        text = current(root / output.path)
        for lists in parts:
            text = form.render(text, lists, output.options)
        assert text is not None
        for lists in parts:
            _prove(output, lists, form.compiled(text, lists, output.options))
        found[output.path] = text
    return found


def current(path: Path) -> bytes | None:
    """Return what a file holds, or None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"cannot be read: {reason}", where=str(path)) from None


def _lists(root: Path, output: Output, one: Brought, derived: Derived) -> formats.Lists:
    configurations = {}
    for name, lists in derived[one.upstream.name].items():
        # The upstreams of an output are one program, and what one defines holds in it.
        together = {
            define
            for other in output.upstreams
            for define in derived[other][name].defines
        }
        configurations[name] = replace(lists, defines=tuple(sorted(together)))
    return formats.Lists(
        wrapper=root,
        path=output.path,
        folder=one.upstream.folder,
        files=one.paths,
        configurations=configurations,
    )


def _prove(
    output: Output, lists: formats.Lists, found: Mapping[str, frozenset[str]]
) -> None:
    for name, paths in lists.compiled.items():
        wanted = formats.compilable(output.format, paths)
        if differing := sorted(wanted ^ found[name]):
            raise UserError(
                f"in {name} this would {'not ' * (differing[0] in wanted)}compile "
                f"{differing[0]}, unlike upstream ({len(differing)} such files)",
                where=str(output.path),
                hint="look for an entry written by hand that holds the file, or drop "
                f"the file in {NAME}",
            )
