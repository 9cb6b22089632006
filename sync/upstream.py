"""Read upstream's git repository: the only module that runs git.

Objects are read one by one and never checked out, so that no hook, filter or attribute of
a stranger's repository runs.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mlxport.cli.errors import UserError

from . import refs
from .cache import Cache
from .gitenvironment import check_url, explained, without_caller, without_password
from .tree import SUBMODULE, Entry, below, parse_tree, write_tree

try:
    from git import (
        Git,
        GitCommandError,
        InvalidGitRepositoryError,
        NoSuchPathError,
        Repo,
    )
except ImportError:
    raise UserError(
        "there is no git command", hint="install git and put it on PATH"
    ) from None


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit of an upstream whose objects are at hand in `repository`."""

    location: str
    ref: str
    commit: str
    tree: str
    repository: Path


def resolve(location: str, ref: str) -> Revision:
    """Return the commit that a tag, a branch or a full commit name stands for.

    `location` is a folder (a work tree or a bare repository) or an https or file URL. A
    URL is fetched into the cache; a tag or commit found there asks no server again.
    """
    with without_caller():
        if _is_url(location):
            check_url(location)
            repository, commit = _cached(location, ref)
        else:
            repository = _local(location)
            commit = _local_commit(location, repository, ref)
        with opened(repository) as repo:
            tree = str(repo.git.rev_parse("--verify", f"{commit}^{{tree}}"))
    return Revision(without_password(location), ref, commit, tree, repository)


@contextmanager
def opened(repository: Path, location: str | None = None) -> Iterator[Repo]:
    """Open the repository in a folder, apart from the caller's GIT_* variables.

    What git says against a command in the body becomes a UserError at `location`.
    """
    where = location or str(repository)
    with without_caller():
        try:
            with Repo(repository, expand_vars=False) as repo:
                # Without it git looks for a repository itself, and may find another one.
                repo.git.update_environment(GIT_DIR=str(repo.git_dir))
                yield repo
        except (InvalidGitRepositoryError, NoSuchPathError):
            raise UserError("not a git repository", where=where) from None
        except GitCommandError as error:
            raise explained(str(error.stderr), where) from None


def tags(location: str) -> tuple[str, ...]:
    """Return the names of all tags, sorted; a URL is asked each time."""
    with without_caller():
        if _is_url(location):
            check_url(location)
            known = _remote_refs(location)
        else:
            known = _local_refs(_local(location))
    start = "refs/tags/"
    return tuple(sorted(n.removeprefix(start) for n in known if n.startswith(start)))


def has(repository: Path, ref: str) -> bool:
    """Tell whether a repository on disk has a tag, or a commit by its full name."""
    if not refs.COMMIT.fullmatch(ref):
        return f"refs/tags/{ref}" in _local_refs(repository)
    with opened(repository) as repo:
        code, _, _ = repo.git.cat_file(
            "-e", f"{ref}^{{tree}}", with_extended_output=True, with_exceptions=False
        )
    return bool(code == 0)


def entries(revision: Revision) -> tuple[Entry, ...]:
    """Return every file, link and submodule of the tree, sorted by path."""
    with opened(revision.repository) as repo:
        return _entries(repo, revision)


def materialise(
    revision: Revision, folder: Path, under: Sequence[str] = ("",)
) -> tuple[Entry, ...]:
    """Write the tree, or the files and folders of it named in `under`, into `folder`.

    The folder must be new or empty. Returns what was written; raises UserError where a
    path or a link of the tree would leave the folder.
    """
    with opened(revision.repository, revision.location) as repo:
        wanted = below(_entries(repo, revision), under)
        if _is_url(revision.location):
            blobs = [entry.object for entry in wanted if entry.mode != SUBMODULE]
            _fetch_missing(repo, revision, blobs)
        try:
            write_tree(folder, wanted, lambda objects: _read(repo, revision, objects))
        except OSError as error:
            raise UserError(
                f"cannot write the tree: {error.strerror or error}", where=str(folder)
            ) from None
    return wanted


def _is_url(location: str) -> bool:
    return "://" in location


def _local(location: str) -> Path:
    path = Path(location).expanduser()
    if not path.exists():
        url = re.match(r"[\w.-]+(@[\w.-]+)?:", location)
        raise UserError(
            "no such folder" + (", and only https and file URLs are read" * bool(url)),
            where=location,
        )
    if not path.is_dir():
        raise UserError("is a file, not a git repository", where=location)
    with opened(path.resolve(), location) as repo:
        return Path(repo.git_dir)


