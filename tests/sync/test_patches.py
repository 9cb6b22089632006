import json
import shutil

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import conflicts, patches, transaction

from . import small

PATCH = "patches/mlx.patch"
OURS = 'patches = ["patches/mlx.patch"]'


def patch_of(git, write, before, after, words=""):
    """Return the patch between two sets of files, as git writes it."""
    folder = write(before, "scratch")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    old = git(folder, "write-tree").decode().strip()
    for path in before:
        (folder / path).unlink()
    write(after, "scratch")
    git(folder, "add", "--all")
    found = git(folder, "diff", "--cached", old).decode()
    shutil.rmtree(folder)
    return words + found


def changed(number, text="int mine;\n"):
    """Return the lines of the upstream's file with one of them changed."""
    return small.LINES.replace(f"int line{number};\n", text)


@pytest.fixture
def patched(commit, git, write):
    """Return a wrapper at v1.0.0 with a patch of line 20 of a.cpp."""
    text = patch_of(
        git,
        write,
        {"mlx/a.cpp": small.LINES},
        {"mlx/a.cpp": changed(20)},
        "Ours, until upstream has it.\n\n",
    )
    wrapper = commit({PATCH: text}, None, "wrapper")
    small.build(commit, git, mlx_more=OURS)
    assert small.update(wrapper, "--to", "v1.0.0") == 1
    small.commit_all(git, wrapper)
    return wrapper


def release(commit, git, text, tag="v2.0.1"):
    """Release an upstream whose a.cpp is `text`, and a partner for it."""
    commit(small.mlx(tag[1:], mlx__a=text) | {"mlx/a.cpp": text}, tag, "mlx")
    commit(small.mlx_c(tag), f"v0.{tag[1:]}", "mlx-c")


def vendored(wrapper):
    return (wrapper / "Source/Cmlx/mlx/mlx/a.cpp").read_text()


def test_a_patch_is_applied_again(patched, capsys):
    assert vendored(patched) == changed(20)
    before = (patched / PATCH).read_bytes()
    assert small.update(patched) == 1
    assert vendored(patched) == changed(20)
    assert (patched / PATCH).read_bytes() == before
    lock = small.read_lock(patched)["upstreams"]["mlx"]
    assert lock["patches"] == {PATCH: patches.digest(before)}
    assert lock["vendored"] != lock["tree"]
    assert small.update(patched) == 0


def test_a_patch_that_applies_elsewhere_is_refreshed(patched, commit, git):
    moved = "int first;\n" * 3 + small.LINES
    release(commit, git, moved)
    assert small.update(patched) == 1
    text = (patched / PATCH).read_text()
    assert text.startswith("Ours, until upstream has it.\n\ndiff --git a/mlx/a.cpp")
    assert "@@ -21,7 +21,7 @@" in text
    assert vendored(patched) == moved.replace("int line20;", "int mine;")
    small.commit_all(git, patched)
    assert small.update(patched) == 0


def conflict(patched, commit, git):
    theirs = changed(20, "int theirs;\n")
    release(commit, git, theirs)
    assert small.update(patched) == 2
    return patched / conflicts.FOLDER / "mlx/mlx/a.cpp"


def test_a_conflict_is_resolved_and_gone_on_from(patched, commit, git, capsys):
    before = small.files(patched)
    staged = conflict(patched, commit, git)
    err = capsys.readouterr().err
    assert f"{PATCH}: does not apply to mlx v2.0.1: mlx/a.cpp, hunk 1" in err
    assert "--continue" in err
    kept = small.files(patched)
    assert {k: v for k, v in kept.items() if not k.startswith(".mlxport")} == before
    assert git(patched, "status", "--porcelain") == b""

    assert small.update(patched) == 2
    assert "has stopped at a conflict" in capsys.readouterr().err
    assert small.update(patched, "--continue") == 2
    assert "hunks left: .mlxport-conflict/mlx/mlx/a.cpp.rej" in capsys.readouterr().err

    text = staged.read_text()
    assert text == changed(20, "int theirs;\n")
    staged.write_text(text.replace("int theirs;", "int theirs, mine;"))
    staged.with_name("a.cpp.rej").unlink()
    # A release that comes meanwhile is not the one that was resolved.
    release(commit, git, small.LINES, "v2.0.9")
    assert small.update(patched, "--continue") == 1
    assert vendored(patched) == changed(20, "int theirs, mine;\n")
    assert small.read_lock(patched)["upstreams"]["mlx"]["ref"] == "v2.0.1"
    assert not conflicts.pending(patched)
    patch = (patched / PATCH).read_text()
    assert patch.startswith("Ours, until")
    assert "-int theirs;\n+int theirs, mine;\n" in patch
    small.commit_all(git, patched)
    assert small.update(patched, "--to", "v2.0.1") == 0


