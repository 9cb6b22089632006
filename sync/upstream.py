"""Read upstream's git repository: the only module that runs git.

Objects are read one by one and never checked out, so that no hook, filter or attribute of
a stranger's repository runs.
"""

import difflib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mlxport.cli.errors import UserError
from platformdirs import user_cache_path

from .tree import SUBMODULE, Entry, write_tree

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

PROTOCOLS = ("https", "file")
# How to reach a server is the caller's to say; which repository to read is not.
KEPT = {"GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY"}
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# A server that sends nothing for this long has hung.
STALLED_S = 30
SETTINGS = {
    "core.hooksPath": os.devnull,
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "init.templateDir": "",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": str(STALLED_S),
    "maintenance.auto": "false",
}


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
    with _caller_without_git():
        if "://" not in location:
            repository = _local(location)
            commit = _find(location, ref, _local_refs(repository), repository)
        else:
            _check_url(location)
            repository, commit = _cached(location, ref)
        with _opened(repository) as repo:
            tree = str(repo.git.rev_parse("--verify", f"{commit}^{{tree}}"))
        return Revision(without_password(location), ref, commit, tree, repository)


def tags(location: str) -> tuple[str, ...]:
    """Return the names of all tags, sorted; a URL is asked each time."""
    with _caller_without_git():
        if "://" in location:
            _check_url(location)
            refs = _remote_refs(location)
        else:
            refs = _local_refs(_local(location))
    start = "refs/tags/"
    return tuple(sorted(n.removeprefix(start) for n in refs if n.startswith(start)))


def entries(revision: Revision) -> tuple[Entry, ...]:
    """Return every file, link and submodule of the tree, sorted by path."""
    with _caller_without_git(), _opened(revision.repository) as repo:
        return _entries(repo, revision)


def materialise(
    revision: Revision, folder: Path, under: Sequence[str] = ("",)
) -> tuple[Entry, ...]:
    """Write the tree, or the files and folders of it named in `under`, into `folder`.

    The folder must be new or empty. Returns what was written; raises UserError where a
    path or a link of the tree would leave the folder.
    """
    with _caller_without_git(), _opened(revision.repository) as repo:
        wanted = _below(_entries(repo, revision), under)
        blobs = [entry.object for entry in wanted if entry.mode != SUBMODULE]
        _fetch_missing(repo, revision, blobs)
        try:
            write_tree(folder, wanted, lambda objects: _read(repo, revision, objects))
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(
                f"cannot write the tree: {reason}", where=str(folder)
            ) from None
        return wanted


def without_password(location: str) -> str:
    """Return the URL as it may be shown or written down."""
    return re.sub(r"(?<=://)[^/@]*@", "", location)


@contextmanager
def _caller_without_git() -> Iterator[None]:
    # git exports GIT_DIR and more inside hooks. GitPython reads them from os.environ, so
    # they must be out of there; no protocol is allowed that the caller has forbidden.
    caller = {
        k: v for k, v in os.environ.items() if k.startswith("GIT_") and k not in KEPT
    }
    allowed = caller.get("GIT_ALLOW_PROTOCOL", ":".join(PROTOCOLS)).split(":")
    ours = {
        "GIT_ALLOW_PROTOCOL": ":".join(p for p in PROTOCOLS if p in allowed),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(SETTINGS)),
    }
    for index, (key, value) in enumerate(SETTINGS.items()):
        ours |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    for key in caller:
        del os.environ[key]
    os.environ.update(ours)
    try:
        yield
    finally:
        for key in ours:
            del os.environ[key]
        os.environ.update(caller)


@contextmanager
def _opened(repository: Path) -> Iterator[Repo]:
    """Open a repository; what git says against a command becomes a UserError."""
    try:
        with Repo(repository, expand_vars=False) as repo:
            # Without it git looks for a repository itself, and may find another one.
            repo.git.update_environment(GIT_DIR=str(repo.git_dir))
            yield repo
    except (InvalidGitRepositoryError, NoSuchPathError):
        raise UserError("not a git repository", where=str(repository)) from None
    except GitCommandError as error:
        raise _explained(error, str(repository)) from None


