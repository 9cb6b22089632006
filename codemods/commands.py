"""`mlxport migrate` and `mlxport recipes`: arguments and printing."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `migrate` to the command line."""
    commands.add_parser("migrate")
