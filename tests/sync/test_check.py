import json
import re
import shutil

import pytest

from mlxport.cli.main import main
from mlxport.sync import checks, reports

MANIFEST = "Package.swift"
GENERATED = "Source/Cmlx/generated"
KERNELS = 'KERNEL_LIST=" \\\nreduce.metal"\n'
HEADERS = (
    "for x in \\\n    array.h \\\n    distributed/distributed.h \\\n    io/load.h \\\n"
)
HEADERS += "    allocator.h \\\n    ops.h \\\n    version.h\ndo\n  cp $x .\ndone\n"
TARGETS = "cmake ..\nmake \\\n    copy \\\n    defines\n"
FMT = "Source/Cmlx/fmt/include/fmt/base.h"
PATCH = """\
--- a/include/fmt/base.h
+++ b/include/fmt/base.h
@@ -1 +1,2 @@
 #define FMT_VERSION 100201
+// ours
"""


def replaced(path, old, new):
    def edit(folder):
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1))

    return edit


def written(files):
    def edit(folder):
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)

    return edit


def removed(path):
    return lambda folder: (folder / path).unlink()


def nothing(folder):
    pass


def check(folder, *options, form="json"):
    return main(["sync", "check", "--wrapper", str(folder), "--format", form, *options])


def found(capsys):
    return json.loads(capsys.readouterr().out)["findings"]


def line_with(folder, path, text):
    lines = (folder / path).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


