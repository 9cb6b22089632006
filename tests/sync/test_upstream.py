import os
import shutil

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import upstream
from mlxport.sync.cache import Cache

FILES = {"a.txt": "one\n", "mlx/ops.cpp": "int x;\n"}


@pytest.fixture
def repository(commit, git):
    path = commit(FILES, "v1.0.0")
    commit({"a.txt": "two\n"}, "v1.1.0")
    git(path, "tag", "--annotate", "--message", "Annotated", "v1.1.0-signed")
    return path


@pytest.fixture
def bare(repository, git, tmp_path):
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    git(tmp_path / "bare.git", "config", "uploadpack.allowFilter", "true")
    return tmp_path / "bare.git"


def head(git, repository, name):
    return git(repository, "rev-parse", name).decode().strip()


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("form", ["work tree", "bare", "file URL"])
@pytest.mark.parametrize(
    ("ref", "name"),
    [
        pytest.param("v1.0.0", "v1.0.0", id="tag"),
        pytest.param("v1.1.0-signed", "v1.1.0", id="annotated tag"),
        pytest.param("main", "v1.1.0", id="branch"),
        pytest.param("refs/tags/v1.0.0", "v1.0.0", id="full name"),
        pytest.param(None, "v1.0.0", id="commit"),
    ],
)
def test_resolve(repository, bare, git, tmp_path, form, ref, name):
    location = {
        "work tree": str(repository),
        "bare": str(bare),
        "file URL": bare.as_uri(),
    }[form]
    expected = head(git, repository, f"{name}^{{commit}}")
    revision = upstream.resolve(location, ref or expected)
    assert revision.commit == expected
    assert revision.tree == head(git, repository, f"{name}^{{tree}}")
    upstream.materialise(revision, tmp_path / "out")
    text = "one\n" if name == "v1.0.0" else "two\n"
    assert files(tmp_path / "out") == {**FILES, "a.txt": text}


def test_a_tag_goes_before_a_branch_of_its_name(repository, git):
    git(repository, "branch", "v1.0.0", "v1.1.0")
    revision = upstream.resolve(str(repository), "v1.0.0")
    assert revision.commit == head(git, repository, "refs/tags/v1.0.0")


@pytest.mark.parametrize(
    ("location", "ref", "message", "hint"),
    [
        pytest.param("{}", "v1.0.1", "'v1.0.1'", "did you mean v1.0.0", id="near tag"),
        pytest.param("file://{}", "v1.0.1", "'v1.0.1'", "did you mean v1", id="URL"),
        pytest.param("{}", "zzz", "no tag", "it has: main", id="nothing near"),
        pytest.param("{}", "--output=x", "no tag", "it has", id="an option"),
        pytest.param("{}", "", "no tag", "it has", id="empty"),
        pytest.param("{}", "0" * 40, "no tag", "it has", id="no such commit"),
        pytest.param("file://{}", "0" * 40, "no commit 0", "", id="commit, URL"),
        pytest.param("{}", "abcdef01", "no tag", "all its 40", id="short commit"),
        pytest.param("{}/gone", "main", "no such folder", "", id="path missing"),
        pytest.param("{}/mlx", "main", "not a git", "", id="not a repository"),
        pytest.param("{}/a.txt", "main", "is a file", "", id="file"),
        pytest.param(
            "file://{}/mlx", "main", "not a git", "", id="URL of no repository"
        ),
        pytest.param(
            "https://h/x", "main", "https URLs", "file", id="forbidden by caller"
        ),
        pytest.param("ssh://h/x", "main", "ssh URLs", "file", id="protocol"),
        pytest.param("ext::sh -c touch% x", "main", "no such folder", "", id="ext"),
        pytest.param("ext://sh", "main", "ext URLs", "file", id="ext URL"),
        pytest.param("file://[x", "main", "no path specified", "", id="malformed URL"),
        pytest.param("git@h:x/y", "main", "only https and file", "", id="scp form"),
        pytest.param("--upload-pack=x", "main", "no such folder", "", id="option"),
    ],
)
def test_bad_input(repository, location, ref, message, hint):
    with pytest.raises(UserError) as caught:
        upstream.resolve(location.format(repository), ref)
    assert message in str(caught.value)
    assert hint in (caught.value.hint or "")


