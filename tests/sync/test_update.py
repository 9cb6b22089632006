import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from mlxport.cli.main import main
from mlxport.sync import transaction

FOLDER = "Source/Cmlx/mlx"


def git(folder, *arguments, **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file",
    }
    identity = ("-c", "user.name=n", "-c", "user.email=e@example.invalid")
    run = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        **options,
    )
    return run.stdout.decode().strip()


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def update(wrapper, *arguments):
    return main(["sync", "update", "--wrapper", str(wrapper), *arguments])


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_update_to_the_newest_tag(wrapper, capsys):
    assert update(wrapper) == 1
    out, err = capsys.readouterr()
    assert err == ""
    for line in (
        "  + mlx/backend/cpu/softmax.cpp",
        "  - mlx/backend/common/utils.cpp",
        "  + generated mlx/backend/metal/jit/reduce.cpp",
        "  standard c++17 -> c++20",
        '  define MLX_VERSION "1.0.0" -> "2.0.0"',
        "  dependency fmt 10.2.1 -> 12.1.0",
        "writes Package.swift",
    ):
        assert line in out.splitlines()
    lock = json.loads((wrapper / "mlxport.lock").read_text())
    upstream = wrapper.parent / "upstream"
    lock = lock["upstreams"]["mlx"]
    assert lock["ref"] == "v2.0.0"
    assert lock["commit"] == git(upstream, "rev-parse", "v2.0.0")
    git(wrapper, "add", "--all")
    assert lock["vendored"] == git(wrapper, "write-tree", f"--prefix={FOLDER}/")
    mac = lock["configurations"]["darwin-metal-jit"]["sources"]
    assert "mlx/backend/cuda/no_cuda.cpp" in mac
    assert not any("backend/cuda" in path and "no_cuda" not in path for path in mac)


def test_the_manifest_keeps_what_was_written_by_hand(wrapper):
    before = (wrapper / "Package.swift").read_text()
    update(wrapper)
    expected = before.replace("1.0.0", "2.0.0").replace(".gnucxx17", ".gnucxx20")
    expected = expected.replace(
        '    "mlx/mlx/backend/cuda/cuda.cpp",  // is_available() is in no_cuda.cpp\n',
        "",
    )
    for entry, indent, added in (
        ("backend/cuda/device.cpp", 4, "backend/cuda/dirs.cpp"),
        ("backend/cuda/gemms", 4, "backend/cuda/quantized"),
        ("distributed/ring/ring.cpp", 16, "distributed/ring/tools"),
    ):
        line = f'{" " * indent}"mlx/mlx/{entry}",\n'
        expected = expected.replace(line, line + line.replace(entry, added))
    assert (wrapper / "Package.swift").read_text() == expected


def test_a_second_update_has_nothing_to_do(wrapper, capsys):
    update(wrapper)
    before = files(wrapper)
    assert update(wrapper) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert files(wrapper) == before


def test_there_and_back_again(wrapper):
    before = files(wrapper)
    update(wrapper)
    git(wrapper, "add", "--all")
    git(wrapper, "commit", "--quiet", "--message=2")
    assert update(wrapper, "--to", "v1.0.0") == 1
    after = files(wrapper)
    # Gone is the comment behind a removed entry, and a newer standard does no harm.
    manifest = before["Package.swift"].replace(
        b"  // is_available() is in no_cuda.cpp", b""
    )
    before["Package.swift"] = manifest.replace(b".gnucxx17", b".gnucxx20")
    assert after == before


def test_a_dry_run_prints_a_diff_and_writes_nothing(wrapper, capsysbinary, tmp_path):
    before = files(wrapper)
    assert update(wrapper, "--dry-run") == 1
    patch = capsysbinary.readouterr().out
    assert files(wrapper) == before
    assert git(wrapper, "status", "--porcelain", "--ignored") == ""
    git(wrapper, "apply", "-", input=patch)
    applied = files(wrapper)
    git(wrapper, "reset", "--quiet", "--hard")
    git(wrapper, "clean", "--quiet", "--force", "-d")
    assert update(wrapper) == 1
    assert files(wrapper) == applied


