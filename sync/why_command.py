"""`mlxport sync why`: arguments and printing."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    from .config import Config
    from .configuration import Configuration
    from .upstream import Revision
    from .why import Reason

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EPILOG = """\
examples:
  mlxport sync why mlx/io/gguf.cpp             in a wrapper that has an mlxport.toml
  mlxport sync why mlx/backend/metal/fence.cpp --config linux-cpu \\
      --upstream https://github.com/ml-explore/mlx --ref v0.31.1
"""


def register(commands: "Commands") -> None:
    """Add `why` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "why",
        help="say why a file of upstream is compiled, or why it is not",
        description="Say for each configuration which line of upstream's lists has a file "
        "compiled,\nwhich condition keeps it out, or which choice of the wrapper does.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "path", help="a file of upstream, or the name of one that its build makes"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--wrapper",
        type=Path,
        default=Path("."),
        metavar="PATH",
        help="the folder with mlxport.toml (the current one)",
    )
    source.add_argument(
        "--upstream",
        metavar="PATH_OR_URL",
        help="without a wrapper: upstream's git repository",
    )
    parser.add_argument(
        "--ref",
        help="a tag, a branch or a full commit name (the one the wrapper is at)",
    )
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="NAME",
        help="a configuration; may be repeated (all)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a parameter or option of the configurations; may be repeated",
    )
    parser.set_defaults(handler=_why)


def _why(args: argparse.Namespace) -> int:
    from . import configuration, upstream

    changed = configuration.settings(args.set)
    if args.upstream:
        if not args.ref:
            raise UserError("--upstream needs a revision", hint="name one with --ref")
        with step(f"reading {args.ref}"):
            revision = upstream.resolve(args.upstream, args.ref)
        chosen = configuration.load(args.config, changed)
        _print(revision, args.path, _explained(revision, args.path, chosen))
        return 0
    from .config import read_config

    config = read_config(args.wrapper)
    revision = _revision(config, args.wrapper, args.ref)
    path = _in_upstream(args.path, config, args.wrapper)
    wanted = _wanted(config, args.config, changed)
    found = _explained(revision, path, wanted, config)
    _print(revision, path, found)
    return 0


def _revision(config: "Config", wrapper: Path, ref: str | None) -> "Revision":
    """Return the revision named, or the one that the wrapper is at."""
    from . import upstream
    from .lock import read_lock

    lock = read_lock(wrapper)
    if lock is None and ref is None:
        raise UserError(
            "the wrapper is at no revision yet",
            where=str(wrapper),
            hint="run `mlxport sync update`, or name a revision with --ref",
        )
    with step("looking up the revision"):
        if lock is None or ref is not None:
            return upstream.resolve(config.upstream.location, str(ref))
        found = upstream.resolve(config.upstream.location, lock.main.commit)
        return replace(found, ref=lock.main.ref)


def _in_upstream(path: str, config: "Config", wrapper: Path) -> str:
    """Return a path as upstream has it; it may be given as the wrapper has it."""
    folder = (wrapper / config.upstream.folder).resolve()
    for given in (wrapper / path, Path(path)):
        if given.resolve().is_relative_to(folder):
            return given.resolve().relative_to(folder).as_posix()
    return path


def _wanted(
    config: "Config", names: list[str], changed: dict[str, str]
) -> "list[Configuration]":
    from . import configuration
    from .derivation import located

    known = [wanted.name for wanted in config.configurations]
    for name in names:
        if name not in known:
            raise UserError(
                f"the wrapper has no configuration {name!r}",
                where=str(config.table.path),
                hint=f"it has: {', '.join(known)}",
            )
    return [
        loaded
        for wanted in config.configurations
        if not names or wanted.name in names
        for loaded in configuration.load(
            [located(config, wanted.name)],
            {**config.upstream.choices.options, **wanted.choices.options, **changed},
        )
    ]


def _explained(
    revision: "Revision",
    path: str,
    configurations: "list[Configuration] | tuple[Configuration, ...]",
    config: "Config | None" = None,
) -> "dict[str, Reason]":
    from . import upstream, why
    from .choices import chosen_otherwise
    from .mentions import read_lists
    from .temporary import temporary_folder

    path = path.removeprefix("./")
    found: dict[str, Reason] = {}
    with temporary_folder() as folder:
        tree = folder / "tree"
        with step(f"reading the files of {revision.ref}"):
            upstream.materialise(revision, tree)
            lists = read_lists(tree)
        known = [entry.path for entry in upstream.entries(revision)]
        if any(other.startswith(f"{path.rstrip('/')}/") for other in known):
            raise UserError("is a folder", where=path, hint="name one of its files")
        for configuration in configurations:
            with step(f"evaluating {configuration.name}"):
                reason = why.explain(tree, lists, configuration, path)
            if reason and config:
                reason = chosen_otherwise(reason, path, config, configuration)
            if reason:
                found[configuration.name] = reason
    if not found:
        raise why.unknown(path, known)
    absent = why.Reason("out", ("it is not made in this configuration",))
    return {c.name: found.get(c.name, absent) for c in configurations}


def _print(revision: "Revision", path: str, found: "dict[str, Reason]") -> None:
    print(f"{path} at {revision.ref} ({revision.commit[:12]})")
    alike: dict[Reason, list[str]] = {}
    for name in sorted(found):
        alike.setdefault(found[name], []).append(name)
    for reason, names in alike.items():
        print(f"{', '.join(names)}: {reason.verdict}")
        for line in reason.because:
            print(f"  {line}")
