"""The options by which a command of sync chooses configurations."""

import argparse


def add_configurations(parser: argparse.ArgumentParser) -> None:
    """Add `--config` and `--set`, which `configuration.load` and `settings` read."""
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="NAME",
        help="a configuration, or a .toml file of your own; may be repeated (all)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a parameter or option of the configurations; may be repeated",
    )
