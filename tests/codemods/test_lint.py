"""`mlxport lint`: reports for people and machines, comments, settings, metadata."""

import json

import pytest

from mlxport.cli.main import main

CORE = "import mlx.core as mx\n"
DROPPED = (
    CORE + "def f(w, bits, mode='affine'):\n    return mx.quantize(w, bits=bits)[0]\n"
)
MEMORY = CORE + "mx.metal.clear_cache()\n"
CACHE = (
    CORE
    + "class KVCache:\n    def f(self, w):\n        return mx.quantize(w, bits=self.bits)\n"
)
BREAKING = "import mlx.nn as nn\nnn.quantize(model, 64, 4, pick)\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = {"drop.py": DROPPED, "memory.py": MEMORY, "cache.py": CACHE}
    (tmp_path / "src").mkdir()
    for name, text in {**files, "breaking.py": BREAKING}.items():
        (tmp_path / "src" / name).write_text(text)
    return tmp_path


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)


def findings(capsys, *argv, command="lint"):
    code = main([command, *argv, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("argv", "code", "out", "err"),
    [
        pytest.param(
            "src/drop.py",
            1,
            "src/drop.py:3: needed for mxfp4, mxfp8 and nvfp4: pass mode=mode [quantization_mode]\n",
            "found 1 place: 1 needed for mxfp4, mxfp8 and nvfp4\n",
            id="a mode in scope that is not passed",
        ),
        pytest.param(
            "src",
            1,
            "src/breaking.py:2: breaks now: pass class_predicate by name",
            "found 3 places: 1 breaks now, 1 needed for mxfp4, mxfp8 and nvfp4, 1 deprecated\n",
            id="a summary by severity",
        ),
        pytest.param("src/cache.py", 0, "", "found 0 places\n", id="a KV cache is no finding"),
        pytest.param(
            "src --select metal-memory", 1, "memory.py:2", "found 1 place", id="select"
        ),
        pytest.param("src --to 0.28.0", 1, "memory.py:2", "found 1 place", id="to"),
        pytest.param("gone.py", 2, "", "no such file", id="missing"),
        pytest.param("src --format xml", 2, "", "github, json, sarif, text", id="format"),
    ],
)  # fmt: skip
def test_run(project, capsys, argv, code, out, err):
    before = {path: path.read_bytes() for path in (project / "src").iterdir()}
    assert main(["lint", *argv.split()]) == code
    captured = capsys.readouterr()
    assert out in captured.out
    assert bool(captured.out) == bool(out)
    assert err in captured.err
    assert {path: path.read_bytes() for path in (project / "src").iterdir()} == before


def test_json(project, capsys):
    code, found = findings(capsys, "src")
    assert code == 1
    assert found[1] == {
        "path": "drop.py",
        "line": 3,
        "recipe": "quantization_mode",
        "severity": "needed for mxfp4, mxfp8 and nvfp4",
        "action": "left",
        "reason": "pass mode=mode",
    }


def test_github(project, capsys):
    assert main(["lint", "src", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "::error file=src/breaking.py,line=2,title=quantize-predicate%3A breaks now"
        "::pass class_predicate by name",
        "::warning file=src/drop.py,line=3,title=quantization-mode%3A needed for mxfp4%2C "
        "mxfp8 and nvfp4::pass mode=mode",
        "::notice file=src/memory.py,line=2,title=metal-memory%3A deprecated"
        "::use mlx.core.clear_cache",
    ]


def sarif(capsys, *argv):
    main(["lint", *argv, "--format", "sarif"])
    document = json.loads(capsys.readouterr().out)
    (run,) = document["runs"]
    return document, run


def test_sarif(project, capsys):
    document, run = sarif(capsys, "src")
    assert document["version"] == "2.1.0"
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert {r["ruleId"] for r in run["results"]} <= rules.keys()
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert by_rule["quantization-mode"]["level"] == "warning"
    assert by_rule["quantize-predicate"]["level"] == "error"
    assert by_rule["metal-memory"]["level"] == "note"
    place = by_rule["metal-memory"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/memory.py"
    assert place["region"] == {"startLine": 2}
    assert run["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": []}
    ]


def test_sarif_names_files_that_do_not_parse(project, capsys):
    write(project, broken=MEMORY + "def\n")
    _, run = sarif(capsys, "broken.py")
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    message = invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert message.startswith("broken.py: cannot be parsed")


def test_fingerprints_stay_when_code_moves_and_differ_from_one_another(project, capsys):
    def prints(text):
        write(project, twice=text)
        _, run = sarif(capsys, "twice.py")
        return [
            result["partialFingerprints"]["mlxport/v1"] for result in run["results"]
        ]

    twice = MEMORY + "mx.metal.clear_cache()\n"
    before = prints(twice)
    assert len(set(before)) == 2
    assert prints("# moved\n\n" + twice) == before


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        pytest.param("  # mlxport: ignore[quantization-mode] affine only", True, id="dash"),
        pytest.param("  # mlxport: ignore[quantization_mode] affine only", True, id="name"),
        pytest.param("  # mlxport: ignore[metal-memory, quantization-mode]: yes", True, id="two"),
        pytest.param("  # mlxport: ignore[quantization-mode]", False, id="no reason"),
        pytest.param("  # mlxport: ignore[metal-memory] affine only", False, id="other"),
        pytest.param("  # noqa", False, id="another tool"),
    ],
)  # fmt: skip
def test_a_comment_keeps_a_line_out(project, capsys, comment, left):
    write(project, a=DROPPED.rstrip("\n") + comment + "\n")
    assert main(["lint", "a.py"]) == (0 if left else 1)
    assert main(["migrate", "a.py"]) == (0 if left else 1)
    assert ("mode=mode" in capsys.readouterr().out) != left


