import os
import shutil
import subprocess
import tempfile

import pytest

from mlxport.examples.repositories import build_upstream, build_wrapper

AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "A Maintainer"),
        ("EMAIL", "maintainer@example.org"),
        ("DATE", "2025-09-01T12:00:00Z"),
    )
}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """Keep the caller's git settings and cache out of every test."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    monkeypatch.setenv("MLXPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MLXPORT_CMAKE", raising=False)


@pytest.fixture
def git(tmp_path):
    """Run git on a repository of the test."""

    def run(folder, *args, stdin=None):
        return subprocess.run(
            ["git", "-C", str(folder), *args],
            input=stdin,
            env={**os.environ, **AUTHOR},
            capture_output=True,
            check=True,
        ).stdout

    return run


@pytest.fixture
def write(tmp_path):
    """Write files given as `{path: text}` and return the folder."""

    def run(files, folder="tree"):
        for path, text in files.items():
            file = tmp_path / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / folder

    return run


@pytest.fixture
def commit(git, write):
    """Make a repository of `{path: text}` files, or add a commit to it, and tag it."""

    def run(files, tag=None, folder="upstream"):
        path = write(files, folder)
        if not (path / ".git").exists():
            git(path, "init", "--quiet", "--initial-branch=main")
            git(path, "config", "uploadpack.allowFilter", "true")
        git(path, "add", "--all")
        git(path, "commit", "--quiet", "--allow-empty", "--message", "Change")
        if tag:
            git(path, "tag", tag)
        return path

    return run


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Return a folder with the example repositories, to be copied and not written."""
    folder = tmp_path_factory.mktemp("examples")
    build_wrapper(folder / "wrapper", build_upstream(folder / "upstream"))
    return folder


@pytest.fixture
def wrapper(built, tmp_path):
    """Return a wrapper at v1.0.0 with its upstream beside it, to be written."""
    for name in ("upstream", "wrapper"):
        shutil.copytree(built / name, tmp_path / name, symlinks=True)
    return tmp_path / "wrapper"


@pytest.fixture(autouse=True)
def temporary_folders(tmp_path_factory, monkeypatch):
    """Keep what a killed process leaves behind out of the machine's own folder."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
