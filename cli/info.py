"""`mlxport info`: versions, CPU features and devices, for a bug report."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `info` to the command line."""
    commands.add_parser("info")
