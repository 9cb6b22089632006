import os
import pwd
import shutil
import subprocess
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.cli.errors import UserError
from mlxport.cli.main import main
from mlxport.sync import formats
from mlxport.sync.cmake import program
from mlxport.sync.filelists import Dependency
from mlxport.sync.formats import Lists
from mlxport.sync.lock import WrapperLists
from mlxport.sync.tables import Table

NAMES = {
    "cmake": "mlx.cmake",
    "zig": "mlx.zig",
    "rust": "mlx.rs",
    "bazel": "mlx.bzl",
}
COMMENTS = {"cmake": "#", "bazel": "#", "zig": "//", "rust": "//"}
MAC = WrapperLists(
    ("mlx/array.cpp", "mlx/backend/cuda/no_cuda.cpp", "mlx/metal/device.cpp"),
    ("mlx/metal/jit/sort.cpp",),
    ('MLX_VERSION="1.2"', "MLX_STATIC", 'METAL_PATH="<build>/mlx.metallib"'),
    "c++20",
    (Dependency("fmt", "https://example.org/fmt", "1"),),
)
LINUX = WrapperLists(("mlx/array.cpp", "mlx/backend/cuda/no_cuda.cpp"), (), (), "", ())
CONFIGURATIONS = {"linux-cpu": LINUX, "own/darwin-metal.toml": MAC}
EXPECTED = {
    "cmake": """\
# mlxport: begin (written by `mlxport sync`; changes in here are lost)
set(MLX_LINUX_CPU_SOURCES
    "${CMAKE_CURRENT_LIST_DIR}/../vendor/mlx/mlx/array.cpp"
    "${CMAKE_CURRENT_LIST_DIR}/../vendor/mlx/mlx/backend/cuda/no_cuda.cpp")
set(MLX_LINUX_CPU_GENERATED "")
set(MLX_LINUX_CPU_DEFINES "")
set(MLX_LINUX_CPU_STANDARD "")
set(MLX_DARWIN_METAL_SOURCES
    "${CMAKE_CURRENT_LIST_DIR}/../vendor/mlx/mlx/array.cpp"
    "${CMAKE_CURRENT_LIST_DIR}/../vendor/mlx/mlx/backend/cuda/no_cuda.cpp"
    "${CMAKE_CURRENT_LIST_DIR}/../vendor/mlx/mlx/metal/device.cpp")
set(MLX_DARWIN_METAL_GENERATED
    "mlx/metal/jit/sort.cpp")
set(MLX_DARWIN_METAL_DEFINES
    "MLX_STATIC"
    "MLX_VERSION=\\"1.2\\"")
set(MLX_DARWIN_METAL_STANDARD "c++20")
# mlxport: end
""",
    "zig": """\
// mlxport: begin (written by `mlxport sync`; changes in here are lost)
pub const mlx_linux_cpu_sources = [_][]const u8{
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
};
pub const mlx_linux_cpu_generated = [_][]const u8{};
pub const mlx_linux_cpu_defines = [_][]const u8{};
pub const mlx_linux_cpu_standard = "";
pub const mlx_darwin_metal_sources = [_][]const u8{
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
    "../vendor/mlx/mlx/metal/device.cpp",
};
pub const mlx_darwin_metal_generated = [_][]const u8{
    "mlx/metal/jit/sort.cpp",
};
pub const mlx_darwin_metal_defines = [_][]const u8{
    "MLX_STATIC",
    "MLX_VERSION=\\"1.2\\"",
};
pub const mlx_darwin_metal_standard = "c++20";
// mlxport: end
""",
    "rust": """\
// mlxport: begin (written by `mlxport sync`; changes in here are lost)
pub const MLX_LINUX_CPU_SOURCES: &[&str] = &[
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
];
pub const MLX_LINUX_CPU_GENERATED: &[&str] = &[];
pub const MLX_LINUX_CPU_DEFINES: &[&str] = &[];
pub const MLX_LINUX_CPU_STANDARD: &str = "";
pub const MLX_DARWIN_METAL_SOURCES: &[&str] = &[
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
    "../vendor/mlx/mlx/metal/device.cpp",
];
pub const MLX_DARWIN_METAL_GENERATED: &[&str] = &[
    "mlx/metal/jit/sort.cpp",
];
pub const MLX_DARWIN_METAL_DEFINES: &[&str] = &[
    "MLX_STATIC",
    "MLX_VERSION=\\"1.2\\"",
];
pub const MLX_DARWIN_METAL_STANDARD: &str = "c++20";
// mlxport: end
""",
    "bazel": """\
# mlxport: begin (written by `mlxport sync`; changes in here are lost)
MLX_LINUX_CPU_SOURCES = [
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
]
MLX_LINUX_CPU_GENERATED = []
MLX_LINUX_CPU_DEFINES = []
MLX_LINUX_CPU_STANDARD = ""
MLX_DARWIN_METAL_SOURCES = [
    "../vendor/mlx/mlx/array.cpp",
    "../vendor/mlx/mlx/backend/cuda/no_cuda.cpp",
    "../vendor/mlx/mlx/metal/device.cpp",
]
MLX_DARWIN_METAL_GENERATED = [
    "mlx/metal/jit/sort.cpp",
]
MLX_DARWIN_METAL_DEFINES = [
    "MLX_STATIC",
    "MLX_VERSION=\\"1.2\\"",
]
MLX_DARWIN_METAL_STANDARD = "c++20"
# mlxport: end
""",
}


