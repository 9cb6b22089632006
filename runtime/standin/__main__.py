"""Run a script or a module with the stand-in for MLX.

python -m mlxport.runtime.standin script.py ARGUMENTS
python -m mlxport.runtime.standin -m package.module ARGUMENTS
"""

import runpy
import sys
from pathlib import Path

from . import installed


def main() -> None:
    """Run what the arguments name, as the interpreter itself would."""
    arguments = sys.argv[1:]
    module = arguments[:1] == ["-m"]
    if module:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        raise SystemExit(2)
    sys.argv = arguments
    sys.path.insert(0, "" if module else str(Path(arguments[0]).parent))
    with installed():
        if module:
            runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
