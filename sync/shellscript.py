"""Read what upstream's scripts make. A script is data here: it is never run.

Only the forms that such scripts use are known: assignments, `if [ "$A" = "B" ]`,
here-documents, and a block of `echo`, `grep -v` and one loop.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mlxport.cli.errors import UserError

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?:#\$(\w+)(/?))?\})")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """A preprocessor that the script starts.

    `lists_headers` is the option `-H`. Without `-P` it `marks_lines` by the paths of its
    machine; with `-nostdinc` it is `standalone`: no header of the machine takes part.
    `processor` is that of `-arch`, or empty.
    """

    folders: tuple[str, ...]
    defines: Mapping[str, str]
    input: str
    lists_headers: bool
    marks_lines: bool
    standalone: bool
    processor: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a script would do with its arguments.

    `template` is the text that it writes, each line with its number, and `block` the
    commands that print the variable CONTENT, if they do more than start a preprocessor.
    """

    path: str
    variables: Mapping[str, str]
    preprocessing: Preprocessing
    template: Sequence[tuple[int, str]]
    block: Sequence[tuple[int, str]]

    def filled(self, content: str) -> str:
        """Return the text that the script writes when CONTENT is `content`."""
        variables = {**self.variables, "CONTENT": content.rstrip("\n")}
        return "".join(
            _filled(line, variables, f"{self.path}:{number}") + "\n"
            for number, line in self.template
        )

    def printed(self, items: Iterable[str], read: Callable[[str], str]) -> str:
        """Return what the block prints when its loop goes over `items`.

        `read` gives the text of a file that `grep` reads, by its path.
        """
        return "".join(_printed(self, items, read))


def read_script(path: str, text: str, arguments: Sequence[str]) -> Script:
    """Return what a script does with `arguments`, or raise UserError if that is not known."""
    variables = {str(i): argument for i, argument in enumerate(arguments, 1)}
    preprocessing: Preprocessing | None = None
    template: Sequence[tuple[int, str]] = ()
    block: Sequence[tuple[int, str]] = ()
    lines = _reached(enumerate(text.splitlines(), 1), variables)
    for number, line in lines:
        where = f"{path}:{number}"
        if document := re.match(r"cat <<-? *(\w+) *> *\S+$", line):
            template = tuple(_until(lines, document[1], where))
        elif document := re.match(r"\s*read -r -d '' (\w+) <<-? *(\w+)$", line):
            body = "\n".join(text for _, text in _until(lines, document[2], where))
            variables[document[1]] = body.strip()
        elif line == "CONTENT=$(":
            block = tuple(_until(lines, ")", where))
        elif started := re.fullmatch(r"\s*\w+=\$\((.* -E .*)\)", line):
            preprocessing = _preprocessing(started[1], variables, where)
        elif assigned := re.fullmatch(r"\s*(\w+)=(.*)", line):
            _assign(variables, assigned[1], assigned[2], where)
    if preprocessing is None or not template:
        raise UserError(
            "is not a script that mlxport can read: it finds "
            + ("no preprocessor in it" if preprocessing is None else "no text in it"),
            where=path,
        )
    return Script(path, variables, preprocessing, template, block)