def _explained(error: GitCommandError, where: str) -> UserError:
    said = re.sub(r"^\s*stderr: '(.*)'\s*$", r"\1", str(error.stderr), flags=re.S)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((ln for ln in lines if ln.startswith(("fatal:", "error:"))), "")
    reason = without_password(last.partition(":")[2].strip() or " ".join(lines))
    where = without_password(where)
    if re.search(r"does not (appear to be|exist)|not found|not a git repo", said):
        return UserError(
            "no git repository that can be read there",
            where=where,
            hint="check the spelling; a private repository needs a credential helper",
        )
    if re.search(r"could not read Username|Authentication failed", said):
        return UserError(
            "the server wants a login", where=where, hint="set up a credential helper"
        )
    if re.search(r"resolve host|connect|timed out|too slow|unreachable", said, re.I):
        return UserError(
            f"cannot reach the server: {reason}",
            where=where,
            hint="try again with a network, or name a local clone instead of the URL",
        )
    return UserError(f"git failed: {reason}", where=where)


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
    with _opened(path.resolve()) as repo:
        return Path(repo.git_dir)


def _check_url(location: str) -> None:
    protocol, allowed = location.partition("://")[0], os.environ["GIT_ALLOW_PROTOCOL"]
    if protocol not in allowed.split(":"):
        raise UserError(
            f"{protocol} URLs are not read",
            where=without_password(location),
            hint=f"use a local folder or one of: {allowed.replace(':', ', ') or 'none'}",
        )


def _local_refs(repository: Path) -> dict[str, str]:
    with _opened(repository) as repo:
        return _parsed_refs(
            repo.git.for_each_ref(
                "--format=%(objectname) %(refname)\n%(*objectname) %(refname)^{}"
            )
        )


def _remote_refs(location: str) -> dict[str, str]:
    # Away from the caller's folder, which may be a repository with settings of its own.
    git = Git(tempfile.gettempdir())
    try:
        return _parsed_refs(str(git.ls_remote("--heads", "--tags", "--", location)))
    except GitCommandError as error:
        raise _explained(error, location) from None


def _parsed_refs(lines: str) -> dict[str, str]:
    """Map each ref to the commit it leads to; `NAME^{}` is what an annotated tag tags."""
    refs = {}
    for line in lines.splitlines():
        commit, _, name = line.replace("\t", " ").partition(" ")
        if commit and name.startswith(("refs/tags/", "refs/heads/", "refs/remotes/")):
            refs[name.removesuffix("^{}")] = commit
    return refs


def _find(
    location: str, ref: str, refs: dict[str, str], repository: Path | None = None
) -> str:
    for start in ("refs/tags/", "refs/heads/", "refs/remotes/origin/", ""):
        if f"{start}{ref}" in refs:
            return refs[f"{start}{ref}"]
    if repository and COMMIT.fullmatch(ref):
        with _opened(repository) as repo:
            try:
                return str(repo.git.rev_parse("--verify", f"{ref}^{{commit}}"))
            except GitCommandError:
                pass
    names = {re.sub(r"^refs/(tags|heads|remotes/origin)/", "", name) for name in refs}
    # Of equally near names the newest version is the likelier one.
    near = difflib.get_close_matches(ref, sorted(names, reverse=True), n=3, cutoff=0.5)
    if re.fullmatch(r"[0-9a-f]{4,39}", ref):
        hint = "a commit is named by all its 40 digits"
    elif near:
        hint = f"did you mean {', '.join(near)}?"
    else:
        hint = f"it has: {', '.join(sorted(names)[:10]) or 'no tag and no branch'}"
    raise UserError(
        f"no tag, branch or commit {ref!r}",
        where=without_password(location),
        hint=hint,
    )


