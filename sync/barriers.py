"""Say what kept a command of upstream's lists from running."""

from collections.abc import Iterable, Iterator, Mapping

from .cmakefile import Branch, Command
from .mentions import Mention, readers
from .trace import Call


class Barriers:
    """The lists of a tree beside the calls that one configuration made of them."""

    def __init__(
        self, lists: Mapping[str, tuple[Command, ...]], calls: Iterable[Call]
    ) -> None:
        self._lists = lists
        self._files: dict[str, list[Call]] = {}
        for call in calls:
            self._files.setdefault(call.file, []).append(call)

    def calls(self, mention: Mention) -> list[Call]:
        """Return the calls of a command, none if it did not run."""
        return self._at(mention.file, mention.command.line, mention.command.name)

    def before(self, mention: Mention, above: tuple[str, ...] = ()) -> str:
        """Return what kept a command that did not run from running."""
        file = mention.file
        if file not in self._files:
            # Lists that read each other lead nowhere.
            if file not in above:
                for reader in readers(self._lists, file):
                    if not self.calls(reader):
                        return self.before(reader, (*above, file))
            return f"no list reads {file}"
        for branches in reversed(mention.command.blocks):
            if self._at(file, branches[0].line, branches[0].command):
                return self._not_taken(file, branches, mention.command.line)
        return self._returned(file, mention.command.line)

    def conditions(self, mention: Mention) -> list[str]:
        """Return the conditions around a command that did not hold in some run of it."""
        found = []
        for branches in mention.command.blocks:
            found += [
                f"{branches[-1].command}({' '.join(call.arguments)}) at "
                f"{call.place} was false"
                for call in self._at(mention.file, branches[-1].line)
                if branches[-1].command in ("if", "elseif")
                and not self._led_into(call, branches[-1])
            ]
        return list(dict.fromkeys(found))

    def _at(self, file: str, line: int, command: str = "") -> list[Call]:
        calls = self._files.get(file, [])
        return [c for c in calls if c.line == line and command in ("", c.command)]

    def _not_taken(self, file: str, branches: tuple[Branch, ...], line: int) -> str:
        ours = branches[-1]
        if ours.command in ("function", "macro"):
            name = ours.condition.partition(" ")[0]
            return f"nothing calls {name}() ({file}:{ours.line})"
        if any(ours.line < call.line < line for call in self._files[file]):
            return self._returned(file, line)
        asked = [branch for branch in branches if self._at(file, branch.line)]
        if ours in asked:
            return f"{_shown(ours, self._at(file, ours.line))} at {file}:{ours.line} was false"
        # Of a chain the last that was asked is the one that held.
        held = asked[-1]
        shown = _shown(held, self._at(file, held.line))
        return f"{shown} at {file}:{held.line} was true"

    def _returned(self, file: str, line: int) -> str:
        calls = self._files[file]
        stops = [c for c in calls if c.command in ("return", "break", "continue")]
        stop = next((call for call in reversed(stops) if call.line < line), None)
        if stop is None:
            return f"{file} was left before line {line}"
        return f"{stop.command}() at {stop.place} ended the list before"

    def _led_into(self, call: Call, branch: Branch) -> bool:
        calls: Iterator[Call] = iter(self._files[call.file])
        for other in calls:
            if other is call:
                break
        following = next(calls, None)
        return following is not None and call.line < following.line < branch.end


def _shown(branch: Branch, calls: list[Call]) -> str:
    """Return a condition as it is written and, where that says more, with its values."""
    values = dict.fromkeys(" ".join(call.arguments) for call in calls)
    if list(values) == [branch.condition.replace('"', "")]:
        return str(branch)
    return f"{branch}, here {' and '.join(map(repr, values))},"