def _reached(
    lines: Iterable[tuple[int, str]], variables: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of branches that are not taken, or whose test is not known."""
    open_ifs: list[bool | None] = []
    for number, line in lines:
        words = line.split("#")[0].split()
        if words[:1] == ["if"]:
            test = re.fullmatch(r'if \[ "\$(\w+)" = "(\w*)" \]; then', line.strip())
            known = test and test[1] in variables
            open_ifs.append(variables[test[1]] == test[2] if test and known else None)
        elif words == ["else"] and open_ifs and open_ifs[-1] is not None:
            open_ifs[-1] = not open_ifs[-1]
        elif words == ["fi"] and open_ifs:
            open_ifs.pop()
        elif all(open_ifs):
            # A here-document keeps its white space; nothing else needs it.
            yield number, line


def _until(
    lines: Iterator[tuple[int, str]], end: str, where: str
) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        if line.strip() == end:
            return
        yield number, line
    raise UserError(f"what begins here has no end {end!r}", where=where)


def _assign(variables: dict[str, str], name: str, value: str, where: str) -> None:
    value = value.split(" #")[0].strip()
    if base := re.fullmatch(r'\$\(basename -- "(.*)"\)', value):
        variables[name] = _filled(base[1], variables, where).rpartition("/")[2]
    elif re.fullmatch(r"\$(\d)", value):
        # An argument that is not given is empty.
        variables[name] = variables.get(value[1:], "")
    elif "$(" not in value and "[" not in value and "`" not in value:
        variables[name] = _filled(value.strip('"'), variables, where)


def _filled(text: str, variables: Mapping[str, str], where: str) -> str:
    """Put the values of variables into a text between double quotes."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        prefix = variables.get(match[3], "") + match[4] if match[3] else ""
        if name not in variables:
            raise UserError(f"mlxport cannot tell what ${name} is here", where=where)
        return variables[name].removeprefix(prefix)

    if re.search(r"\\|`|\$\(", text):
        raise UserError(f"mlxport cannot read this: {text.strip()}", where=where)
    return _VARIABLE.sub(value, text)


def _words(text: str, variables: Mapping[str, str], where: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UserError(f"mlxport cannot read this: {error}", where=where) from None
    return [_filled(word, variables, where) for word in words]


def _preprocessing(
    command: str, variables: Mapping[str, str], where: str
) -> Preprocessing:
    _, *words = _words(re.split(r"\s(?:2>|1>|\|)", command)[0], variables, where)
    folders, inputs, defines, processor = list[str](), list[str](), {}, ""
    # A variable may hold several options.
    words = [option for word in words for option in word.split()]
    rest = iter(words)
    for word in rest:
        if word == "-I":
            folders.append(next(rest, ""))
        elif word.startswith("-I"):
            folders.append(word[2:])
        elif word.startswith("-D"):
            name, _, value = word[2:].partition("=")
            defines[name] = value or "1"
        elif word == "-arch":
            processor = next(rest, "")
        elif not word.startswith("-"):
            inputs.append(word)
    if len(inputs) != 1:
        raise UserError("mlxport cannot tell which file is preprocessed", where=where)
    return Preprocessing(
        tuple(folders),
        defines,
        inputs[0],
        lists_headers="-H" in words,
        marks_lines="-P" not in words,
        standalone="-nostdinc" in words,
        processor=processor,
    )


def _printed(
    script: Script, items: Iterable[str], read: Callable[[str], str]
) -> Iterator[str]:
    commands = iter(script.block)
    for number, line in commands:
        where = f"{script.path}:{number}"
        if loop := re.match(r"for (\w+) in ", line.strip()):
            body = [c for c in _until(commands, "done", where) if c[1].strip() != "do"]
            for item in items:
                variables = {**script.variables, loop[1]: item}
                for at, command in body:
                    yield _command(command, variables, read, f"{script.path}:{at}")
        else:
            yield _command(line, script.variables, read, where)


def _command(
    line: str, variables: Mapping[str, str], read: Callable[[str], str], where: str
) -> str:
    """Return what `echo` or `grep -v` prints."""
    if not line.strip():
        return ""
    # The text of echo may hold anything, a quote included; the shell keeps \" as a quote.
    if echo := re.fullmatch(r'\s*echo "((?:[^"\\]|\\")*)"\s*', line):
        return _filled(echo[1].replace('\\"', '"'), variables, where) + "\n"
    words = shlex.split(line)
    if words[0] != "grep" or "-v" not in words:
        raise UserError(f"mlxport cannot read this: {line.strip()}", where=where)
    patterns = [words[i + 1] for i, word in enumerate(words) if word == "-e"]
    # Nothing in which a basic regular expression differs from Python's.
    if not patterns or any(re.search(r"[\\+?(){}|]", p) for p in patterns):
        raise UserError("mlxport cannot read the patterns of this grep", where=where)
    text = read(_filled(words[-1], variables, where))
    kept = [
        line
        for line in text.removesuffix("\n").split("\n")
        if not any(re.search(pattern, line) for pattern in patterns)
    ]
    return "".join(f"{line}\n" for line in kept) if text else ""
