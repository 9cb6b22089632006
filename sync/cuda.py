"""The CUDA rule: where CUDA is not built, nothing of its backend is but the stub."""

import os
from collections.abc import Collection
from pathlib import Path

from mlxport.cli.errors import UserError

FOLDER = "mlx/backend/cuda"
STUB = f"{FOLDER}/no_cuda.cpp"
# What a build system that takes in whole folders would compile.
COMPILED = {".c", ".cc", ".cpp", ".cu", ".cxx", ".m", ".mm", ".s", ".S"}


def excluded(tree: Path, compiled: Collection[str]) -> tuple[str, ...]:
    """Return the files of the CUDA backend that must not be compiled, sorted."""
    found = []
    for folder, _, names in os.walk(tree / FOLDER):
        for name in names:
            path = (Path(folder) / name).relative_to(tree)
            if path.suffix in COMPILED and path.as_posix() not in compiled:
                found.append(path.as_posix())
    return tuple(sorted(found))


def check(tree: Path, config: str, compiled: Collection[str]) -> None:
    """Raise UserError unless `compiled`, of a configuration without CUDA, keeps the rule."""
    swept = sorted(path for path in compiled if path.startswith(f"{FOLDER}/"))
    if extra := [path for path in swept if path != STUB]:
        raise UserError(
            f"configuration {config} is not for CUDA, but upstream compiles "
            f"{len(extra)} file{'s' * (len(extra) > 1)} of the CUDA backend in it",
            where=extra[0],
            hint="check upstream's conditions around it; a file that every "
            "configuration needs belongs outside this folder",
        )
    if (tree / STUB).is_file() and not swept:
        raise UserError(
            f"upstream does not compile the CUDA stub in configuration {config}, so "
            "what the other files ask of CUDA would be undefined",
            where=STUB,
        )
