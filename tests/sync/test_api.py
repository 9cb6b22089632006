import pytest

from mlxport.sync import api, apichanges

CPP = """\
#include "mlx/array.h"
namespace mlx::core {
/** Arange. */
MLX_API array arange(double stop, Dtype dtype = float32, StreamOrDevice s = {});
array arange(int stop, StreamOrDevice s = {});
std::vector<array> quantize(
    const array& w,
    std::optional<int> bits = std::nullopt,
    const std::string& mode = "affine");
inline array operator+(const array& a, const array& b) { return a; }
const std::string& name(void);
struct Hidden { array method(int x); };
namespace detail { array secret(array a); }
} // namespace mlx::core
namespace mlx::core::fast {
using Fn = std::function<std::vector<array>(const std::vector<array>&, int)>;
Fn kernel(const char* name, array (*f)(array));
}
"""
C = """\
#ifdef __cplusplus
extern "C" {
#endif
typedef struct mlx_array_ { void* ctx; } mlx_array;
int mlx_abs(mlx_array* res, const mlx_array a);
const char* mlx_name(void);
#ifdef __cplusplus
}
#endif
"""
BINDINGS = """\
void init_ops(nb::module_& m) {
  m.def(
      "quantize",
      &mx::quantize,
      nb::arg(),
      nb::sig(
          "def quantize(w: array, /, bits: int = 4, *, "
          "stream: Union[None, Stream] = None) -> tuple[array, array]"),
      R"pbdoc(
        Quantize (and "more").
      )pbdoc");
  m.def("_private", &f);
  m.def("plain", &f, "x"_a, "axis"_a = nb::none(), nb::kw_only(), "keep"_a = false);
  nb::module_ metal = m.def_submodule("metal", "mlx.metal");
  metal.def("is_available", &mx::metal::is_available);
  nb::class_<mx::array>(m, "array", R"pbdoc(An array.)pbdoc")
      .def("__init__", [](int x) { return 1; }, "val"_a,
           nb::sig("def __init__(self: array, val: int, verbose: bool = false)"))
      .def("item", &item, nb::sig("def item(self) -> scalar"))
      .def_prop_ro("size", &mx::array::size);
}
void init_fast(nb::module_& parent_module) {
  auto m = parent_module.def_submodule("fast", "mlx.fast");
  m.def("rope", &mx::fast::rope, nb::sig("def rope(a: array, dims: int) -> array"));
}
"""
PACKAGE = """\
class Linear:
    def __init__(self, dims: int, bias: bool = True): ...
    def __call__(self, x): ...
    def _hidden(self): ...

class _Private:
    def method(self): ...

def quantize(model, *args, bits=4, **kwargs) -> int: ...
"""


def shown(name, tree):
    return {
        function: [signature.text for signature in signatures]
        for function, signatures in api.read(name, tree).items()
    }


def test_cpp_headers(write):
    tree = write({"mlx/mlx.h": '#include "mlx/ops.h"\n', "mlx/ops.h": CPP})
    assert shown("cpp_headers", tree) == {
        "mlx::core::arange": [
            "array arange(double stop, Dtype dtype = float32, StreamOrDevice s = {})",
            "array arange(int stop, StreamOrDevice s = {})",
        ],
        "mlx::core::quantize": [
            "std::vector<array> quantize(const array& w, std::optional<int> bits = "
            'std::nullopt, const std::string& mode = "affine")'
        ],
        "mlx::core::operator+": ["array operator+(const array& a, const array& b)"],
        "mlx::core::name": ["const std::string& name()"],
        "mlx::core::fast::kernel": ["Fn kernel(const char* name, array (*)(array) f)"],
    }


def test_c_headers(write):
    assert shown("c_headers", write({"mlx/c/ops.h": C})) == {
        "mlx_abs": ["int mlx_abs(mlx_array* res, const mlx_array a)"],
        "mlx_name": ["const char* mlx_name()"],
    }


def test_python_bindings(write):
    assert shown("python_bindings", write({"python/src/ops.cpp": BINDINGS})) == {
        "mlx.core.quantize": [
            "quantize(w: array, /, bits: int=4, *, stream: Union[None, Stream]=None) "
            "-> tuple[array, array]"
        ],
        "mlx.core.plain": ["plain(x, axis=None, *, keep=False)"],
        "mlx.core.metal.is_available": ["is_available()"],
        "mlx.core.array": ["class array"],
        "mlx.core.array.__init__": [
            "__init__(self: array, val: int, verbose: bool=False)"
        ],
        "mlx.core.array.item": ["item(self) -> scalar"],
        "mlx.core.array.size": ["size"],
        "mlx.core.fast.rope": ["rope(a: array, dims: int) -> array"],
    }


