import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.cli.errors import UserError
from mlxport.sync.snapshot import differences, read_folder, taken, tree_hash
from mlxport.sync.tree import Entry

NAMES = st.text("ab.-0é", min_size=1, max_size=3).filter(lambda n: n.strip("."))


def entries(*paths, mode=0o100644):
    return tuple(Entry(path, mode, f"{i:040x}") for i, path in enumerate(sorted(paths)))


def git(folder, *arguments):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    run = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    return run.stdout.decode().strip()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_tree_has_the_name_git_gives_it(tmp_path, algorithm):
    for name in ("a", "a.b", "a-b/c", "a/b", "run.sh", "é"):
        path = tmp_path / ("d" if name == "a" else "") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    (tmp_path / "empty").mkdir()
    ours = tree_hash(read_folder(tmp_path, algorithm), algorithm)
    git(tmp_path, "init", "--quiet", f"--object-format={algorithm}")
    git(tmp_path, "add", "--all")
    assert git(tmp_path, "write-tree") == ours


@given(st.sets(st.tuples(NAMES, NAMES), min_size=1, max_size=6))
def test_the_order_of_the_files_does_not_matter(pairs):
    found = entries(*(f"{folder}/{name}" for folder, name in pairs))
    assert tree_hash(found) == tree_hash(reversed(found))


def test_no_files_are_the_empty_tree(tmp_path):
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert tree_hash(read_folder(tmp_path / "missing")) == empty


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        pytest.param([], ["LICENSE", "m/a.cpp", "m/b.h", "x/LICENSE"], id="all"),
        pytest.param(
            ["/m/"], ["LICENSE", "m/a.cpp", "m/b.h"], id="a folder and the licence"
        ),
        pytest.param(["*.cpp"], ["LICENSE", "m/a.cpp"], id="by suffix"),
        pytest.param(["/m/", "!*.h"], ["LICENSE", "m/a.cpp"], id="all but"),
    ],
)
def test_taken(patterns, chosen):
    found = entries("LICENSE", "m/a.cpp", "m/b.h", "x/LICENSE")
    assert [entry.path for entry in taken(found, patterns)] == chosen


def test_a_submodule_is_not_taken():
    assert taken(entries("m", mode=0o160000), []) == ()


@pytest.mark.parametrize("name", ["a\nb", "a\udcff"], ids=["line end", "not UTF-8"])
def test_a_name_that_cannot_be_spelt_is_refused(name):
    found = entries("m/" + name)
    with pytest.raises(UserError, match=r"cannot be written down"):
        taken(found, [])
    assert taken(found, ["/n/"]) == ()


def test_differences_are_named():
    before = (
        Entry("a", 0o100644, "1"),
        Entry("b", 0o100644, "1"),
        Entry("c", 0o100644, "1"),
    )
    after = (
        Entry("a", 0o100644, "1"),
        Entry("b", 0o100755, "1"),
        Entry("d", 0o100644, "1"),
    )
    found = differences(before, after)
    assert (found.added, found.removed, found.changed) == (("d",), ("c",), ("b",))
    assert list(found) == ["b", "c", "d"]
    assert not differences(before, before)


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match=r"pipe: is neither a file nor a folder"):
        read_folder(tmp_path)
