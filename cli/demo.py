"""`mlxport demo`: the whole chain on the inputs the package carries."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add `demo` to the command line."""
    commands.add_parser("demo")