def test_a_dry_run_with_nothing_to_do(wrapper, capsys):
    assert update(wrapper, "--dry-run", "--to", "v1.0.0") == 0
    assert capsys.readouterr().out == ""


def test_mlxport_toml_may_be_changed_and_other_files_untracked(wrapper):
    edit(wrapper / "mlxport.toml", 'cover = "smallest"', 'cover = "quiet"')
    (wrapper / "notes.txt").touch()
    assert update(wrapper) == 1
    assert '"mlx/mlx/backend/cuda/copy.cu"' in (wrapper / "Package.swift").read_text()


def test_a_folder_is_dropped_in_one_configuration(wrapper):
    edit(
        wrapper / "mlxport.toml",
        "[configurations.linux-cpu]",
        '[configurations.linux-cpu]\ndrop = ["mlx/distributed"]',
    )
    assert update(wrapper, "--to", "v1.0.0") == 1
    configurations = json.loads((wrapper / "sources.json").read_text())
    counts = {
        name: sum("distributed" in path for path in lists["sources"])
        for name, lists in configurations.items()
    }
    assert counts == {"darwin-metal-jit": 3, "linux-cpu": 0}
    manifest = (wrapper / "Package.swift").read_text()
    linux, apple = manifest.split("#else")
    assert '"mlx/mlx/distributed",' in linux
    assert '"mlx/mlx/distributed",' not in apple
    assert '"mlx/mlx/distributed/mpi/mpi.cpp",' in apple


def test_an_entry_written_by_hand_must_not_hide_upstreams_files(wrapper, capsys):
    git(wrapper, "rm", "-r", "--quiet", FOLDER, "mlxport.lock")
    edit(wrapper / "mlxport.toml", FOLDER, "Source/Cmlx/vendor/mlx")
    edit(
        wrapper / "Package.swift",
        '"conditional",',
        '"conditional",\n            "vendor",',
    )
    git(wrapper, "commit", "--all", "--quiet", "--message=vendor")
    before = files(wrapper)
    assert update(wrapper) == 2
    err = capsys.readouterr().err
    assert "Package.swift: in linux-cpu this would not compile mlx/array.cpp" in err
    assert files(wrapper) == before


def spoil_reading(path, text="x"):
    return lambda wrapper: (wrapper / path).write_text(text)


def commit_local_change(wrapper):
    (wrapper / FOLDER / "mlx/array.h").write_text("mine")
    (wrapper / FOLDER / "mlx/mine.h").write_text("mine")
    git(wrapper, "commit", "--all", "--quiet", "--message=local")


def without_lock(wrapper):
    git(wrapper, "rm", "--quiet", "mlxport.lock")
    git(wrapper, "commit", "--quiet", "--message=no lock")


def move_tag(wrapper):
    git(wrapper.parent / "upstream", "tag", "--force", "v1.0.0", "v2.0.0")


def submodule(wrapper):
    (wrapper / FOLDER / ".git").write_text("gitdir: elsewhere")


def config(old, new):
    return lambda wrapper: edit(wrapper / "mlxport.toml", old, new)


def upstream_file(path, old, new):
    def change(wrapper):
        upstream = wrapper.parent / "upstream"
        edit(upstream / path, old, new)
        git(upstream, "commit", "--all", "--quiet", "--message=3")
        git(upstream, "tag", "v3")

    return change


def escaping_link(wrapper):
    upstream = wrapper.parent / "upstream"
    (upstream / "mlx/escape.h").symlink_to("../../wrapper/README.md")
    git(upstream, "add", "--all")
    git(upstream, "commit", "--quiet", "--message=3")
    git(upstream, "tag", "v3")


def no_releases(wrapper):
    git(wrapper.parent / "upstream", "tag", "--delete", "v1.0.0", "v2.0.0")
    git(wrapper.parent / "upstream", "tag", "v3.0.0-rc1", "main")