def lists(form, configurations=None):
    return Lists(
        PurePosixPath("/nowhere"),
        PurePosixPath("build") / NAMES[form],
        PurePosixPath("vendor/mlx"),
        (),
        configurations or CONFIGURATIONS,
    )


def options(form, tmp_path=None, text="", configurations=tuple(CONFIGURATIONS)):
    table = Table({}, (), PurePosixPath("x"), "")
    if tmp_path:
        (tmp_path / "o.toml").write_text(text)
        table = Table.read(tmp_path / "o.toml")
    return formats.load(form).read_options(table, configurations)


every_format = pytest.mark.parametrize("form", sorted(NAMES))


@every_format
def test_a_new_file(form):
    text = formats.load(form).render(None, lists(form), options(form)).decode()
    assert text == EXPECTED[form]


@every_format
def test_what_is_read_back_is_what_was_written(form):
    module = formats.load(form)
    text = module.render(None, lists(form), options(form))
    assert module.compiled(text, lists(form), options(form)) == {
        "linux-cpu": set(LINUX.sources),
        "own/darwin-metal.toml": set(MAC.sources),
    }


@every_format
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_is_outside_of_the_marks_is_kept(form, newline):
    module, comment = formats.load(form), COMMENTS[form]
    start = f"{comment} by hand{newline}  {comment} mlxport: begin{newline}"
    end = (
        f"  {comment} mlxport: end (really){newline}{comment} after, without a newline"
    )
    current = f"{start}{comment} old{newline}{end}".encode()
    text = module.render(current, lists(form), options(form))
    inside = "".join(EXPECTED[form].splitlines(keepends=True)[1:-1])
    assert text.decode() == start + inside.replace("\n", newline) + end
    assert module.render(text, lists(form), options(form)) == text
    assert len(module.compiled(text, lists(form), options(form))["linux-cpu"]) == 2


@every_format
@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        pytest.param(["x"], "", "no part that is marked", id="no marks"),
        pytest.param(["x", "begin"], ":2", "no part that is marked", id="no end"),
        pytest.param(["end"], ":1", "no part that is marked", id="no beginning"),
        pytest.param(["end", "begin"], ":2", "no part", id="wrong order"),
        pytest.param(["begin", "end", "begin", "end"], ":3", "second mark", id="two"),
        pytest.param(["begin", "begin", "end"], ":2", "second mark", id="two begin"),
        pytest.param(["beginning", "ending"], "", "no part", id="other words"),
    ],
)
def test_marks_that_are_missing_or_too_many(form, lines, line, message):
    comment = COMMENTS[form]
    current = "".join(f"{comment} mlxport: {text}\n" for text in lines).encode()
    with pytest.raises(UserError, match=message) as caught:
        formats.load(form).render(current, lists(form), options(form))
    assert caught.value.where == f"build/{NAMES[form]}{line}"


@every_format
def test_a_file_that_is_not_text(form):
    with pytest.raises(UserError, match="is not UTF-8"):
        formats.load(form).render(b"\xff", lists(form), options(form))


