"""Make a file as upstream's script would make it, by reading the script."""

from collections.abc import Iterable
from dataclasses import dataclass

from mlxport.cli.errors import UserError

from .filelists import Generated
from .preprocessor import target
from .preprocessor.headers import Headers
from .preprocessor.preprocessor import included, preprocessed
from .shellscript import read_script

SOURCE = "<source>"
PROCESSOR = "arm64"


@dataclass(frozen=True, slots=True)
class Remade:
    """A file's content, and the header that it is made from."""

    content: bytes
    input: str


def remade(
    headers: Headers, file: Generated, *, standalone: bool = False
) -> Remade | None:
    """Return what upstream's script writes into `file`, or None if no shell script makes it.

    It is None too where the text holds paths of the machine, or with `standalone` headers
    of the machine. `headers` are those of upstream's tree. Raises UserError, with its line, for a script that does what
    mlxport does not know.
    """
    if len(file.commands) != 1 or len(file.commands[0]) < 2:
        return None
    shell, path, *arguments = file.commands[0]
    if shell.rpartition("/")[2] not in ("bash", "sh") or not path.endswith(".sh"):
        return None
    script = read_script(path, headers.text(path, file.origin or None), arguments)
    wanted = script.preprocessing
    if wanted.marks_lines and not wanted.lists_headers:
        return None
    if standalone and not wanted.standalone:
        return None
    if wanted.processor not in ("", PROCESSOR):
        raise UserError(
            f"preprocesses for {wanted.processor}; mlxport knows {PROCESSOR} only",
            where=path,
            hint="take the file from a configuration for that processor",
        )
    searched = headers.searching(_in_tree(folder, path) for folder in wanted.folders)
    start = _in_tree(wanted.input, path)
    if wanted.lists_headers:
        entered = included(searched, start, target.load("metal"), wanted.defines)
        content = script.printed(
            [*_innermost_first(entered), start],
            lambda name: headers.text(_in_tree(name, path), path),
        )
    else:
        content = preprocessed(
            searched, start, target.load("arm64-apple"), wanted.defines
        )
    return Remade(script.filled(content).encode("latin-1"), start)


def _in_tree(path: str, script: str) -> str:
    """Return a path relative to upstream's tree."""
    if path != SOURCE and not path.startswith(f"{SOURCE}/"):
        raise UserError(f"reads {path}, which is not in upstream's tree", where=script)
    return path.removeprefix(SOURCE).removeprefix("/")


def _innermost_first(entered: Iterable[tuple[int, str]]) -> list[str]:
    """Return headers so that each follows those that it includes."""
    ordered: list[str] = []
    open_headers: list[tuple[int, str]] = []
    for depth, path in (*entered, (0, "")):
        while open_headers and open_headers[-1][0] >= depth:
            ordered.append(open_headers.pop()[1])
        open_headers.append((depth, path))
    return ordered
