"""`mlxport sync init`: arguments and printing."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mlxport.cli.errors import UserError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `init` to the commands of `mlxport sync`."""
    parser = commands.add_parser(
        "init",
        help="write the mlxport.toml of a wrapper",
        description="Look at what a wrapper carries and write the mlxport.toml that says "
        "it.\nA Swift package with MLX as a submodule, as mlx-swift is, needs no editing\n"
        "afterwards; in another wrapper check what is written. Nothing is overwritten.",
        epilog="example:\n"
        "  mlxport sync init --wrapper ~/mlx-swift\n"
        "  mlxport sync update --wrapper ~/mlx-swift --dry-run\n\n"
        "exit codes: 1 written, 2 not recognised, or there is an mlxport.toml already",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--wrapper",
        type=Path,
        default=Path("."),
        metavar="PATH",
        help="the folder of the wrapper (the current one)",
    )
    parser.set_defaults(handler=_init)


def _init(args: argparse.Namespace) -> int:
    from .config import NAME, read_config
    from .drafting import draft
    from .wrapper import find_wrapper

    wrapper = find_wrapper(args.wrapper)
    path = wrapper.root / NAME
    if path.exists() or path.is_symlink():
        raise UserError(
            "is there already, and is not overwritten",
            where=str(path),
            hint="edit it, or move it away to have one written",
        )
    made = draft(wrapper)
    _write(path, made.text)
    read_config(wrapper.root)
    for line in made.recognised:
        print(f"recognised {line}")
    for line in made.unknown:
        print(f"could not tell {line}")
    print(f"wrote {NAME}; next: mlxport sync update --dry-run")
    return 1


def _write(path: Path, text: str) -> None:
    written = path.with_name(f"{path.name}.tmp")
    try:
        written.write_text(text, "utf-8")
        # Unlike a rename this fails where another run was quicker.
        os.link(written, path)
        written.unlink()
    except OSError as error:
        written.unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise UserError(f"cannot be written: {reason}", where=str(path)) from None
