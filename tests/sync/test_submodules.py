import signal
import subprocess
import sys

import pytest

from . import small

FOLDER = "Source/Cmlx/mlx"


@pytest.fixture
def wrapper(commit, git, monkeypatch):
    for index, (key, value) in enumerate(
        [("protocol.file.allow", "always"), ("advice.detachedHead", "false")]
    ):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "2")
    return small.build(commit, git, mode="submodule")


@pytest.fixture
def bare(wrapper, git):
    """Return a clone whose submodules were never cloned."""
    clone = wrapper.parent / "clone"
    git(wrapper.parent, "clone", "--quiet", str(wrapper), str(clone))
    return clone


def gitlink(git, wrapper, folder=FOLDER):
    return git(wrapper, "ls-files", "--stage", "--", folder).split()[1].decode()


def commit_of(git, wrapper, tag):
    return git(wrapper.parent / "mlx", "rev-parse", tag).decode().strip()


@pytest.mark.parametrize("which", ["cloned", "never cloned"])
def test_an_update_moves_the_submodules(wrapper, bare, git, which):
    root = wrapper if which == "cloned" else bare
    assert small.update(root) == 1
    wanted = commit_of(git, root, "v2.0.0")
    assert gitlink(git, root) == wanted
    if root is wrapper:
        assert git(root / FOLDER, "rev-parse", "HEAD").decode().strip() == wanted
        assert (root / FOLDER / "mlx/b.cpp").is_file()
        assert git(root / FOLDER, "status", "--porcelain") == b""
    status = git(root, "status", "--porcelain").decode().splitlines()
    assert status == [
        " M Package.swift",
        f"M  {FOLDER}",
        "M  Source/Cmlx/mlx-c",
        "?? mlxport.lock",
    ]
    assert small.update(root) == 0


def test_a_tag_is_read_from_the_submodule_itself(wrapper, git):
    git(wrapper.parent / "mlx", "tag", "--delete", "v1.0.0")
    assert small.update(wrapper, "--to", "v1.0.0") == 1
    assert (
        gitlink(git, wrapper) == small.read_lock(wrapper)["upstreams"]["mlx"]["commit"]
    )


def test_a_dry_run_prints_what_git_prints(wrapper, git, capsysbinary):
    assert small.update(wrapper, "--dry-run") == 1
    patch = capsysbinary.readouterr().out
    assert git(wrapper, "status", "--porcelain") == b""
    assert small.update(wrapper) == 1
    git(wrapper, "add", "--all")
    shown = git(wrapper, "diff", "--cached", "--full-index", "--submodule=short")
    moved = {line for line in shown.splitlines() if b"Subproject" in line}
    assert len(moved) == 4
    assert moved <= set(patch.splitlines())


@pytest.mark.parametrize("which", ["cloned", "never cloned"])
def test_one_commit_takes_it_all(wrapper, bare, git, monkeypatch, capsys, which):
    root = wrapper if which == "cloned" else bare
    small.identify(monkeypatch)
    hook = root / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert small.update(root, "--commit") == 1
    assert git(root, "status", "--porcelain") == b""
    assert (
        git(root, "log", "-1", "--format=%s")
        == b"Update mlx to v2.0.0 and mlx-c to v0.2.0\n"
    )
    assert git(root, "rev-parse", f"HEAD:{FOLDER}").decode().strip() == commit_of(
        git, root, "v2.0.0"
    )
    assert small.update(root, "--commit") == 0
    assert "nothing to do" in capsys.readouterr().out


def test_what_a_hook_or_a_filter_of_the_submodule_says_does_not_run(
    wrapper, commit, git, tmp_path
):
    evil = f"touch {tmp_path}/ran"
    files = small.mlx("4", **{".gitattributes": "* filter=evil\n"})
    commit(files, "v4.0.0", "mlx")
    commit(small.mlx_c("v4.0.0"), "v0.4.0", "mlx-c")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(f'[filter "evil"]\nsmudge = {evil}\n')
    hooks = wrapper / ".git/modules" / FOLDER / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-checkout").write_text(f"#!/bin/sh\n{evil}\n")
    (hooks / "post-checkout").chmod(0o755)
    assert small.update(wrapper) == 1
    assert gitlink(git, wrapper) == commit_of(git, wrapper, "v4.0.0")
    assert not (tmp_path / "ran").exists()