def test_no_network(monkeypatch):
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "https")
    with pytest.raises(UserError, match="cannot reach the server") as caught:
        upstream.resolve("https://user:secret@localhost:1/x", "v1.0.0")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_the_callers_git_variables_do_not_count(
    repository, commit, git, monkeypatch, form
):
    other = commit({"other.txt": "no\n"}, "v1.0.0", folder="other")
    expected = head(git, repository, "v1.0.0")
    variables = {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_NAMESPACE": "elsewhere",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert upstream.resolve(form.format(repository), "v1.0.0").commit == expected
    assert {name: os.environ[name] for name in variables} == variables


@pytest.mark.parametrize("allow_filter", ["true", "false"])
def test_a_second_run_is_offline(bare, git, tmp_path, allow_filter):
    git(bare, "config", "uploadpack.allowFilter", allow_filter)
    url = bare.as_uri()
    first = upstream.resolve(url, "v1.0.0")
    upstream.materialise(first, tmp_path / "first")
    shutil.rmtree(bare)
    for ref in ("v1.0.0", first.commit):
        second = upstream.resolve(url, ref)
        assert second.commit == first.commit
        upstream.materialise(second, tmp_path / ref)
        assert files(tmp_path / ref) == FILES
    with pytest.raises(UserError):
        upstream.resolve(url, "main")


def test_a_branch_follows_the_server(repository, commit, git):
    url = repository.as_uri()
    before = upstream.resolve(url, "main").commit
    commit({"a.txt": "three\n"})
    after = upstream.resolve(url, "main").commit
    assert before != after == head(git, repository, "main")


def test_only_what_is_wanted_is_fetched(bare, tmp_path, git):
    revision = upstream.resolve(bare.as_uri(), "v1.0.0")
    written = upstream.materialise(revision, tmp_path / "part", ["mlx"])
    assert [entry.path for entry in written] == ["mlx/ops.cpp"]
    assert files(tmp_path / "part") == {"mlx/ops.cpp": FILES["mlx/ops.cpp"]}
    absent = git(
        revision.repository, "rev-list", "--objects", "--missing=print", revision.commit
    )
    assert absent.count(b"?") == 1


def test_a_killed_fetch_leaves_no_broken_cache(bare, tmp_path):
    url = bare.as_uri()
    revision = upstream.resolve(url, "v1.0.0")
    folder = revision.repository.parent.parent
    # What a kill leaves: a half-filled staging folder, and no tag.
    (folder / "staging-killed").mkdir()
    (folder / "staging-killed/shallow.lock").touch()
    shutil.rmtree(folder / "tags")
    shutil.rmtree(folder / "commits")
    assert upstream.resolve(url, "v1.0.0").commit == revision.commit


def test_what_a_killed_run_left_is_removed_in_the_end(bare):
    folder = upstream.resolve(bare.as_uri(), "v1.0.0").repository.parent.parent
    (folder / "staging-old").mkdir()
    (folder / "staging-old/pack").touch()
    (folder / "staging-new").mkdir()
    os.utime(folder / "staging-old", (0, 0))
    upstream.resolve(bare.as_uri(), "v1.1.0")
    assert [path.name for path in folder.glob("staging-*")] == ["staging-new"]


def test_two_runs_may_fetch_the_same_commit(tmp_path):
    cache, commit = Cache("https://example.org/x"), "0" * 40
    with cache.staging() as first, cache.staging() as second:
        (first / "of the first").touch()
        (second / "of the second").touch()
        kept = cache.keep(first, commit)
        assert cache.keep(second, commit) == kept
    assert [path.name for path in kept.iterdir()] == ["of the first"]
    assert cache.repository(commit) == kept
    assert list(kept.parent.parent.glob("staging-*")) == []


def test_a_missing_object_is_named(repository, git, tmp_path):
    blob = head(git, repository, "v1.0.0:a.txt")
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UserError, match=f"object {blob} is missing"):
        upstream.materialise(
            upstream.resolve(str(repository), "v1.0.0"), tmp_path / "out"
        )


