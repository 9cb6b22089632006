"""`mlxport migrate` and `mlxport recipes` as a user runs them."""

import json
import os
import stat
import subprocess

import pytest

from mlxport.cli.main import main

OLD = "import mlx.core as mx\nmx.metal.clear_cache()\n"
NEW = "import mlx.core as mx\nmx.clear_cache()\n"
PARTLY = (
    "import mlx.core as mx\nmx.metal.clear_cache()\ndef f(w, args):\n"
    "    return mx.quantize(w, bits=args.bits)\n"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.py").write_text(NEW)
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "partly.py").write_text(PARTLY)
    (tmp_path / "broken.py").write_text(OLD + "def\n")
    (tmp_path / "notes.txt").write_text(OLD)
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "code", "out", "err"),
    [
        pytest.param("migrate new.py", 0, "", "changed 0 files\n", id="nothing to do"),
        pytest.param(
            "migrate old.py", 1, "+mx.clear_cache()", "would change 1 file\n", id="diff"
        ),
        pytest.param(
            "migrate --check old.py", 1, "--- a/old.py", "would change 1 file\n", id="check"
        ),
        pytest.param("migrate --write old.py", 1, "", "changed 1 file\n", id="write"),
        pytest.param("migrate --write new.py", 0, "", "changed 0 files\n", id="write none"),
        pytest.param(
            "migrate notes.txt", 1, "--- a/notes.txt", "would change 1", id="named file"
        ),
        pytest.param(
            "migrate partly.py",
            1,
            "+mx.clear_cache()",
            "partly.py:4: review: args.bits is configuration; give it a mode of its own"
            " [quantization_mode]\n",
            id="review",
        ),
        pytest.param(
            "migrate . --to 0.29.1", 2, "--- a/partly.py", "error: broken.py: cannot be", id="unparseable"
        ),
        pytest.param("migrate gone.py", 2, "", "gone.py: no such file", id="missing"),
        pytest.param("migrate /dev/null", 2, "", "is not a file or folder", id="device"),
        pytest.param(
            "migrate old.py --ignore metal_memory", 0, "", "changed 0", id="ignore"
        ),
        pytest.param(
            "migrate old.py --select quantization-mode", 0, "", "changed 0", id="select"
        ),
        pytest.param(
            "migrate old.py --select metal",
            2,
            "",
            "no recipe 'metal'\nhint: recipes are metal_device_info, metal_memory, quant",
            id="unknown recipe",
        ),
        pytest.param(
            "migrate old.py --ignore metal", 2, "", "no recipe 'metal'", id="unknown ignored"
        ),
        pytest.param(
            "migrate partly.py --to 0.28.0", 1, "+mx.clear", "would change 1 file\n", id="gate"
        ),
        pytest.param(
            "migrate old.py --from 0.28.0", 0, "", "changed 0 files\n", id="from a later release"
        ),
        pytest.param("migrate old.py --to v0.29.0", 1, "+mx", "would change 1", id="tag"),
        pytest.param(
            "migrate old.py --to 0.24.0", 2, "", "older than anything", id="too old"
        ),
        pytest.param(
            "migrate old.py --to 0.29.9", 2, "", "known are 0.25.2, 0.26.1", id="no release"
        ),
        pytest.param("migrate old.py --to new", 2, "", "not a release", id="no version"),
        pytest.param(
            "migrate old.py --to 0.29.0 --from 0.30.0", 2, "", "is newer than --to", id="backwards"
        ),
        pytest.param(
            "migrate old.py --format xml", 2, "", "formats are json, text", id="format"
        ),
        pytest.param("recipes", 0, "metal_memory", "", id="recipes"),
        pytest.param("recipes metal_memory", 0, "through the usual alias:", "", id="recipe"),
        pytest.param("recipes memory", 2, "", "recipes are metal_device", id="no recipe"),
    ],
)  # fmt: skip
def test_run(project, capsys, argv, code, out, err):
    assert main(argv.split()) == code
    captured = capsys.readouterr()
    assert out in captured.out
    assert bool(captured.out) == bool(out)
    assert err in captured.err


def test_only_write_writes(project, capsys):
    before = {path: path.read_bytes() for path in project.iterdir()}
    for option in ("--diff", "--check"):
        main(["migrate", ".", option])
    assert {path: path.read_bytes() for path in project.iterdir()} == before
    assert main(["migrate", ".", "--write"]) == 2
    assert (project / "old.py").read_text() == NEW
    assert (project / "broken.py").read_text() == OLD + "def\n"
    assert sorted(path.name for path in project.iterdir()) == sorted(
        p.name for p in before
    )


def test_options_exclude_each_other(project, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["migrate", ".", "--check", "--write"])