IO = '"mlx/mlx/io/gguf.cpp",\n'
PLANTED = [
    pytest.param(
        replaced(MANIFEST, IO, IO + '"mlx/mlx/io/gone.cpp",\n'),
        ("dead-exclude", MANIFEST, "io/gone.cpp", "mlx 1.0.0 does not have"),
        id="dead exclude",
    ),
    pytest.param(
        replaced(MANIFEST, IO, IO + '"oldfolder",\n'),
        ("dead-exclude", MANIFEST, '"oldfolder"', "which the wrapper does not have"),
        id="dead exclude outside the vendored folder",
    ),
    pytest.param(
        replaced(MANIFEST, IO, ""),
        ("accidental-sweep", MANIFEST, "exclude: platformExcludes", "mlx/io/gguf.cpp"),
        id="accidental sweep",
    ),
    pytest.param(
        replaced(MANIFEST, IO, IO + '"mlx/mlx/ops.cpp",\n'),
        ("missing-source", MANIFEST, "mlx/ops.cpp", "in darwin-metal-jit, linux-cpu"),
        id="missing source",
    ),
    pytest.param(
        replaced(MANIFEST, IO, IO + IO),
        ("duplicate-exclude", MANIFEST, None, "io/gguf.cpp again"),
        id="duplicate exclude",
    ),
    pytest.param(
        replaced(MANIFEST, IO, IO + '"mlx/mlx/backend/no_cpu/kernels.cpp",\n'),
        (
            "shadowed-exclude",
            MANIFEST,
            "no_cpu/kernels.cpp",
            "in mlx/mlx/backend/no_cpu",
        ),
        id="shadowed exclude",
    ),
    pytest.param(
        replaced(MANIFEST, '\\"1.0.0\\"', '\\"0.9.0\\"'),
        ("version-define", MANIFEST, "MLX_VERSION", "0.9.0"),
        id="version define",
    ),
    pytest.param(
        replaced(MANIFEST, '.define("MLX_VERSION", to: "\\"1.0.0\\""),', ""),
        (
            "version-define",
            MANIFEST,
            "swift-tools-version",
            "no .define of MLX_VERSION",
        ),
        id="version define missing",
    ),
    pytest.param(
        written({"Small.xcconfig": '// a\nDEFS = MLX_VERSION=\\"0.9.0\\" A=1\n'}),
        ("version-define", "Small.xcconfig", "0.9.0", "upstream gives it 1.0.0"),
        id="version define of Xcode",
    ),
    pytest.param(
        replaced(MANIFEST, "gnucxx17", "gnucxx14"),
        ("language-standard", MANIFEST, "gnucxx14", "upstream is C++17"),
        id="language standard",
    ),
    pytest.param(
        written({"CMakeLists.txt": "project(x)\nset(CMAKE_CXX_STANDARD 14)\n"}),
        ("language-standard", "CMakeLists.txt", "STANDARD 14", "asks for C++14"),
        id="language standard of CMake",
    ),
    pytest.param(
        removed(f"{GENERATED}/jit/copy.cpp"),
        ("kernel-incomplete", f"{GENERATED}/jit/copy.cpp", 1, "copy.cpp"),
        id="generated source missing",
    ),
    pytest.param(
        written({f"{GENERATED}/jit/gone.cpp": ""}),
        ("kernel-stale", f"{GENERATED}/jit/gone.cpp", 1, "gone.cpp"),
        id="generated source stale",
    ),
    pytest.param(
        written({"tools/fix.sh": KERNELS.replace("reduce", "copy")}),
        ("kernel-incomplete", "tools/fix.sh", "KERNEL_LIST", "kernel reduce.metal"),
        ("kernel-stale", "tools/fix.sh", "copy.metal", "kernel copy.metal"),
        id="kernel list of another version",
    ),
    pytest.param(
        written({"tools/make.sh": TARGETS.replace("copy", "copy \\\n    sort")}),
        ("kernel-stale", "tools/make.sh", "sort", "make target sort"),
        id="make target stale",
    ),
    pytest.param(
        written({FMT: "#pragma once\n#define FMT_VERSION 90100\n"}),
        (
            "vendored-dependency",
            FMT,
            "FMT_VERSION",
            "fmt is 9.1.0; upstream fetches 10.2.1",
        ),
        id="vendored dependency",
    ),
    pytest.param(
        written(
            {
                "Source/Cmlx/metal-cpp/README.md": "| macOS 15, iOS 18 | all |\n",
                "notes.md": "\nhttps://developer.apple.com/metal/cpp/files/metal-cpp_26.zip\n",
            }
        ),
        (
            "vendored-dependency",
            "notes.md",
            "metal-cpp_26",
            "upstream fetches metal-cpp_macOS15",
        ),
        id="note on a vendored dependency",
    ),
    pytest.param(
        written({"tools/headers.sh": HEADERS.replace("    array.h \\\n", "")}),
        ("header-closure", "tools/headers.sh", "for x in", "array.h, which"),
        id="public header missing",
    ),
    pytest.param(
        written({"tools/headers.sh": HEADERS.replace("ops.h", "ops.h gone.h")}),
        ("header-closure", "tools/headers.sh", "gone.h", "does not have"),
        id="public header gone",
    ),
    pytest.param(
        replaced(
            f"{GENERATED}/jit/copy.cpp", "\n", '\n#line 1 "/Users/me/metal/a.h"\n'
        ),
        (
            "leaked-path",
            f"{GENERATED}/jit/copy.cpp",
            "/Users/me",
            "/Users/me/metal/a.h",
        ),
        id="leaked path",
    ),
    pytest.param(
        written({FMT: "#define FMT_VERSION 100201\n", "fmt.patch": PATCH}),
        ("lost-patch", "fmt.patch", 1, "is not applied to Source/Cmlx/fmt"),
        id="lost patch",
    ),
    pytest.param(
        written({"vendored.md": "fmt\n\n`fmt.patch` has been applied to it.\n"}),
        ("lost-patch", "vendored.md", "fmt.patch", "fmt.patch is applied"),
        id="patch itself gone",
    ),
    pytest.param(
        written(
            {
                "CMakeLists.txt": "FetchContent_Declare(\n  mlx\n  GIT_REPOSITORY "
                'https://example.org/mlx.git\n  GIT_TAG "v2.0.0")\n'
            }
        ),
        ("pairing", "CMakeLists.txt", "v2.0.0", "fetches mlx v2.0.0, and 1.0.0"),
        id="pairing of the wrapper's own CMake",
    ),
    pytest.param(
        replaced("mlxport.toml", 'compiled.cpp"]', 'compiled.cpp", "mlx/gone.cpp"]'),
        ("stale-choice", "mlxport.toml", "drop", "mlx/gone.cpp, which upstream"),
        id="stale choice",
    ),
]
CLEAN = [
    pytest.param(nothing, id="as it was made"),
    pytest.param(
        replaced(MANIFEST, IO, IO + '"include",\n'), id="an exclude of its own folder"
    ),
    pytest.param(replaced(MANIFEST, "gnucxx17", "gnucxx20"), id="a newer standard"),
    pytest.param(
        written({FMT: "#define FMT_VERSION 110000\n"}), id="a newer dependency"
    ),
    pytest.param(
        written({FMT: "#define FMT_VERSION 100201\n// ours\n", "fmt.patch": PATCH}),
        id="a patch that is applied",
    ),
    pytest.param(
        written(
            {
                "tools/fix.sh": f"# a list\n{KERNELS}",
                "tools/make.sh": TARGETS,
                "tools/headers.sh": HEADERS,
            }
        ),
        id="lists that are complete",
    ),
    pytest.param(
        written({"tools/test.sh": "make \\\n  all \\\n  check\nclang \\\n a.h b.h\n"}),
        id="lists of something else",
    ),
    pytest.param(
        written({"Source/Cmlx/own.cpp": 'auto path = "/usr/lib/libx.so";\n'}),
        id="a path that the program uses",
    ),
    pytest.param(written({"a.patch": PATCH.replace("fmt", "x")}), id="a foreign patch"),
]