def test_a_comment_above_and_within_a_call(project, capsys):
    call = "    return mx.quantize(\n        w,\n        bits=bits,{}\n    )[0]\n"
    mark = "  # mlxport: ignore[quantization-mode] affine only"
    head = CORE + "def f(w, bits, mode='affine'):\n"
    write(project, above=head + "  " + mark + "\n" + call.format(""))
    write(project, within=head + call.format(mark), none=head + call.format(""))
    assert findings(capsys, "above.py", "within.py")[1] == []
    assert len(findings(capsys, "none.py")[1]) == 1


def test_a_comment_at_a_parameter_fails_the_whole_function(project, capsys):
    mark = "  # mlxport: ignore[quantization-mode] public"
    code = CORE + f"def f(w, bits):{mark}\n    return mx.quantize(w, bits=bits)[0]\n"
    write(project, a=code)
    assert main(["migrate", "a.py"]) == 0
    assert capsys.readouterr().out == ""


def test_a_comment_for_a_recipe_of_single_files(project, capsys):
    write(
        project, a=MEMORY.rstrip("\n") + "  # mlxport: ignore[metal-memory] old MLX\n"
    )
    assert main(["migrate", "a.py"]) == 0


SETTINGS = "[tool.mlxport]\n"


@pytest.mark.parametrize(
    ("table", "paths"),
    [
        pytest.param("", ["breaking.py", "drop.py", "memory.py"], id="none"),
        pytest.param("exclude = ['/src/d*', 'memory.py']", ["breaking.py"], id="exclude"),
        pytest.param("select = ['metal-memory']", ["memory.py"], id="select"),
        pytest.param("ignore = ['metal_memory']", ["breaking.py", "drop.py"], id="ignore"),
        pytest.param("to = '0.28.0'", ["memory.py"], id="to"),
        pytest.param("from = '0.28.0'", ["breaking.py", "drop.py"], id="from"),
        pytest.param("[tool.mlxport.sync]\nx = 1", ["breaking.py", "drop.py", "memory.py"], id="another part"),
    ],
)  # fmt: skip
def test_settings(project, capsys, table, paths):
    (project / "pyproject.toml").write_text(SETTINGS + table + "\n")
    assert [found["path"] for found in findings(capsys, "src")[1]] == paths


def test_options_win_over_settings(project, capsys):
    (project / "pyproject.toml").write_text(SETTINGS + "select = ['metal-memory']\n")
    found = findings(capsys, "src", "--select", "quantize-predicate")[1]
    assert [entry["path"] for entry in found] == ["breaking.py"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(SETTINGS + "selekt = []", "no key 'selekt'\nhint: keys are to, from", id="key"),
        pytest.param(SETTINGS + "select = 'a'", "select must be a list of strings", id="list"),
        pytest.param(SETTINGS + "to = 1", "to must be a string", id="string"),
        pytest.param(SETTINGS + "select = ['x']", "no recipe 'x'", id="recipe"),
        pytest.param("[tool]\nmlxport = 1", "tool.mlxport is not a table", id="no table"),
        pytest.param("tool", "pyproject.toml: cannot be read as TOML", id="no TOML"),
    ],
)  # fmt: skip
def test_bad_settings(project, capsys, text, message):
    (project / "pyproject.toml").write_text(text)
    assert main(["lint", "src"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "edited"),
    [
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx>=0.30']", True, id="newer"),
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx>=0.28']", False, id="older"),
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx [cuda] ~= 0.28.0, != 0.28.1']", False, id="extra"),
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx']", True, id="no bound"),
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx-lm>=0.20']", True, id="another package"),
        pytest.param("pyproject.toml", "[project]\ndependencies = ['mlx<1,>=0.28']", False, id="two bounds"),
        pytest.param("pyproject.toml", "[project.optional-dependencies]\nmac = ['mlx==0.28.0']", False, id="optional"),
        pytest.param("pyproject.toml", "[tool.poetry.dependencies]\nmlx = '^0.28.0'", False, id="poetry"),
        pytest.param("setup.py", "setup(install_requires=['mlx>=0.28.0', 'x'])", False, id="setup.py"),
        pytest.param("requirements.txt", "numpy\nmlx>=0.28.0  # for now\n", False, id="requirements"),
        pytest.param("pyproject.toml", "[project]\ndependencies = 3", True, id="nonsense"),
    ],
)  # fmt: skip
def test_the_oldest_mlx_that_is_supported_gates_edits(
    project, capsys, name, text, edited
):
    (project / "setup.cfg").write_text("")
    (project / name).write_text(text)
    code, found = findings(capsys, "src/drop.py", command="migrate")
    assert code == (1 if edited else 0)
    assert [entry["action"] for entry in found] == ["edited" if edited else "left"]
    if not edited:
        assert f"needs MLX 0.29.0, and {name} allows 0.28" in found[0]["reason"]
    assert findings(capsys, "src/drop.py", "--to", "0.30.0", command="migrate")[0] == 1


def test_hooks_and_action_name_commands_that_exist(request):
    yaml = pytest.importorskip("yaml")
    root = request.config.rootpath
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["mlxport-lint", "mlxport-migrate"]
    for hook in hooks:
        program, *argv = hook["entry"].split()
        assert program == "mlxport"
        with pytest.raises(SystemExit, match="0"):
            main([*argv, "--help"])
    action = yaml.safe_load((root / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    assert "mlxport lint" in action["runs"]["steps"][-1]["run"]
