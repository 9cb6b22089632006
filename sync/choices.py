"""Say where a wrapper's own choices have another file compiled than upstream's lists."""

from .carried import Choices
from .config import Config
from .configuration import Configuration
from .cover import folders_of, is_covered
from .why import Reason


def chosen_otherwise(
    reason: Reason, path: str, config: Config, configuration: Configuration
) -> Reason:
    """Return the reason with the choices of the wrapper taken into account."""
    own = [
        wanted.choices
        for wanted in config.configurations
        if wanted.name in (configuration.name, f"{configuration.name}.toml")
    ]
    for choices in (config.upstream.choices, *own):
        if reason.verdict == "in":
            reason = _left_out(reason, path, choices)
        elif path in choices.substitute.values():
            reason = _put_in(reason, path, choices)
    return reason


def _left_out(reason: Reason, path: str, choices: Choices) -> Reason:
    above = (path, *folders_of(path))
    if replaced := [named for named in above if named in choices.substitute]:
        other = choices.substitute[replaced[0]]
        said = f"{_line(choices, 'substitute')} has {other} compiled in its place"
    elif is_covered(path, choices.drop):
        said = f"{_line(choices, 'drop')} drops it"
    else:
        return reason
    return Reason("out", (said, *(f"upstream: {line}" for line in reason.because)))


def _put_in(reason: Reason, path: str, choices: Choices) -> Reason:
    replaced = [old for old, new in choices.substitute.items() if new == path]
    said = f"{_line(choices, 'substitute')} has it compiled in place of {replaced[0]}"
    return Reason("in", (said, *(f"upstream: {line}" for line in reason.because)))


def _line(choices: Choices, key: str) -> str:
    where = choices.table.error("", key).where or ""
    return where.rpartition("/")[2]