CHANGED = [
    pytest.param("cmake", "list(APPEND MLX_LINUX_CPU_SOURCES x.cpp)", id="cmake list"),
    pytest.param("cmake", "set(MLX_LINUX_CPU_SOURCES x.cpp)", id="cmake set"),
    pytest.param("cmake", 'string(APPEND MLX_LINUX_CPU_SOURCES ";x")', id="string"),
    pytest.param("cmake", "unset(MLX_LINUX_CPU_SOURCES)", id="cmake unset"),
    pytest.param("bazel", "MLX_LINUX_CPU_SOURCES += ['x.cpp']", id="bazel +="),
    pytest.param("bazel", "MLX_LINUX_CPU_SOURCES.append('x.cpp')", id="bazel append"),
    pytest.param("bazel", "MLX_LINUX_CPU_SOURCES[0] = 'x.cpp'", id="bazel item"),
    pytest.param("zig", 'const mlx_linux_cpu_sources = [_]u8{"x"};', id="zig"),
    pytest.param("rust", 'const MLX_LINUX_CPU_SOURCES: &[&str] = &["x"];', id="rust"),
]


@pytest.mark.parametrize(("form", "line"), CHANGED)
def test_a_list_that_is_changed_by_hand(form, line):
    module = formats.load(form)
    text = module.render(None, lists(form), options(form)) + line.encode()
    with pytest.raises(UserError, match=r"(?i)MLX_LINUX_CPU_SOURCES is also given"):
        module.compiled(text, lists(form), options(form))


USED = [
    pytest.param(
        "cmake",
        "foreach(x IN LISTS MLX_LINUX_CPU_SOURCES)\nlist(LENGTH MLX_LINUX_CPU_SOURCES n)\n"
        "target_sources(mlx PRIVATE ${MLX_LINUX_CPU_SOURCES})\nendforeach()\n"
        "# set(MLX_LINUX_CPU_SOURCES x)\n",
        id="cmake",
    ),
    pytest.param(
        "bazel",
        "def mlx():\n    native.cc_library(name = 'mlx', srcs = MLX_LINUX_CPU_SOURCES)\n"
        "ALL = MLX_LINUX_CPU_SOURCES + ['x.cpp']\n# MLX_LINUX_CPU_SOURCES = []\n",
        id="bazel",
    ),
    pytest.param(
        "zig",
        "// pub const mlx_linux_cpu_sources = [_][]const u8{};\n"
        "fn f() void { const x = 'a'; const q = '\"'; }\nfn g() void { const x = 2; }\n"
        "const s = \\\\const mlx_linux_cpu_sources = 1;\n;\n",
        id="zig",
    ),
    pytest.param(
        "rust",
        '/* const MLX_LINUX_CPU_SOURCES: u8 = 1; */ const A: &str = "const B: u8 = 2;";\n'
        'const R: &str = r#"const MLX_LINUX_CPU_SOURCES: " = 3;"#;\n'
        "fn f<'a>(x: &'a str) -> char { '\"' }\n",
        id="rust",
    ),
]


@pytest.mark.parametrize(("form", "code"), USED)
def test_code_by_hand_that_leaves_the_lists_alone(form, code):
    module = formats.load(form)
    text = code.encode() + module.render(None, lists(form), options(form))
    found = module.compiled(text + code.encode(), lists(form), options(form))
    assert found["linux-cpu"] == set(LINUX.sources)


def test_a_file_that_is_not_starlark():
    text = formats.load("bazel").render(None, lists("bazel"), options("bazel"))
    with pytest.raises(UserError, match="line 2 is not Starlark") as caught:
        formats.load("bazel").compiled(
            b"x = 1\n(\n" + text, lists("bazel"), options("bazel")
        )
    assert caught.value.where == "build/mlx.bzl"


@every_format
@pytest.mark.parametrize("prefix", ["", "lib/", "${ROOT}/", 'a "b" \\ $c; @d@/'])
def test_a_prefix(form, prefix):
    module, chosen = formats.load(form), formats.load(form)
    chosen = type(options(form))("mlx", prefix)
    if form == "cmake" and '"' in prefix:
        pytest.skip("a prefix is CMake code there")
    text = module.render(None, lists(form), chosen)
    assert module.compiled(text, lists(form), chosen)["linux-cpu"] == set(LINUX.sources)


def test_a_prefix_that_does_not_come_back_shows():
    chosen = type(options("cmake"))("mlx", 'a"b/')
    text = formats.load("cmake").render(None, lists("cmake"), chosen)
    found = formats.load("cmake").compiled(text, lists("cmake"), chosen)
    assert found["linux-cpu"] != set(LINUX.sources)


