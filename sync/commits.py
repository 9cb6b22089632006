"""Commit an update in the wrapper's repository, as one commit with a message of its own."""

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

from .config import NAME
from .upstream import opened
from .wrapper import Wrapper, uncommitted

IDENTITY = ("GIT_AUTHOR_", "GIT_COMMITTER_")


def commit(
    wrapper: Wrapper, written: Sequence[PurePosixPath], message: str
) -> str | None:
    """Commit what an update wrote and return the commit's name, or None if it is there.

    The wrapper's hooks do not run. Raises UserError where git makes no commit of it.
    """
    places = [*written, PurePosixPath(NAME)]
    changed = [PurePosixPath(name) for name in uncommitted(wrapper, places)]
    if not any(name.is_relative_to(place) for name in changed for place in places):
        return None
    identity = {k: v for k, v in os.environ.items() if k.startswith(IDENTITY)}
    paths = [
        str(wrapper.root / place)
        for place in places
        # A submodule has moved in the index, which its folder may be too empty to say.
        if (wrapper.root / place).exists() and not _is_submodule(wrapper, place)
    ]
    try:
        with opened(wrapper.repository) as repo:
            repo.git.update_environment(GIT_LITERAL_PATHSPECS="1", **identity)
            # A vendored file is wanted also where the wrapper ignores files of its name.
            repo.git.add("--all", "--force", "--", *paths)
            repo.git.commit("--quiet", "--no-verify", f"--message={message}")
            return str(repo.git.rev_parse("HEAD"))
    except UserError as error:
        raise UserError(
            f"the update is in place, but not committed: {error.message}",
            where=error.where,
            hint="set this right and run the same command again, or commit it yourself",
        ) from None


def _is_submodule(wrapper: Wrapper, path: PurePosixPath) -> bool:
    with opened(wrapper.repository) as repo:
        listed = repo.git.ls_files("--stage", "--", str(wrapper.root / path))
    return str(listed).startswith("160000 ")