@pytest.mark.parametrize("edit", CLEAN)
def test_a_clean_wrapper_has_no_finding(wrapper, git, capsys, edit):
    edit(wrapper)
    git(wrapper, "add", "--all")
    assert check(wrapper) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"findings": []}
    assert captured.err == f"clean: nothing found by {len(checks.names())} checks\n"


def planted(parameters):
    edit, *wanted = parameters.values
    return pytest.param(edit, wanted, id=parameters.id)


@pytest.mark.parametrize(("edit", "wanted"), [planted(row) for row in PLANTED])
def test_a_planted_mistake_is_found(wrapper, git, capsys, edit, wanted):
    edit(wrapper)
    git(wrapper, "add", "--all")
    before = git(wrapper, "status", "--porcelain")
    assert check(wrapper) == 1
    findings = found(capsys)
    assert [(f["rule"], f["path"]) for f in findings] == [w[:2] for w in wanted]
    for finding, (_, path, place, message) in zip(findings, wanted, strict=True):
        if isinstance(place, str):
            place = line_with(wrapper, path, place)
        assert place in (None, finding["line"])
        assert message in finding["message"]
        assert finding["advice"]
    assert git(wrapper, "status", "--porcelain") == before


def test_every_rule_has_a_planted_mistake():
    assert {w[0] for row in PLANTED for w in row.values[1:]} == set(checks.names())


@pytest.mark.parametrize("rule", checks.names())
def test_every_rule_says_what_it_is_for(rule):
    assert checks.summary(rule).endswith(".")
    assert checks.load(rule).READS


FIXABLE = {
    "dead exclude",
    "accidental sweep",
    "missing source",
    "duplicate exclude",
    "shadowed exclude",
    "version define",
    "language standard",
}


class TestFix:
    @pytest.mark.parametrize(
        "edit",
        [pytest.param(r.values[0], id=r.id) for r in PLANTED if r.id in FIXABLE],
    )
    def test_repairs_the_manifest(self, wrapper, git, capsys, edit):
        clean = (wrapper / MANIFEST).read_text()
        edit(wrapper)
        git(wrapper, "commit", "--quiet", "--all", "--message", "Plant")
        assert check(wrapper, "--fix", form="text") == 1
        assert capsys.readouterr().err == (
            f"clean: nothing found by {len(checks.names())} checks, 1 repaired\n"
        )
        assert git(wrapper, "diff", "--name-only").decode().split() == [MANIFEST]
        assert check(wrapper) == 0
        assert "mlx/mlx/ops.cpp" not in (wrapper / MANIFEST).read_text()
        assert sorted((wrapper / MANIFEST).read_text().split()) == sorted(clean.split())

    def test_leaves_what_it_cannot_repair(self, wrapper, git, capsys):
        removed(f"{GENERATED}/jit/copy.cpp")(wrapper)
        replaced(MANIFEST, IO, "")(wrapper)
        git(wrapper, "commit", "--quiet", "--all", "--message", "Plant")
        assert check(wrapper, "--fix") == 1
        assert [f["rule"] for f in found(capsys)] == ["kernel-incomplete"]

    def test_writes_nothing_when_clean(self, wrapper, git):
        assert check(wrapper, "--fix") == 0
        assert git(wrapper, "status", "--porcelain") == b""

    def test_refuses_a_file_that_is_not_committed(self, wrapper, capsys):
        replaced(MANIFEST, IO, "")(wrapper)
        text = (wrapper / MANIFEST).read_text()
        assert check(wrapper, "--fix") == 2
        assert "not committed: Package.swift" in capsys.readouterr().err
        assert (wrapper / MANIFEST).read_text() == text