@every_format
@given(
    st.sets(
        st.text(
            st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1
        ).filter(str.isprintable),
        max_size=5,
    )
)
def test_any_name_comes_back(form, names):
    module = formats.load(form)
    given_lists = lists(form, {"linux-cpu": WrapperLists(tuple(names), (), (), "", ())})
    chosen = options(form, configurations=("linux-cpu",))
    text = module.render(None, given_lists, chosen)
    assert module.compiled(text, given_lists, chosen) == {"linux-cpu": names}


@every_format
@pytest.mark.parametrize(
    ("text", "configurations", "message"),
    [
        pytest.param("name = 'a-b'", ["x"], "is no identifier", id="name"),
        pytest.param("name = 'é'", ["x"], "is no identifier", id="letter"),
        pytest.param("prefix = 3", ["x"], "takes a string", id="prefix"),
        pytest.param("cover = 'quiet'", ["x"], "unknown key 'cover'", id="key"),
        pytest.param("", ["a-b", "own/a_b.toml"], "the same name", id="clash"),
    ],
)
def test_bad_options(form, tmp_path, text, configurations, message):
    with pytest.raises(UserError, match=message) as caught:
        options(form, tmp_path, text, configurations)
    assert str(tmp_path / "o.toml") in caught.value.where


def test_cmake_itself_reads_what_was_written(tmp_path):
    names = (
        "a b.cpp",
        "c;d.cpp",
        'e"f.cpp',
        "g$h.cpp",
        "i\\j.cpp",
        "k@l@.cpp",
        "m#n.cpp",
    )
    given_lists = lists("cmake", {"linux-cpu": WrapperLists(names, (), (), "", ())})
    chosen = options("cmake", configurations=("linux-cpu",))
    file = tmp_path / "mlx.cmake"
    file.write_bytes(formats.load("cmake").render(None, given_lists, chosen))
    script = tmp_path / "print.cmake"
    script.write_text(
        "cmake_minimum_required(VERSION 3.25)\n"
        'include("${CMAKE_CURRENT_LIST_DIR}/mlx.cmake")\n'
        "foreach(path IN LISTS MLX_LINUX_CPU_SOURCES)\n"
        '  file(APPEND "${CMAKE_CURRENT_LIST_DIR}/out" "${path}\\n")\nendforeach()\n'
    )
    subprocess.run([program(), "-P", script], check=True)
    start = f"{tmp_path}/../vendor/mlx/"
    assert (tmp_path / "out").read_text().splitlines() == [
        start + n for n in sorted(names)
    ]


def test_rust_itself_reads_what_was_written(tmp_path):
    # The test has a home of its own, but rustup keeps the compiler in the user's.
    env = {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    if not shutil.which("rustc") or subprocess.run(["rustc", "-V"], env=env).returncode:
        pytest.skip("no rustc here")
    text = formats.load("rust").render(None, lists("rust"), options("rust")).decode()
    file = tmp_path / "main.rs"
    show = 'print!("{} {:?}", MLX_DARWIN_METAL_SOURCES[2], MLX_DARWIN_METAL_DEFINES[1])'
    file.write_text(f"#![allow(dead_code)]\n{text}fn main() {{ {show} }}\n")
    subprocess.run(["rustc", "-o", tmp_path / "main", file], check=True, env=env)
    done = subprocess.run([tmp_path / "main"], capture_output=True, check=True)
    said = '../vendor/mlx/mlx/metal/device.cpp "MLX_VERSION=\\"1.2\\""'
    assert done.stdout.decode() == said


@every_format
def test_a_wrapper_of_that_build_system(wrapper, git, capsys, form):
    """The whole command: a file with marks, the update, and what it compiles then."""
    config = wrapper / "mlxport.toml"
    output = f'\n[[outputs]]\nformat = "{form}"\npath = "build/{NAMES[form]}"\n'
    config.write_text(config.read_text() + output)
    git(wrapper, "add", "--all")
    git(wrapper, "commit", "--quiet", "--message", "Another build system")
    assert main(["sync", "update", "--wrapper", str(wrapper), "--to", "v2.0.0"]) == 1
    capsys.readouterr()
    text = (wrapper / "build" / NAMES[form]).read_text()
    assert "mlx/backend/cuda/no_cuda.cpp" in text
    assert "mlx/backend/cuda/device.cpp" not in text
    assert "mlx/distributed/mpi/no_mpi.cpp" in text