def test_entries(repository, git):
    revision = upstream.resolve(str(repository), "v1.0.0")
    assert [(e.path, oct(e.mode), e.object) for e in upstream.entries(revision)] == [
        ("a.txt", "0o100644", head(git, repository, "v1.0.0:a.txt")),
        ("mlx/ops.cpp", "0o100644", head(git, repository, "v1.0.0:mlx/ops.cpp")),
    ]


def test_a_broken_note_of_a_tag_is_not_believed(bare):
    url = bare.as_uri()
    revision = upstream.resolve(url, "v1.0.0")
    (note,) = (revision.repository.parent.parent / "tags").iterdir()
    note.write_text("../../..\n")
    assert upstream.resolve(url, "v1.0.0") == revision


def test_no_part_of_that_name(repository, tmp_path):
    revision = upstream.resolve(str(repository), "v1.0.0")
    with pytest.raises(UserError, match="no such file or folder"):
        upstream.materialise(revision, tmp_path / "out", ["mlx/nothing"])


def test_an_unwritable_cache(bare, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLXPORT_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="cannot write the cache") as caught:
        upstream.resolve(bare.as_uri(), "v1.0.0")
    assert "MLXPORT_CACHE" in caught.value.hint


def test_tags(repository, bare):
    expected = ("v1.0.0", "v1.1.0", "v1.1.0-signed")
    assert upstream.tags(str(repository)) == expected
    assert upstream.tags(bare.as_uri()) == expected


def test_nothing_of_the_repository_runs(commit, git, tmp_path):
    attributes = "*.txt filter=evil export-ignore\n*.cpp export-subst text eol=crlf\n"
    path = commit(
        {**FILES, ".gitattributes": attributes, "mlx/ops.cpp": "$Format:%H$\n"}
    )
    git(path, "config", "filter.evil.smudge", f"touch {tmp_path}/ran")
    git(path, "config", "core.fsmonitor", f"touch {tmp_path}/ran")
    for hook in ("post-checkout", "reference-transaction"):
        file = path / ".git/hooks" / hook
        file.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        file.chmod(0o755)
    for name, location in (("local", str(path)), ("url", path.as_uri())):
        out = tmp_path / name
        upstream.materialise(upstream.resolve(location, "main"), out)
        assert files(out)["a.txt"] == "one\n"
        assert files(out)["mlx/ops.cpp"] == "$Format:%H$\n"
    assert not (tmp_path / "ran").exists()


def test_a_tree_made_by_hand_cannot_leave(commit, git, tmp_path):
    path = commit(FILES)
    blob = bytes.fromhex(head(git, path, "HEAD:a.txt"))
    make = ("hash-object", "-t", "tree", "-w", "--literally", "--stdin")
    inner = git(path, *make, stdin=b"100644 evil\0" + blob).decode().strip()
    outer = (
        git(path, *make, stdin=b"40000 ..\0" + bytes.fromhex(inner)).decode().strip()
    )
    made = git(path, "commit-tree", "-m", "Evil", outer).decode().strip()
    git(path, "tag", "evil", made)
    revision = upstream.resolve(str(path), "evil")
    with pytest.raises(UserError, match="could leave its folder"):
        upstream.materialise(revision, tmp_path / "deep/out")
    assert not (tmp_path / "deep/evil").exists()


def test_a_submodule_is_an_empty_folder(commit, git, tmp_path):
    path = commit(FILES)
    head_commit = head(git, path, "HEAD")
    git(path, "update-index", "--add", "--cacheinfo", f"160000,{head_commit},dep")
    git(path, "commit", "--quiet", "--message", "Submodule")
    upstream.materialise(upstream.resolve(str(path), "main"), tmp_path / "out")
    assert list((tmp_path / "out/dep").iterdir()) == []
