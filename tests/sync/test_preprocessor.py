import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlxport.cli.errors import UserError
from mlxport.sync.preprocessor import macros, target
from mlxport.sync.preprocessor.headers import Headers
from mlxport.sync.preprocessor.preprocessor import included, preprocessed

TARGET = target.load("arm64-apple")
CLANG = shutil.which("clang")
needs_clang = pytest.mark.skipif(
    CLANG is None, reason="there is no clang to compare with"
)


def run(tree, path="a.h", folders=("",), **defines):
    return preprocessed(Headers(tree, folders), path, TARGET, defines)


def clang(tree, path="a.h"):
    """Return what the real clang prints; its version 14 and later agree with each other."""
    return subprocess.run(
        [
            *(CLANG, "--target=arm64-apple-macosx14", "-E", "-P", "-w"),
            *("-nostdinc", "-nobuiltininc", "-I", tree, tree / path),
        ],
        capture_output=True,
        check=True,
    ).stdout.decode("latin-1")


TEXTS = {
    "nothing": ("", ""),
    "comments and blank lines go": ("int a; // one\n\n\n/* two\n*/ int b;", "int a;\n   int b;"),
    "indentation stays": ("{\n\t\tx;\n    y;\n}", "{\n  x;\n    y;\n}"),
    "spaces inside a line become one": ("a   +\t b", "a + b"),
    "no include guard is left": ("#ifndef A\n#define A\nx\n#endif", "x"),
    "a macro": ("#define N 3\nint a[N];", "int a[3];"),
    "a macro of a macro": ("#define A B\n#define B 1\nA", "1"),
    "a macro that names itself": ("#define f f + 1\nf", "f + 1"),
    "arguments": ("#define MAX(a, b) ((a) > (b) ? (a) : (b))\nMAX(f(1, 2), g)",
                  "((f(1, 2)) > (g) ? (f(1, 2)) : (g))"),
    "a name without its arguments": ("#define F(x) x\nint F;", "int F;"),
    "a call over several lines": ("#define F(a, b) a b\nF(x,\n  y)\n;\nz", "x y\n;\nz"),
    "a call and its semicolon": ("#define F(a) a\nF(\n  x);\ny", "x;\ny"),
    "pasted": ("#define C(a, b) a##b\nC(x, 1) C(, y) C(+, =)", "x1 y +="),
    "a string": ('#define S(x) #x\nS(a  "b\\n" )', '"a \\"b\\\\n\\""'),
    "variadic": ("#define V(f, ...) f(__VA_ARGS__)\nV(g, 1, 2) V(h)", "g(1, 2) h()"),
    "GNU's comma": ("#define V(f, ...) f(0, ##__VA_ARGS__)\nV(g) V(h, 1)", "g(0) h(0, 1)"),
    "an empty macro": ("#define E\nE a E b", "  a b"),
    "undefined again": ("#define A 1\n#undef A\nA", "A"),
    "tokens stay apart": ("#define M -\n#define P +\n-M P+P x", "- - + + + x"),
    "a continued define": ("#define A(x) \\\n  x; \\\n  y\nA(1)", "1; y"),
    "a raw string": ('R"x(#define // "\n)x" a', 'R"x(#define // "\n)x" a'),
    "pragmas stay": ("#pragma once\n#pragma clang  loop unroll(full)\nx", "#pragma clang loop unroll(full)\nx"),
    "_Pragma": ('#define U _Pragma("unroll") for\nU (;;)', "#pragma unroll\n for (;;)"),
    "bytes that are not ASCII": ("// é\nchar* a = \"\u00c3\u00a9\";", 'char* a = "\u00c3\u00a9";'),
    "conditions": ("#if defined(A) || B\nx\n#elif 1 < 2 && !C\ny\n#else\nz\n#endif", "y"),
    "a condition in a part that is left out": ("#if 0\n#if __NEW__\n#endif\n#else\nx\n#endif", "x"),
    "arithmetic": ("#if (7 / 2 == 3) && (-7 % 3 == -1) && (1 ? 0x10 : 0) >> 4 == 1\nx\n#endif", "x"),
    "short circuit": ("#if 0 && 1 / 0\n#else\nx\n#endif", "x"),
    "a known macro of the target": ("#ifdef __APPLE__\nx\n#endif\n#ifdef __linux__\ny\n#endif", "x"),
    "apostrophes in what is left out": ("#if 0\ndon't\n#endif\nx", "x"),
    "a header of the system": ("#include <cmath>\nx", "x"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), TEXTS.values(), ids=TEXTS.keys())