def test_a_conflict_is_given_up(patched, commit, git, capsys):
    before = small.files(patched)
    conflict(patched, commit, git)
    assert small.update(patched, "--abort") == 1
    assert small.files(patched) == before
    assert small.update(patched, "--abort") == 0
    assert small.update(patched, "--continue") == 2
    assert "no update has stopped" in capsys.readouterr().err


def test_a_dry_run_leaves_no_conflict_behind(patched, commit, git, capsys):
    release(commit, git, changed(20, "int theirs;\n"))
    before = small.files(patched)
    assert small.update(patched, "--dry-run") == 2
    assert "hunk 1" in capsys.readouterr().err
    assert small.files(patched) == before


def test_a_broken_state_is_named(patched, commit, git, capsys):
    conflict(patched, commit, git)
    (patched / conflicts.FOLDER / conflicts.STATE).write_text(json.dumps({"patch": 1}))
    assert small.update(patched, "--continue") == 2
    assert "state.json: is not what mlxport wrote" in capsys.readouterr().err


def test_a_change_that_is_in_no_patch_is_not_lost(patched, git, capsys):
    (patched / "Source/Cmlx/mlx/mlx/a.cpp").write_text("mine")
    small.commit_all(git, patched)
    assert small.update(patched) == 2
    assert "has local changes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"mlx/new.h": "1\n"}, id="a new file"),
        pytest.param({"mlx/a.cpp": small.LINES}, {}, id="a file removed"),
        pytest.param(
            {"mlx/a.cpp": small.LINES}, {"mlx/a.cpp": changed(3)}, id="a file changed"
        ),
    ],
)
def test_what_a_patch_does_to_a_tree(git, write, tmp_path, before, after):
    patch = patch_of(git, write, {"x": "", **before}, {"x": "", **after}).encode()
    tree = write({"x": "", **before}, "tree")
    path = patches.PurePosixPath("p.patch")
    assert patches.apply_patch(tree, path, patch) == patch
    assert small.files(tree) == {n: t.encode() for n, t in {"x": "", **after}.items()}


ESCAPES = """\
--- a/{0}
+++ b/{0}
@@ -0,0 +1 @@
+x
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ESCAPES.format("../../x"), id="above"),
        pytest.param(ESCAPES.format("/etc/x"), id="absolute"),
        pytest.param(ESCAPES.format("sub/.git/config"), id="git's folder"),
        pytest.param(ESCAPES.format("link/x"), id="through a link"),
        pytest.param("nothing\n", id="no patch"),
        pytest.param("", id="empty"),
    ],
)
def test_a_patch_stays_inside_the_tree(tmp_path, write, text):
    tree = write({"x": ""}, "tree")
    (tree / "link").symlink_to(tmp_path)
    before = small.files(tmp_path)
    with pytest.raises(UserError):
        patches.apply_patch(tree, patches.PurePosixPath("p.patch"), text.encode())
    assert small.files(tmp_path) == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(
            'patches = ["gone.patch"]', "no patch gone.patch", id="no such file"
        ),
        pytest.param('patches = ["../x"]', "leaves the wrapper", id="outside"),
    ],
)
def test_patches_that_are_refused(commit, git, capsys, more, message):
    wrapper = small.build(commit, git, mlx_more=more)
    assert small.update(wrapper) == 2
    assert message in capsys.readouterr().err
    assert not transaction.pending(wrapper)
