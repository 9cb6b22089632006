"""Read and replace source files without losing a byte of what is not edited."""

import ast
import codecs
import io
import os
import stat
import tempfile
import tokenize
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlxport.cli.errors import UserError


class Unreadable(Exception):
    """A file is no source text; the message says why."""


@dataclass(frozen=True)
class Encoding:
    """How a file is written: the codec, and whether a byte order mark precedes the text."""

    codec: str
    mark: bool

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text; raise `Unreadable` if the codec lacks a character."""
        try:
            return (codecs.BOM_UTF8 if self.mark else b"") + text.encode(self.codec)
        except UnicodeEncodeError as error:
            raise Unreadable(
                f"cannot be written as {self.codec}: {error.reason}"
            ) from None


def decode(raw: bytes) -> tuple[str, Encoding]:
    """Return the text of a Python file as its coding line, or the lack of one, says."""
    try:
        codec, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        raise Unreadable(str(error)) from None
    mark = codec == "utf-8-sig"
    encoding = Encoding("utf-8" if mark else codec, mark)
    try:
        text = (
            raw[len(codecs.BOM_UTF8) :].decode("utf-8") if mark else raw.decode(codec)
        )
    except UnicodeDecodeError as error:
        raise Unreadable(f"not {codec} at byte {error.start}: {error.reason}") from None
    if "\0" in text or encoding.encode(text) != raw:
        raise Unreadable(f"does not come through {codec} unchanged")
    return text, encoding


def refuse_depth(text: str) -> None:
    """Raise `RecursionError` where nesting would overflow the stack of LibCST's parser."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except MemoryError:
            raise RecursionError from None
        except (SyntaxError, ValueError) as error:
            # Anything else is for LibCST to judge: it knows newer syntax than Python does.
            if "too many nested parentheses" in str(error):
                raise RecursionError from None


def replace_files(contents: Mapping[Path, tuple[bytes, bytes]]) -> None:
    """Replace files, each given as it was read and as it shall be, all or none of them.

    Everything is written beside its file first and then moved into place.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, (before, after) in contents.items():
            # A link stays a link: what it names is replaced.
            target = path.resolve()
            try:
                if target.read_bytes() != before:
                    raise UserError(
                        "changed while it was being migrated", where=str(path)
                    )
                staged.append((_staged(target, after), target))
            except OSError as error:
                raise UserError(
                    f"cannot be written: {error.strerror}", where=str(path)
                ) from None
        while staged:
            temporary, target = staged.pop(0)
            os.replace(temporary, target)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _staged(target: Path, content: bytes) -> Path:
    number, name = tempfile.mkstemp(
        prefix=f"{target.name}.", suffix=".tmp", dir=target.parent
    )
    temporary = Path(name)
    try:
        with open(number, "wb") as file:
            file.write(content)
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
