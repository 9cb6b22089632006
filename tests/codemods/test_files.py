"""Which files a folder means."""

import os
import subprocess

import pytest

from mlxport.codemods.files import find_files

TREE = [
    "a.py",
    "pkg/b.py",
    "pkg/b.txt",
    "pkg/.hidden/c.py",
    ".hidden.py",
    "vendor/d.py",
    "pkg/third_party/e.py",
    "node_modules/f.py",
    "build/g.py",
    "out/h.py",
    "out/keep.py",
    "pkg/local.py",
]
IGNORES = {".gitignore": "out/*\n!out/keep.py\n", "pkg/.gitignore": "local.py\n"}


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name, rules in IGNORES.items():
        (tmp_path / name).write_text(rules)
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "loop").symlink_to(".")
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    return tmp_path


def init(folder):
    subprocess.run(["git", "init", "-q", str(folder)], check=True)


def names(*paths):
    return [found.name for found in find_files(paths)]


@pytest.mark.parametrize("repository", [True, False], ids=["git", "no git"])
@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["."], ["a.py", "out/keep.py", "pkg/b.py"], id="all"),
        pytest.param(["pkg"], ["pkg/b.py"], id="a folder"),
        pytest.param(["pkg", "a.py", "pkg/b.py"], ["a.py", "pkg/b.py"], id="twice"),
        pytest.param(
            ["out/h.py", "vendor/d.py"], ["out/h.py", "vendor/d.py"], id="named"
        ),
        pytest.param(["link.py"], ["link.py"], id="a link, named"),
        pytest.param(["build"], ["build/g.py"], id="a skipped folder, named"),
    ],
)
def test_find(tree, repository, paths, expected):
    if repository:
        init(tree)
    assert names(*paths) == expected


def test_a_hook_does_not_lead_elsewhere(tree, tmp_path_factory, monkeypatch):
    other = tmp_path_factory.mktemp("other")
    init(tree)
    init(other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert names(".") == ["a.py", "out/keep.py", "pkg/b.py"]


def test_a_deleted_file_is_not_found(tree):
    init(tree)
    subprocess.run(["git", "add", "a.py"], check=True)
    (tree / "a.py").unlink()
    (tree / "link.py").unlink()
    assert names(".") == ["out/keep.py", "pkg/b.py"]


def test_without_git(tree, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert names(".") == ["a.py", "out/keep.py", "pkg/b.py"]


def test_another_repository_is_named_from_its_top(tree, tmp_path_factory, monkeypatch):
    init(tree)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert names(str(tree / "pkg")) == ["pkg/b.py"]