def test_text(write, text, printed):
    tree = write({})
    tree.mkdir(exist_ok=True)
    (tree / "a.h").write_bytes(text.encode("latin-1"))
    # Where nothing has been printed yet, clang ends that empty line as well.
    assert run(tree).lstrip("\n") == printed
    if CLANG and "<cmath>" not in text:
        assert clang(tree).rstrip("\n") == run(tree)


FILES = {
    "the folder of the includer comes first": (
        {"f/a.h": '#include "b.h"', "f/b.h": "near", "b.h": "far"},
        "f/a.h",
        "near",
    ),
    "a header above": ({"f/a.h": '#include "../b.h"\nx', "b.h": "y"}, "f/a.h", "y\nx"),
    "pragma once": (
        {"a.h": '#include "b.h"\n#include "./b.h"\nx', "b.h": "#pragma once\ny"},
        "a.h",
        "y\nx",
    ),
    "a cycle that a guard ends": (
        {
            "a.h": '#ifndef A\n#define A\n#include "b.h"\nx\n#endif',
            "b.h": '#ifndef B\n#define B\n#include "a.h"\ny\n#endif',
        },
        "a.h",
        "y\nx",
    ),
    "no guard: twice": (
        {"a.h": '#include "b.h"\n#include "b.h"', "b.h": "y"},
        "a.h",
        "y\ny",
    ),
    "a header named by a macro": (
        {"a.h": '#define H "b.h"\n#include H', "b.h": "y"},
        "a.h",
        "y",
    ),
    "angle brackets, in the tree": (
        {"a.h": "#include <f/b.h>", "f/b.h": "y"},
        "a.h",
        "y",
    ),
}


@pytest.mark.parametrize(("files", "path", "printed"), FILES.values(), ids=FILES.keys())
def test_includes(write, files, path, printed):
    tree = write(files)
    assert run(tree, path).strip("\n").replace("\n\n", "\n") == printed
    if CLANG:
        assert clang(tree, path).rstrip("\n") == run(tree, path)


ERRORS = {
    "a missing header": (
        {"a.h": '\n#include "gone.h"'},
        "a.h:2: includes gone.h, which is not in upstream's tree",
    ),
    "a header outside the tree": (
        {"a.h": '#include "../secret.h"', "../secret.h": "s"},
        "a.h:1: includes ../secret.h, which is outside upstream's tree",
    ),
    "an absolute path": (
        {"a.h": '#include "/etc/passwd"'},
        "a.h:1: includes /etc/passwd, which is outside upstream's tree",
    ),
    "a cycle without a guard": (
        {"a.h": '#include "b.h"', "b.h": '\n#include "a.h"'},
        "headers are included more than 200 deep: a.h -> b.h -> a.h",
    ),
    "a question without an answer": (
        {"a.h": "#if __NEW_FEATURE__ > 2\n#endif"},
        "a.h:1: asks for __NEW_FEATURE__, and nothing says whether arm64-apple",
    ),
    "no #endif": ({"a.h": "\n#if 1\nx"}, "a.h:2: the #if has no #endif"),
    "#else alone": ({"a.h": "#else"}, "a.h:1: #else without an #if"),
    "an unknown directive": ({"a.h": "#embed <x>"}, "a.h:1: #embed is a directive"),
    "#error": ({"a.h": "#error no float"}, "a.h:1: #error no float"),
    "no expression": ({"a.h": "#if\n#endif"}, "a.h:1: cannot evaluate #if"),
    "nonsense in an expression": ({"a.h": "#if 1 +\n#endif"}, "a.h:1: cannot evaluate"),
    "a function in an expression": (
        {"a.h": "#if F(1)\n#endif"},
        "a.h:1: cannot evaluate",
    ),
    "a comment without an end": ({"a.h": "x\n/* y"}, "a.h:2: the comment has no end"),
    "a call without an end": (
        {"a.h": "#define F(x) x\nF(1"},
        "a.h:2: the call of the macro F has no end",
    ),
    "too few arguments": (
        {"a.h": "#define F(x, y) x\nF(1)"},
        "a.h:2: the macro F takes 2 arguments, not 1",
    ),
    "parameters without an end": (
        {"a.h": "#define F(x\n"},
        "a.h:1: the parameters of F have no end",
    ),
    "a path of the machine": (
        {"a.h": "const char* f = __FILE__;"},
        "a.h:1: uses __FILE__, which only a compiler can expand",
    ),
    "an include of nothing": ({"a.h": "#include\n"}, "a.h:1: #include names no header"),
}


