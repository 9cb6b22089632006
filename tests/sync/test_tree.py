import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.cli.errors import UserError
from mlxport.sync.tree import LINK, Entry, check_path, write_tree

FILE, PROGRAM = 0o100644, 0o100755


def written(folder, *entries):
    contents = {str(n): content for n, (_, _, content) in enumerate(entries)}
    write_tree(
        folder,
        [Entry(path, mode, str(n)) for n, (path, mode, _) in enumerate(entries)],
        lambda names: [contents[name] for name in names],
    )
    return folder


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([("../evil", FILE, b"")], id="up"),
        pytest.param([("a/../../evil", FILE, b"")], id="up from a folder"),
        pytest.param([("/etc/evil", FILE, b"")], id="absolute"),
        pytest.param([(".git/hooks/post-checkout", PROGRAM, b"")], id="into .git"),
        pytest.param([("a/.GIT/config", FILE, b"")], id=".git where case is ignored"),
        pytest.param([("..\\evil", FILE, b"")], id="Windows separator"),
        pytest.param([("C:evil", FILE, b"")], id="Windows drive"),
        pytest.param([("a", LINK, b"/etc")], id="link to an absolute path"),
        pytest.param([("d/a", LINK, b"../../x")], id="link out"),
        pytest.param(
            [("b/c/root", LINK, b"../.."), ("out", LINK, b"b/c/root/..")],
            id="link out through a link inside",
        ),
        pytest.param(
            [("a", LINK, b".."), ("a/evil", FILE, b"")], id="file behind a link"
        ),
        pytest.param([("a", FILE, b""), ("a/b", FILE, b"")], id="file as a folder"),
        pytest.param([("a", FILE, b"1"), ("a", FILE, b"2")], id="the same path twice"),
    ],
)
def test_refused(tmp_path, entries):
    with pytest.raises(UserError):
        written(tmp_path / "tree", *entries)
    assert [path.name for path in tmp_path.iterdir()] in ([], ["tree"])
    root = (tmp_path / "tree").resolve()
    assert all(path.resolve().is_relative_to(root) for path in root.rglob("*"))


def test_written(tmp_path):
    folder = written(
        tmp_path / "tree",
        ("run.sh", PROGRAM, b"#!/bin/sh\n"),
        ("mlx/ops.cpp", FILE, b"\xff\r\n"),
        ("link", LINK, b"mlx/ops.cpp"),
        ("loop", LINK, b"loop"),
        ("dangling", LINK, b"mlx/not-there"),
    )
    assert (folder / "mlx/ops.cpp").read_bytes() == b"\xff\r\n"
    assert (folder / "run.sh").stat().st_mode & 0o111 == 0o111
    assert (folder / "link").resolve() == (folder / "mlx/ops.cpp").resolve()
    assert (folder / "loop").is_symlink()
    assert (folder / "dangling").is_symlink()


def test_folder_must_be_empty(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(UserError, match="not empty"):
        written(tmp_path, ("a", FILE, b""))


def test_folder_is_a_file(tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(UserError, match="is a file"):
        written(tmp_path / "mine", ("a", FILE, b""))


@given(st.text(alphabet="ab.:/\\\0gitGIT ", max_size=12))
def test_an_accepted_path_stays_inside(tmp_path_factory, path):
    root = tmp_path_factory.getbasetemp().resolve()
    try:
        check_path(path)
    except UserError:
        return
    inside = (root / path).resolve()
    assert inside.is_relative_to(root)
    assert inside != root