def _cache(location: str) -> Path:
    root = os.environ.get("MLXPORT_CACHE") or user_cache_path("mlxport")
    name = re.sub(r"\W+", "-", urlsplit(location).path.removesuffix(".git")).strip("-")
    digest = hashlib.sha256(location.encode()).hexdigest()[:16]
    return Path(root).absolute() / "upstreams" / f"{name[-60:]}-{digest}"


def _cached(location: str, ref: str) -> tuple[Path, str]:
    """Return the cached repository of one commit and the commit's name."""
    cache = _cache(location)
    # A tag is taken never to move; a branch moves, so the server is asked.
    tag = cache / "tags" / hashlib.sha256(ref.encode()).hexdigest()[:32]
    commit = ref if COMMIT.fullmatch(ref) else None
    if tag.is_file():
        commit = tag.read_text().strip()
    if commit and (cache / "commits" / commit).is_dir():
        return cache / "commits" / commit, commit
    is_tag, source = False, ref
    if not COMMIT.fullmatch(ref):
        refs = _remote_refs(location)
        commit = _find(location, ref, refs)
        is_tag = f"refs/tags/{ref}" in refs
        source = f"refs/{'tags' if is_tag else 'heads'}/{ref}"
        if not is_tag and (cache / "commits" / commit).is_dir():
            return cache / "commits" / commit, commit
    try:
        repository, commit = _fetched(location, source, cache)
        if is_tag:
            _write_whole(tag, commit + "\n")
    except OSError as error:
        raise UserError(
            f"cannot write the cache: {error.strerror or error}",
            where=str(cache),
            hint="set MLXPORT_CACHE to a folder that can be written",
        ) from None
    return repository, commit


def _fetched(location: str, source: str, cache: Path) -> tuple[Path, str]:
    """Fetch one commit into a staging folder and rename it into the cache.

    A run that is killed leaves its staging folder behind and nothing in the cache.
    """
    (cache / "commits").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="staging-") as staging:
        with Repo.init(staging, bare=True) as repo:
            repo.git.config("remote.origin.url", location)
            try:
                repo.git.fetch(
                    "--depth=1",
                    "--filter=blob:none",
                    "--no-tags",
                    "origin",
                    f"+{source}:refs/heads/upstream",
                )
            except GitCommandError as error:
                if COMMIT.fullmatch(source) and "not our ref" in str(error.stderr):
                    raise UserError(
                        f"no commit {source}", where=without_password(location)
                    ) from None
                raise _explained(error, location) from None
            commit = str(repo.git.rev_parse("--verify", "refs/heads/upstream^{commit}"))
        repository = cache / "commits" / commit
        try:
            os.rename(staging, repository)
        except OSError:
            # Another run was quicker; what it fetched is the same commit.
            if not repository.is_dir():
                raise
        else:
            os.mkdir(staging)
    return repository, commit


def _write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    os.replace(file.name, path)


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
        # Without the filter the server would send the commits again for a shallow client.
        repo.git.fetch(
            "--no-tags",
            "--no-write-fetch-head",
            "--filter=blob:none",
            "--stdin",
            "origin",
            istream=request,
        )


def _entries(repo: Repo, revision: Revision) -> tuple[Entry, ...]:
    listing = repo.git.ls_tree(
        "-r", "-z", "--full-tree", revision.tree, stdout_as_string=False
    )
    found = []
    for record in filter(None, listing.split(b"\0")):
        head, _, path = record.partition(b"\t")
        mode, _, name = head.decode().split(" ")
        found.append(Entry(os.fsdecode(path), int(mode, 8), name))
    return tuple(sorted(found, key=lambda entry: entry.path))


def _below(found: tuple[Entry, ...], under: Sequence[str]) -> tuple[Entry, ...]:
    wanted = set()
    for name in under:
        start = name.strip("/")
        chosen = {
            entry
            for entry in found
            if not start or entry.path == start or entry.path.startswith(f"{start}/")
        }
        if not chosen and start:
            raise UserError("no such file or folder in upstream's tree", where=name)
        wanted |= chosen
    return tuple(entry for entry in found if entry in wanted)


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
