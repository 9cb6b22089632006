"""`mlxport sync check`: arguments and printing."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

if TYPE_CHECKING:
    from .findings import Finding

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EPILOG = """\
examples:
  mlxport sync check                         in a wrapper; exit code 1 on drift
  mlxport sync check --to v0.32.1            what the next version would break
  mlxport sync check --upstream mlx=~/mlx --format sarif > mlxport.sarif

A wrapper is known by its mlxport.toml, or without one by its form: a Package.swift with
the submodule Source/Cmlx/mlx. Submodules need not be checked out.

exit codes: 0 clean, 1 drift, 2 bad input
"""


def register(commands: "Commands") -> None:
    """Add `check` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "check",
        help="find where a wrapper has drifted from its upstream",
        description="Compare a wrapper's build files, lists, generated and vendored files "
        "with what\nupstream's own build says. Nothing is written without --fix.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--wrapper",
        type=Path,
        default=Path("."),
        metavar="PATH",
        help="the wrapper's folder (the current one)",
    )
    parser.add_argument(
        "--to",
        metavar="REF",
        help="look at upstream's tag, branch or commit instead of the one pinned",
    )
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        metavar="NAME=PATH_OR_URL",
        help="where to read an upstream, instead of where the wrapper says; may be "
        "repeated",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="(text)",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="bring the build files' lists, defines and standard up to date",
    )
    parser.set_defaults(handler=_check)


def _check(args: argparse.Namespace) -> int:
    from . import checks, repair, reports
    from .subject import examined

    if args.fix and args.to:
        raise UserError(
            "--fix repairs a wrapper at its own pin, and --to looks at another revision",
            hint=f"mlxport sync update --to {args.to}",
        )
    with examined(args.wrapper, args.to, _locations(args.upstream)) as subject:
        with step("checking"):
            found = checks.find(subject)
        before = len(found)
        if args.fix and any(finding.fixable for finding in found):
            with step("repairing"):
                repair.write(subject, repair.repaired(subject, found))
                found = checks.find(subject.renewed())
        folder = subject.wrapper.root.relative_to(subject.wrapper.repository)
    fixed, rules = before - len(found), len(checks.names())
    if args.to:
        # The update is what repairs them then.
        found = tuple(replace(finding, fixable=False) for finding in found)
    if args.format in ("sarif", "github"):
        # These are read by services that know the repository only.
        found = tuple(replace(f, path=str(folder / f.path)) for f in found)
    report = reports.load(args.format).render(found)
    if report:
        print(report)
    print(_told(found, rules, fixed), file=sys.stderr)
    return int(bool(found) or bool(fixed))


def _locations(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, location = pair.partition("=")
        if not equals or not name or not location:
            raise UserError(
                f"{pair!r} is not NAME=PATH_OR_URL",
                hint="for example: --upstream mlx=../mlx",
            )
        found[name] = location
    return found


def _told(found: "tuple[Finding, ...]", rules: int, fixed: int) -> str:
    repaired = f", {fixed} repaired" if fixed else ""
    if not found:
        return f"clean: nothing found by {rules} checks{repaired}"
    can = sum(finding.fixable for finding in found)
    fixable = f", {can} of them --fix can repair" if can else ""
    plural = "s" * (len(found) != 1)
    return f"{len(found)} mistake{plural}{fixable}{repaired}"