def test_json(project, capsys):
    assert main(["migrate", "partly.py", "--format", "json"]) == 1
    edited, review = json.loads(capsys.readouterr().out)
    assert edited == {
        "path": "partly.py",
        "line": 2,
        "recipe": "metal_memory",
        "severity": "deprecated",
        "action": "edited",
        "reason": "use mlx.core.clear_cache",
    }
    assert (review["line"], review["action"]) == (4, "review")


def test_lines_are_those_of_the_file_as_it_was(project, capsys):
    code = (
        "import mlx.core as mx\nimport mlx.nn as nn\n\nclass A(nn.Module):\n"
        "    def __init__(self, bits):\n        self.bits = bits\n"
        "        self.w, self.s, self.biases = mx.quantize(w, bits=bits)\n\n"
        "nn.quantize(model, 64, 4, pick)\n"
    )
    (project / "long.py").write_text(code)
    main(["migrate", "long.py", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    assert {f["line"] for f in found if f["recipe"] == "quantize_predicate"} == {9}


def git(folder, *arguments, **kwargs):
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=env,
        check=True,
        capture_output=True,
        **kwargs,
    )


ODD = {
    "plain.py": OLD.encode(),
    "crlf.py": OLD.replace("\n", "\r\n").encode(),
    "no final newline.py": OLD.rstrip("\n").encode(),
    "bom.py": b"\xef\xbb\xbf" + OLD.encode(),
    "latin.py": b"# coding: latin-1\n# caf\xe9\n" + OLD.encode() + b"s = '\xe9'\n",
    "utf8.py": (OLD + "s = '\N{SNOWMAN}'\n").encode(),
    "form feed.py": OLD.encode() + b"\x0c\ns = 1\n",
    "separators.py": (OLD + "s = '\u2028\x85\x1c'  # here\n").encode(),
    'tab\tquote".py': OLD.encode(),
}


@pytest.fixture
def odd(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in ODD.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def migrated(content):
    return content.replace(b"mx.metal.clear_cache", b"mx.clear_cache")


@pytest.mark.parametrize("where", ["repository", "below", "elsewhere"])
def test_git_apply_takes_the_diff(
    odd, capfdbinary, monkeypatch, tmp_path_factory, where
):
    if where == "below":
        (odd / "sub").mkdir()
        for name in ODD:
            (odd / name).rename(odd / "sub" / name)
        odd = odd / "sub"
        git(odd.parent, "init", "-q")
        monkeypatch.chdir(odd)
    else:
        git(odd, "init", "-q")
    if where == "elsewhere":
        monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["migrate", str(odd)]) == 1
    diff = capfdbinary.readouterr().out
    git(odd, "apply", input=diff)
    assert {name: (odd / name).read_bytes() for name in ODD} == {
        name: migrated(content) for name, content in ODD.items()
    }


def test_write_touches_nothing_else(odd, capsys):
    assert main(["migrate", ".", "--write"]) == 1
    assert {path.name: path.read_bytes() for path in odd.iterdir()} == {
        name: migrated(content) for name, content in ODD.items()
    }


def test_write_keeps_mode_bits_and_links(project, capsys):
    script = project / "old.py"
    script.chmod(0o751)
    (project / "link.py").symlink_to("old.py")
    assert main(["migrate", "link.py", "--write"]) == 1
    assert script.read_text() == NEW
    assert stat.S_IMODE(script.stat().st_mode) == 0o751
    assert (project / "link.py").is_symlink()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            OLD.encode() + b"s = '\xe9'\n", "not utf-8 at byte", id="not utf-8"
        ),
        pytest.param(
            b"# coding: klingon\n" + OLD.encode(), "unknown encoding", id="coding"
        ),
        pytest.param(OLD.encode() + b"\0", "unchanged", id="null byte"),
        pytest.param(OLD.encode() + b"f(" * 9000, "too deeply", id="brackets"),
        pytest.param(
            OLD.encode() + b"lambda: " * 9000 + b"0", "too deeply", id="lambdas"
        ),
        pytest.param(
            OLD.encode() + b"not " * 9000 + b"x", "too deeply", id="operators"
        ),
    ],
)
def test_unreadable(project, capsys, content, message):
    (project / "odd.py").write_bytes(content)
    assert main(["migrate", "odd.py", "old.py"]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "1 file could not be read" in captured.err
    assert "--- a/old.py" in captured.out


def test_many_files_in_processes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for i in range(40):
        (tmp_path / f"{i:02}.py").write_text(OLD)
    assert main(["migrate", "."]) == 1
    captured = capsys.readouterr()
    names = [line for line in captured.out.splitlines() if line.startswith("---")]
    assert names == [f"--- a/{i:02}.py" for i in range(40)]
    assert captured.err == "would change 40 files\n"