class TestNextVersion:
    def test_finds_what_it_breaks_and_writes_nothing(self, wrapper, git, capsys):
        assert check(wrapper, "--to", "v2.0.0") == 1
        findings = found(capsys)
        rules = {f["rule"] for f in findings if f["path"] == MANIFEST}
        assert rules == {
            "accidental-sweep",
            "dead-exclude",
            "language-standard",
            "version-define",
        }
        swept = [f["about"] for f in findings if f["rule"] == "accidental-sweep"]
        assert "Source/Cmlx/mlx/mlx/backend/cuda/dirs.cpp" in swept
        assert not any(f["fixable"] for f in findings)
        assert git(wrapper, "status", "--porcelain") == b""

    def test_is_clean_after_the_update(self, wrapper, git, capsys):
        main(["sync", "update", "--wrapper", str(wrapper), "--to", "v2.0.0"])
        capsys.readouterr()
        assert check(wrapper) == 1
        assert {f["rule"] for f in found(capsys)} == {"kernel-incomplete"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["--to", "v9"], "no tag, branch or commit 'v9'", id="no such ref"),
        pytest.param(["--fix", "--to", "v2.0.0"], "sync update --to v2.0.0", id="fix"),
        pytest.param(["--upstream", "fmt=."], "no upstream 'fmt'", id="unknown name"),
        pytest.param(["--upstream", "mlx"], "not NAME=PATH_OR_URL", id="no location"),
        pytest.param(["--upstream", "mlx=gone"], "--upstream mlx=PATH", id="no folder"),
    ],
)
def test_bad_input(wrapper, capsys, monkeypatch, options, said):
    monkeypatch.chdir(wrapper)
    assert check(wrapper, *options) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_a_folder_that_is_no_wrapper(commit, capsys):
    folder = commit({"a.txt": ""}, folder="other")
    assert check(folder) == 2
    assert "write an mlxport.toml" in capsys.readouterr().err


def test_a_wrapper_never_updated(wrapper, capsys):
    (wrapper / "mlxport.lock").unlink()
    assert check(wrapper) == 2
    assert "sync update --to REF" in capsys.readouterr().err


def test_another_location_of_the_upstream(wrapper, tmp_path):
    shutil.move(tmp_path / "upstream", tmp_path / "moved")
    assert check(wrapper) == 2
    assert check(wrapper, "--upstream", f"mlx={tmp_path / 'moved'}") == 0


class TestReports:
    @pytest.fixture
    def drifted(self, wrapper, git):
        replaced(MANIFEST, IO, IO + IO)(wrapper)
        git(wrapper, "commit", "--quiet", "--all", "--message", "Plant")
        return wrapper

    def test_text(self, drifted, capsys):
        check(drifted, form="text")
        out, err = capsys.readouterr()
        assert re.match(r"Package\.swift:\d+: excludes .* \[duplicate-exclude\]\n", out)
        assert out.endswith("(--fix does it)\n")
        assert err == "1 mistake, 1 of them --fix can repair\n"

    def test_github(self, drifted, capsys):
        check(drifted, form="github")
        out = capsys.readouterr().out
        assert re.match(
            r"::error file=Package\.swift,line=\d+,title=duplicate-exclude::ex", out
        )
        assert out.count("\n") == 1

    def test_sarif(self, drifted, capsys):
        check(drifted, form="sarif")
        document = json.loads(capsys.readouterr().out)
        assert document["version"] == "2.1.0"
        [run] = document["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == list(checks.names())
        [result] = run["results"]
        assert (
            rules[result["ruleIndex"]]["id"] == result["ruleId"] == "duplicate-exclude"
        )
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == MANIFEST
        assert place["region"]["startLine"] > 1
        assert re.fullmatch(
            "[0-9a-f]{32}", result["partialFingerprints"]["mlxportFinding/v1"]
        )

    def test_a_clean_run_has_all_rules_and_no_result(self, wrapper, capsys):
        assert check(wrapper, form="sarif") == 0
        [run] = json.loads(capsys.readouterr().out)["runs"]
        assert len(run["tool"]["driver"]["rules"]) == len(checks.names())
        assert run["results"] == []

    def test_a_fingerprint_survives_other_lines(self, drifted, git, capsys):
        check(drifted)
        [before] = found(capsys)
        replaced(MANIFEST, "import", "// one more line\nimport")(drifted)
        check(drifted)
        [after] = found(capsys)
        assert after["line"] == before["line"] + 1
        assert after["fingerprint"] == before["fingerprint"]

    def test_paths_are_the_repository_s_for_services(
        self, tmp_path, wrapper, git, capsys
    ):
        replaced(MANIFEST, IO, IO + IO)(wrapper)
        (wrapper / "mlxport.toml").write_text(
            (wrapper / "mlxport.toml")
            .read_text()
            .replace("'../upstream'", f"'{tmp_path / 'upstream'}'")
        )
        outer = tmp_path / "outer"
        outer.mkdir()
        git(outer, "init", "--quiet")
        shutil.copytree(wrapper, outer / "swift", ignore=shutil.ignore_patterns(".git"))
        git(outer, "add", "--all", "--force")
        check(outer / "swift", form="github")
        assert "file=swift/Package.swift" in capsys.readouterr().out

    @pytest.mark.parametrize("form", reports.names())
    def test_every_form_takes_an_empty_list(self, form):
        assert isinstance(reports.load(form).render(()), str)
