"""Find the commit that a user's name for a revision stands for."""

import difflib
import re
from collections.abc import Mapping

from mlxport.cli.errors import UserError

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
KINDS = ("refs/tags/", "refs/heads/", "refs/remotes/origin/")


def parse(lines: str) -> dict[str, str]:
    """Map each tag and branch, by its full name, to the commit it leads to.

    A line is `COMMIT NAME`; where there is a `NAME^{}`, that is what an annotated tag tags.
    """
    refs = {}
    for line in lines.splitlines():
        commit, _, name = line.replace("\t", " ").partition(" ")
        if commit and name.startswith(KINDS):
            refs[name.removesuffix("^{}")] = commit
    return refs


def find(ref: str, refs: Mapping[str, str]) -> str | None:
    """Return the full name of a tag or, where no tag has the name, of a branch."""
    return next((s + ref for s in (*KINDS, "") if s + ref in refs), None)


def unknown(ref: str, refs: Mapping[str, str], where: str) -> UserError:
    """Return the error for a name that is none of `refs`, with the nearest that are."""
    names = {n.removeprefix(kind) for n in refs for kind in KINDS if n.startswith(kind)}
    # Of equally near names the newest version is the likelier one.
    near = difflib.get_close_matches(ref, sorted(names, reverse=True), n=3, cutoff=0.5)
    if re.fullmatch(r"[0-9a-f]{7,39}", ref):
        hint = "a commit is named by all its 40 digits"
    elif near:
        hint = f"did you mean {', '.join(near)}?"
    else:
        hint = f"it has: {', '.join(sorted(names)[:10]) or 'no tag and no branch'}"
    return UserError(f"no tag, branch or commit {ref!r}", where=where, hint=hint)