def folder_as_file(wrapper):
    shutil.rmtree(wrapper / FOLDER)
    (wrapper / FOLDER).touch()


def output_as_folder(wrapper):
    (wrapper / "sources.json").unlink()
    (wrapper / "sources.json").mkdir()


def linked_folder(wrapper):
    (wrapper / "Source/Cmlx").rename(wrapper.parent / "Cmlx")
    (wrapper / "Source/Cmlx").symlink_to("../../Cmlx")


@pytest.mark.parametrize(
    ("spoil", "arguments", "message"),
    [
        pytest.param(
            spoil_reading("Package.swift"),
            [],
            "not committed: Package.swift",
            id="dirty",
        ),
        pytest.param(spoil_reading("README.md"), [], "README.md", id="dirty elsewhere"),
        pytest.param(
            commit_local_change,
            [],
            "would lose: mlx/array.h, mlx/mine.h",
            id="local changes",
        ),
        pytest.param(
            spoil_reading(f"{FOLDER}/new.cpp"),
            [],
            "would lose: new.cpp",
            id="local file",
        ),
        pytest.param(
            escaping_link, [], "outside the tree", id="upstream links outside"
        ),
        pytest.param(
            linked_folder, [], "goes through a link", id="the folder is a link"
        ),
        pytest.param(
            without_lock,
            ["--to", "v2.0.0"],
            "it is not mlx v2.0.0: mlx/",
            id="no lock",
        ),
        pytest.param(no_releases, [], "has no tag that is a version", id="no release"),
        pytest.param(folder_as_file, [], "is a file", id="the folder is a file"),
        pytest.param(
            output_as_folder,
            ["--to", "v1.0.0"],
            "sources.json: cannot be read",
            id="an output is a folder",
        ),
        pytest.param(submodule, [], "is a repository of its own", id="submodule"),
        pytest.param(
            spoil_reading("mlxport.lock", "{"), [], "is not a lock", id="cut off lock"
        ),
        pytest.param(
            spoil_reading("mlxport.lock", '{"format": 2}'),
            [],
            "is missing",
            id="empty lock",
        ),
        pytest.param(
            spoil_reading("mlxport.lock", '{"format": 9}'),
            [],
            "format is 9",
            id="newer lock",
        ),
        pytest.param(None, ["--to", "v1.0.1"], "did you mean", id="unknown ref"),
        pytest.param(None, ["--to", ""], "no tag, branch or commit ''", id="empty ref"),
        pytest.param(
            move_tag, ["--to", "v1.0.0"], "the tag v1.0.0 was", id="moved tag"
        ),
        pytest.param(
            config("../upstream", "../gone"), [], "no such folder", id="no upstream"
        ),
        pytest.param(
            config("take =", "takes ="), [], "mlxport.toml:5: unknown", id="unknown key"
        ),
        pytest.param(
            config("backend/cpu/comp", "comp"), [], "drop names", id="stale choice"
        ),
        pytest.param(
            config("no_mpi", "gone"), [], "not among the files", id="gone substitute"
        ),
        pytest.param(
            config('"/mlx/**/*.cpp", ', ""), [], "not among the files", id="not taken"
        ),
        pytest.param(
            config(".linux-cpu]", ".linux]"), [], "linux", id="unknown configuration"
        ),
        pytest.param(
            config("MLX_BUILD_GGUF", "MLX_BUILD_GUF"),
            [],
            "MLX_BUILD_GUF",
            id="unknown option",
        ),
        pytest.param(
            config('folder = "Source/Cmlx/mlx"', 'folder = "Source/Cmlx/lib"'),
            [],
            "has it in Source/Cmlx/mlx",
            id="moved folder",
        ),
        pytest.param(
            upstream_file(
                "CMakeLists.txt", "include(FetchContent)", "find_package(New)"
            ),
            [],
            "does not answer",
            id="a new question of upstream",
        ),
    ],
)
def test_what_is_refused_changes_nothing(wrapper, capsys, spoil, arguments, message):
    if spoil:
        spoil(wrapper)
    before = files(wrapper)
    for mode in ([], ["--dry-run"]):
        assert update(wrapper, *arguments, *mode) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err
    assert files(wrapper) == before


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        pytest.param("gone", "gone: no such folder", id="no folder"),
        pytest.param("plain", "is not in a git repository", id="not a repository"),
        pytest.param("repository", "there is no mlxport.toml", id="no config"),
    ],
)
def test_not_a_wrapper(tmp_path, capsys, folder, message):
    (tmp_path / "plain").mkdir()
    (tmp_path / "repository").mkdir()
    git(tmp_path / "repository", "init", "--quiet")
    assert update(tmp_path / folder) == 2
    assert message in capsys.readouterr().err