def test_python_sources(write):
    files = {"nn/linear.py": PACKAGE, "nn/_private.py": PACKAGE, "nn/bad.py": "def ("}
    tree = write({f"python/mlx/{name}": text for name, text in files.items()})
    assert shown("python_sources", tree) == {
        "mlx.nn.linear.Linear": ["class Linear"],
        "mlx.nn.linear.Linear.__init__": ["__init__(self, dims: int, bias: bool=True)"],
        "mlx.nn.linear.Linear.__call__": ["__call__(self, x)"],
        "mlx.nn.linear.quantize": ["quantize(model, *args, bits=4, **kwargs) -> int"],
    }


@pytest.mark.parametrize("surface", api.names())
def test_a_tree_without_a_surface_has_no_function(surface, tmp_path):
    assert api.read(surface, tmp_path) == {}
    assert api.load(surface).TITLE


def details(write, before, after):
    trees = [
        write({"python/mlx/a.py": text}, folder)
        for text, folder in ((before, "before"), (after, "after"))
    ]
    return [
        (change.kind, change.breaking, [(d.kind, d.about) for d in change.details])
        for change in apichanges.changes(
            "Python", *(api.read("python_sources", tree) for tree in trees)
        )
    ]


@pytest.mark.parametrize(
    ("before", "after", "breaking", "changed"),
    [
        pytest.param(
            "f(a)", "f(a, mode='affine')", False,
            [("parameter added", "mode = 'affine'")], id="optional parameter added",
        ),
        pytest.param(
            "f(a)", "f(a, b)", True,
            [("required parameter added", "b")], id="required parameter added",
        ),
        pytest.param(
            "f(a, b=1)", "f(a, x=0, b=1)", True,
            [("parameter added", "x = 0")], id="parameter added before another",
        ),
        pytest.param(
            "f(a, *, b=1)", "f(a, *, x=0, b=1)", False,
            [("parameter added", "x = 0")], id="keyword added before another",
        ),
        pytest.param(
            "f(a, b)", "f(a)", True, [("parameter removed", "b")], id="removed",
        ),
        pytest.param(
            "f(a, b, c)", "f(b, c, a)", True, [("parameter moved", "a")], id="moved",
        ),
        pytest.param(
            "f(a, b)", "f(a, b=None)", False,
            [("parameter made optional", "b = None")], id="made optional",
        ),
        pytest.param(
            "f(a, b=None)", "f(a, b)", True,
            [("parameter made required", "b")], id="made required",
        ),
        pytest.param(
            "f(a, b=4)", "f(a, b=None)", True,
            [("default changed", "b: 4 -> None")], id="default changed",
        ),
        pytest.param(
            "f(a, b=1)", "f(a, *, b=1)", True,
            [("parameter now keyword-only", "b")], id="now keyword-only",
        ),
        pytest.param(
            "f(a, *, b=1)", "f(a, b=1)", False,
            [("parameter now positional or keyword", "b")], id="by place as well",
        ),
        pytest.param(
            "f(a, x)", "f(b, x)", True,
            [("parameter renamed", "a -> b")], id="renamed",
        ),
        pytest.param(
            "f(a, /, x)", "f(b, /, x)", False,
            [("parameter renamed", "a -> b")], id="renamed where names do not count",
        ),
        pytest.param(
            "f(a: int)", "f(a: str)", False,
            [("type changed", "a: int -> str")], id="type changed",
        ),
        pytest.param(
            "f() -> int", "f() -> str", True,
            [("return changed", "int -> str")], id="return changed",
        ),
    ],
)  # fmt: skip
def test_changes_of_a_function(write, before, after, breaking, changed):
    found = details(write, f"def {before}: ...\n", f"def {after}: ...\n")
    assert found == [("changed", breaking, changed)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("def f(a): ...", "def f(a): pass", [], id="nothing"),
        pytest.param("def f(a='x'): ...", 'def f(a="x"): ...', [], id="other quotes"),
        pytest.param("def f() -> int: ...", "def f(): ...", [], id="type taken away"),
        pytest.param("", "def f(): ...", [("added", False, [])], id="added"),
        pytest.param("def f(): ...", "", [("removed", True, [])], id="removed"),
        pytest.param("", "def _f(): ...", [], id="private"),
    ],
)
def test_changes_of_a_module(write, before, after, expected):
    assert details(write, f"{before}\n", f"{after}\n") == expected


def test_overloads_are_paired_by_likeness(write):
    headers = (
        "array arange(int stop);\narray arange(double a, double b);\n",
        "array arange(double a, double b, Dtype d);\narray arange(int stop);\n"
        "array arange(std::string s);\n",
    )
    trees = [
        write({"mlx/mlx.h": '#include "mlx/ops.h"\n', "mlx/ops.h": text}, str(index))
        for index, text in enumerate(headers)
    ]
    found = apichanges.changes("C++", *(api.read("cpp_headers", t) for t in trees))
    assert [(c.kind, [d.kind for d in c.details]) for c in found] == [
        ("changed", ["required parameter added"]),
        ("added", ["overload"]),
    ]
