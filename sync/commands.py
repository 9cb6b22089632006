"""`mlxport sync`: the commands below it."""

import argparse
from typing import TYPE_CHECKING

from . import (
    check_command,
    diff_command,
    generate_command,
    init_command,
    lists_command,
    update_command,
    why_command,
)

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `sync` to the command line."""
    parser = commands.add_parser(
        "sync",
        help="bring a wrapper around MLX to a new upstream version",
        description="Derive what a wrapper around MLX must compile, from upstream itself.",
        epilog="examples:\n"
        "  mlxport sync lists --upstream https://github.com/ml-explore/mlx --ref v0.31.1\n"
        "  mlxport sync update --dry-run     in a wrapper that has an mlxport.toml",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subcommands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    for command in (
        check_command,
        diff_command,
        generate_command,
        init_command,
        lists_command,
        update_command,
        why_command,
    ):
        command.register(subcommands)