def dirty(wrapper, git):
    (wrapper / FOLDER / "mlx/a.cpp").write_text("mine")


def moved(wrapper, git):
    git(wrapper / FOLDER, "checkout", "--quiet", "v3.0.0")


def url(value):
    def spoil(wrapper, git):
        git(
            wrapper, "config", "--file", ".gitmodules", f"submodule.{FOLDER}.url", value
        )
        small.commit_all(git, wrapper)

    return spoil


def renamed(wrapper, git):
    modules = wrapper / ".gitmodules"
    modules.write_text(modules.read_text().replace(f'"{FOLDER}"', '"../../x"'))
    small.commit_all(git, wrapper)


def unlisted(wrapper, git):
    git(
        wrapper,
        "config",
        "--file",
        ".gitmodules",
        "--remove-section",
        f"submodule.{FOLDER}",
    )
    small.commit_all(git, wrapper)


def snapshot(wrapper, git):
    config = wrapper / "mlxport.toml"
    config.write_text(config.read_text().replace('"submodule"', '"snapshot"'))


def elsewhere(wrapper, git):
    config = wrapper / "mlxport.toml"
    config.write_text(config.read_text().replace('Cmlx/mlx"', 'Cmlx/lib"'))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        pytest.param(dirty, f"not committed: {FOLDER}", id="changed inside"),
        pytest.param(moved, f"not committed: {FOLDER}", id="at another commit"),
        pytest.param(url("ext::sh -c touch% x"), "has the URL", id="a URL that runs"),
        pytest.param(url("ssh://example.org/mlx"), "has the URL", id="ssh"),
        pytest.param(renamed, "leaves git's folder", id="name above"),
        pytest.param(unlisted, "names no submodule", id="not in .gitmodules"),
        pytest.param(snapshot, "is a repository of its own", id="mode of a snapshot"),
        pytest.param(elsewhere, "is not a git submodule", id="no such submodule"),
    ],
)
def test_what_is_refused(wrapper, git, capsys, spoil, message):
    spoil(wrapper, git)
    before = git(wrapper, "ls-files", "--stage")
    assert small.update(wrapper) == 2
    assert message in capsys.readouterr().err
    assert git(wrapper, "ls-files", "--stage") == before


KILLED = """
import os, signal, sys
from mlxport.cli.main import main
from mlxport.sync import submodules
left = int(sys.argv[1])
def counted(function):
    def run(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return run
os.replace = counted(os.replace)
submodules.checkout = counted(submodules.checkout)
sys.exit(main(["sync", "update", "--wrapper", sys.argv[2]]))
"""


def test_killed_at_any_move_the_next_run_finds_before_or_after(wrapper, git):
    def found(root):
        heads = [
            git(root / FOLDER, "rev-parse", "HEAD"),
            git(root, "ls-files", "--stage"),
        ]
        return small.files(root), heads

    before = found(wrapper)
    for moves in range(20):
        git(wrapper, "reset", "--quiet", "--hard")
        git(wrapper, "clean", "--quiet", "--force", "-d")
        git(wrapper, "submodule", "--quiet", "update", "--force", "--no-fetch")
        assert found(wrapper) == before
        run = subprocess.run([sys.executable, "-c", KILLED, str(moves), str(wrapper)])
        if run.returncode != -signal.SIGKILL:
            break
        assert small.update(wrapper) == 1
        assert gitlink(git, wrapper) == commit_of(git, wrapper, "v2.0.0")
        assert found(wrapper) != before
        assert small.update(wrapper) == 0
    assert moves == 8, "the journal, five moves for three paths, and two checkouts"
