"""Keep what was fetched: one bare repository a commit, and the commit of each tag.

Everything is made in a staging folder and renamed, so that a run that is killed leaves
nothing half done where the next one looks.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from mlxport.cli.errors import UserError

from .gitenvironment import without_password
from .refs import COMMIT

ABANDONED_S = 24 * 3600


class Cache:
    """The part of the cache that belongs to one URL; MLXPORT_CACHE moves the whole."""

    def __init__(self, location: str) -> None:
        root = os.environ.get("MLXPORT_CACHE") or user_cache_path("mlxport")
        path = without_password(location).partition("://")[2].removesuffix(".git")
        name = re.sub(r"\W+", "-", path).strip("-")[-60:]
        digest = hashlib.sha256(location.encode()).hexdigest()[:16]
        self.folder = Path(root).absolute() / "upstreams" / f"{name}-{digest}"

    def repository(self, commit: str) -> Path | None:
        """Return the repository that holds a commit, or None."""
        path = self.folder / "commits" / commit
        return path if path.is_dir() else None

    def commit_of_tag(self, tag: str) -> str | None:
        """Return the commit of a tag that was fetched before, or None."""
        try:
            commit = self._tag(tag).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return commit if COMMIT.fullmatch(commit) else None

    def remember_tag(self, tag: str, commit: str) -> None:
        """Note the commit of a tag, which is taken never to move."""
        with self._writing():
            path = self._tag(tag)
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self.folder, prefix="staging-", delete=False
            ) as file:
                file.write(f"{commit}\n")
            os.replace(file.name, path)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder to fetch into; it is removed unless it was kept."""
        with self._writing():
            (self.folder / "commits").mkdir(parents=True, exist_ok=True)
            self._remove_abandoned()
            with tempfile.TemporaryDirectory(
                dir=self.folder, prefix="staging-", ignore_cleanup_errors=True
            ) as folder:
                yield Path(folder)

    def keep(self, staging: Path, commit: str) -> Path:
        """Make a staging folder the repository of `commit`."""
        path = self.folder / "commits" / commit
        try:
            os.rename(staging, path)
        except OSError:
            # Another run was quicker; what it fetched is the same commit.
            if not path.is_dir():
                raise
        return path

    def _tag(self, tag: str) -> Path:
        return self.folder / "tags" / hashlib.sha256(tag.encode()).hexdigest()[:32]

    def _remove_abandoned(self) -> None:
        for path in self.folder.glob("staging-*"):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserError(
                f"cannot write the cache: {error.strerror or error}",
                where=str(self.folder),
                hint="set MLXPORT_CACHE to a folder that can be written",
            ) from None