def test_the_first_update_of_a_wrapper(wrapper):
    git(wrapper, "rm", "-r", "--quiet", FOLDER, "mlxport.lock", "sources.json")
    git(wrapper, "commit", "--quiet", "--message=before")
    assert update(wrapper, "--to", "v1.0.0") == 1
    git(wrapper, "add", "--all")
    assert git(wrapper, "diff", "--cached", "--name-only", "HEAD~1") == ""


def test_an_upstream_with_sha256_names(wrapper):
    upstream = wrapper.parent / "upstream"
    modern = wrapper.parent / "modern"
    modern.mkdir()
    git(modern, "init", "--quiet", "--object-format=sha256")
    git(modern, f"--work-tree={upstream}", "add", "--all")
    git(modern, "commit", "--quiet", "--message=1")
    git(modern, "tag", "v2.0.0")
    edit(wrapper / "mlxport.toml", "../upstream", "../modern")
    git(wrapper, "rm", "-r", "--quiet", FOLDER, "mlxport.lock")
    git(wrapper, "commit", "--all", "--quiet", "--message=before")
    assert update(wrapper) == 1
    lock = json.loads((wrapper / "mlxport.lock").read_text())
    assert len(lock["upstreams"]["mlx"]["vendored"]) == 64
    assert update(wrapper) == 0


def test_a_wrapper_in_a_subfolder_of_its_repository(wrapper, built):
    inner = wrapper.parent / "mono/wrapper"
    inner.parent.mkdir()
    (wrapper / ".git").rename(inner.parent / ".git")
    wrapper.rename(inner)
    edit(inner / "mlxport.toml", "../upstream", "../../upstream")
    git(inner.parent, "add", "--all")
    git(inner.parent, "commit", "--quiet", "--message=moved")
    assert update(inner) == 1


KILLED_AT_RENAME = """
import os, signal, sys
from mlxport.cli.main import main
rename, left = os.replace, int(sys.argv[1])
def replace(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(*arguments)
os.replace = replace
sys.exit(main(["sync", "update", "--wrapper", sys.argv[2]]))
"""


def test_a_killed_update_is_finished_or_undone_by_the_next(wrapper, built, capsys):
    before = files(wrapper)
    update(wrapper)
    after = files(wrapper)
    capsys.readouterr()
    for renames in range(20):
        git(wrapper, "reset", "--quiet", "--hard")
        git(wrapper, "clean", "--quiet", "--force", "-d")
        assert files(wrapper) == before
        run = subprocess.run(
            [sys.executable, "-c", KILLED_AT_RENAME, str(renames), wrapper]
        )
        if run.returncode != -signal.SIGKILL:
            break
        assert main(["sync", "update", "--wrapper", str(wrapper), "--dry-run"]) == 2
        assert "interrupted" in capsys.readouterr().err
        assert update(wrapper) == 1
        assert ("finished an update" in capsys.readouterr().err) == (renames > 0)
        assert files(wrapper) == after
    assert renames == 10, "the journal, two moves for four paths, one for a new file"
    assert not transaction.pending(wrapper)
