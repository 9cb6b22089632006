"""Run upstream's lists in cmake's script mode: no generator, and only CMake files needed."""

import os
from collections.abc import Iterator
from pathlib import Path

from .cmake import PRELUDE, Run, prepared, program, read_log, run_program
from .cmakeerrors import explained
from .configuration import Configuration
from .trace import Call, read_calls


def interpret(
    tree: Path, configuration: Configuration, root: Path, timeout_s: float
) -> tuple[Run, tuple[Call, ...]]:
    """Let cmake interpret the lists of `tree`; it writes below the empty `root` only.

    Returns the prelude's log and every command that ran. Raises UserError as `configure`.
    """
    tree, root = prepared(tree, configuration, root)
    trace = root / "trace"
    variables = {"MLXPORT_ROOT": root, "MLXPORT_TREE": tree, **configuration.options}
    command = [
        str(program()),
        *(f"-D{name}={value}" for name, value in variables.items()),
        *("--trace-expand", "--trace-format=json-v1", f"--trace-redirect={trace}"),
        # Without these the prelude's own lines would be most of the trace.
        *(f"--trace-source={path}" for path in _lists(tree)),
        *("-Wno-dev", "-P", str(PRELUDE / "script.cmake")),
    ]
    (root / "build").mkdir()
    # A relative path of the top folder is one of the folder that the script starts in.
    code, said = run_program(command, root, tree, timeout_s)
    run = Run(tree, root, read_log(root), ())
    if code != 0:
        raise explained(run.named(said), run.log, configuration)
    return run, tuple(read_calls(trace, tree))


def _lists(tree: Path) -> Iterator[str]:
    for folder, _, names in os.walk(tree):
        for name in names:
            if is_cmake(name):
                yield os.path.join(folder, name)


def is_cmake(name: str) -> bool:
    """Tell whether cmake reads a file of this name or path as a list."""
    return name.rpartition("/")[2] == "CMakeLists.txt" or name.endswith(".cmake")