@pytest.mark.parametrize(("files", "said"), ERRORS.values(), ids=ERRORS.keys())
def test_errors_name_the_line(write, files, said):
    with pytest.raises(UserError) as raised:
        run(write(files))
    assert said in str(raised.value)


def test_a_link_that_leaves_the_tree(write, tmp_path):
    tree = write({"a.h": '#include "b.h"'})
    (tmp_path / "secret.h").write_text("s")
    (tree / "b.h").symlink_to("../secret.h")
    with pytest.raises(UserError, match="outside upstream's tree"):
        run(tree)


def test_macros_that_double_without_end(write, monkeypatch):
    monkeypatch.setattr(macros, "MOST_TOKENS", 10_000)
    doubling = "".join(f"#define M{i} M{i + 1} M{i + 1}\n" for i in range(60))
    with pytest.raises(UserError, match=r"a.h:61: macros expand to more than"):
        run(write({"a.h": f"{doubling}M0\n"}))


def test_the_headers_entered_and_how_deep(write):
    tree = write(
        {
            "k/a.h": '#include "b.h"\n#include "c.h"\n#ifdef __METAL__\n#include "../d.h"\n#endif',
            "k/b.h": '#pragma once\n#include "c.h"\n',
            "k/c.h": "#ifndef C\n#define C\n#include <metal_stdlib>\n#endif\n",
            "d.h": "",
        }
    )
    assert included(Headers(tree, [""]), "k/a.h", target.load("metal"), {}) == (
        (1, "k/b.h"),
        (2, "k/c.h"),
        (1, "k/../d.h"),
    )


PIECES = st.sampled_from(
    [
        "a", "b1", "V(1)", "V(1, 2)", "V()", "7", "1.5e", ".", "-", "+", "<", ">", "=", "==", "&", "|", ":", "#", "*",
        "(", ")", ",", "OBJ", "EMPTY", "F(", "G(x,", "CAT(a,", "PUT(", "STR(", '"s"', "'c'", "/",
        " ", "  ", "\n", "\n  ", "/* c */", "OBJ2", "_Pragma(\"p q\")",
    ]
)  # fmt: skip
MACROS = """#define OBJ - OBJ2 EMPTY
#define OBJ2 (+ a)
#define EMPTY
#define F(x) x x EMPTY
#define G(x, y) [x]-y EMPTY y
#define CAT(x, y) x##y
#define PUT(x) [x##1 x ## a 2##x]
#define STR(x) #x
#define V(f, ...) f(0, ##__VA_ARGS__) __VA_ARGS__
"""


@needs_clang
@settings(max_examples=40, deadline=None)
@given(st.lists(PIECES, max_size=14))
def test_any_text_comes_out_as_clang_prints_it(pieces):
    text = "".join(pieces)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.h").write_text(f"{MACROS}{text}\n")
        try:
            expected = clang(Path(folder))
        except subprocess.CalledProcessError:
            return
        assert run(Path(folder)) == expected.rstrip("\n")
