"""The choice of the instruction set, and threads."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from mlxport import runtime as rt
from mlxport.runtime import _core

from .variants import bits_of

RNG = np.random.default_rng(0)
W = rt.quantize(RNG.standard_normal((512, 1024)).astype(np.float32))
X = RNG.standard_normal((5, 1024)).astype(np.float32)

MULTIPLY = """
import numpy as np
from mlxport import runtime as rt
from mlxport.runtime import _core
w = rt.quantize(np.ones((4, 64), np.float32))
rt.quantized_matmul(np.ones((1, 64), np.float32), *w)
print(_core.last_kernel(), "/", rt.devices()[0].instruction_set)
"""


def run(code, **environment):
    environment = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )


@pytest.mark.parametrize("name", _core.isas())
def test_environment_forces_one(name):
    assert (
        run(MULTIPLY, MLXPORT_CPU=name).stdout == f"quantized_matmul {name} / {name}\n"
    )


def test_the_best_one_is_the_default():
    best = _core.isas()[-1]
    assert run(MULTIPLY, MLXPORT_CPU="").stdout == f"quantized_matmul {best} / {best}\n"


@pytest.mark.parametrize("name", ["sse9", "AVX2", "scalar "])
def test_an_unknown_one_is_an_error_at_the_call(name):
    error = run(MULTIPLY, MLXPORT_CPU=name).stderr.splitlines()[-1]
    assert error.startswith(f'ValueError: [runtime] MLXPORT_CPU is "{name}"')
    assert "pass one of scalar" in error


@pytest.fixture
def threads():
    before = rt.get_num_threads()
    yield
    rt.set_num_threads(before)


@pytest.mark.usefixtures("threads", "isa")
def test_results_do_not_depend_on_threads():
    rt.set_num_threads(1)
    expected = rt.quantized_matmul(X, *W)
    for count in (2, 3, 8):
        rt.set_num_threads(count)
        assert rt.get_num_threads() == count
        found = rt.quantized_matmul(X, *W)
        np.testing.assert_array_equal(bits_of(found), bits_of(expected))


@pytest.mark.parametrize(
    ("count", "exception"),
    [(0, ValueError), (-1, ValueError), (2.0, TypeError), ("2", TypeError)],
    ids=str,
)
def test_bad_numbers_of_threads(count, exception):
    with pytest.raises(exception, match=r"\[set_num_threads\]"):
        rt.set_num_threads(count)


@pytest.mark.usefixtures("threads")
def test_calls_from_many_threads():
    rt.set_num_threads(3)
    expected = rt.quantized_matmul(X, *W)
    found = [None] * 6

    def work(i):
        for _ in range(20):
            found[i] = rt.quantized_matmul(X, *W)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(len(found))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for result in found:
        np.testing.assert_array_equal(bits_of(result), bits_of(expected))


FORK = """
import os
import numpy as np
from mlxport import runtime as rt
rt.set_num_threads(3)
w = rt.quantize(np.ones((512, 1024), np.float32))
x = np.ones((1, 1024), np.float32)
expected = rt.quantized_matmul(x, *w)
child = os.fork()
same = np.array_equal(rt.quantized_matmul(x, *w), expected)
if child == 0:
    os._exit(0 if same else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), same)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_starts_its_own_threads():
    assert run(FORK).stdout == "0 True\n"


COUNT = """
import os
before = len(os.listdir("/proc/self/task"))
import mlxport.runtime._core
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="needs Linux")
def test_import_starts_no_threads():
    # NumPy's BLAS starts its own when it is imported.
    assert run("import numpy, ml_dtypes\n" + COUNT).stdout == "0\n"