def _local_refs(repository: Path) -> dict[str, str]:
    with opened(repository) as repo:
        return refs.parse(
            repo.git.for_each_ref(
                "--format=%(objectname) %(refname)\n%(*objectname) %(refname)^{}"
            )
        )


def _local_commit(location: str, repository: Path, ref: str) -> str:
    known = _local_refs(repository)
    if name := refs.find(ref, known):
        return known[name]
    if refs.COMMIT.fullmatch(ref):
        with opened(repository) as repo:
            try:
                return str(repo.git.rev_parse("--verify", f"{ref}^{{commit}}"))
            except GitCommandError:
                pass
    raise refs.unknown(ref, known, location)


def _remote_refs(location: str) -> dict[str, str]:
    # Away from the caller's folder, which may be a repository with settings of its own.
    git = Git(tempfile.gettempdir())
    try:
        return refs.parse(str(git.ls_remote("--heads", "--tags", "--", location)))
    except GitCommandError as error:
        raise explained(str(error.stderr), location) from None


def _cached(location: str, ref: str) -> tuple[Path, str]:
    """Return the cached repository of one commit and the commit's name."""
    cache = Cache(location)
    commit = ref if refs.COMMIT.fullmatch(ref) else cache.commit_of_tag(ref)
    if commit and (repository := cache.repository(commit)):
        return repository, commit
    if commit == ref:
        return _fetched(location, ref, cache)
    # A branch moves, so the server is asked for it each time.
    known = _remote_refs(location)
    name = refs.find(ref, known)
    if name is None:
        raise refs.unknown(ref, known, without_password(location))
    commit = known[name]
    repository = cache.repository(commit)
    if repository is None:
        repository, commit = _fetched(location, name, cache)
    if name.startswith("refs/tags/"):
        cache.remember_tag(ref, commit)
    return repository, commit


def _fetched(location: str, name: str, cache: Cache) -> tuple[Path, str]:
    """Fetch one commit, without the contents of its files where the server can do that."""
    with cache.staging() as folder:
        try:
            commit = _fetch_into(folder, location, name)
        except GitCommandError as error:
            if refs.COMMIT.fullmatch(name) and "not our ref" in str(error.stderr):
                where = without_password(location)
                raise UserError(f"no commit {name}", where=where) from None
            raise explained(str(error.stderr), location) from None
        return cache.keep(folder, commit), commit


def _fetch_into(folder: Path, location: str, name: str) -> str:
    with Repo.init(folder, bare=True) as repo:
        repo.git.update_environment(GIT_DIR=str(folder))
        repo.git.config("remote.origin.url", location)
        repo.git.fetch(
            *("--depth=1", "--filter=blob:none", "--no-tags", "origin"),
            f"+{name}:refs/mlxport/upstream",
        )
        return str(repo.git.rev_parse("--verify", "refs/mlxport/upstream^{commit}"))


def _fetch_missing(repo: Repo, revision: Revision, blobs: list[str]) -> None:
    """Fetch the file contents that a fetch without them has left out, in one request."""
    lines = repo.git.rev_list(
        "--objects", "--missing=print", "--no-object-names", revision.commit, "-n1"
    )
    absent = {line[1:] for line in lines.splitlines() if line.startswith("?")}
    wanted = sorted(absent.intersection(blobs))
    if not wanted:
        return
    with tempfile.TemporaryFile() as request:
        request.write("\n".join(wanted).encode())
        request.seek(0)
        options = ("--no-tags", "--no-write-fetch-head", "--filter=blob:none")
        repo.git.fetch(*options, "--stdin", "origin", istream=request)


def _entries(repo: Repo, revision: Revision) -> tuple[Entry, ...]:
    options = ("-r", "-z", "--full-tree")
    return parse_tree(repo.git.ls_tree(*options, revision.tree, stdout_as_string=False))


def _read(repo: Repo, revision: Revision, objects: Iterable[str]) -> Iterator[bytes]:
    """Return the contents of blobs, in the order asked for."""
    names = list(objects)
    with tempfile.TemporaryFile() as request, tempfile.TemporaryFile() as answer:
        request.write("".join(f"{name}\n" for name in names).encode())
        request.seek(0)
        repo.git.cat_file("--batch", istream=request, output_stream=answer)
        answer.seek(0)
        for name in names:
            head = answer.readline().split()
            if len(head) != 3 or head[1] != b"blob":
                raise UserError(
                    f"object {name} is missing or broken",
                    where=str(revision.repository),
                    hint="fetch the whole commit there, or clone it again",
                )
            yield answer.read(int(head[2]))
            answer.read(1)
