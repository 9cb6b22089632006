"""Read source files without losing a byte of what is not edited."""

import ast
import codecs
import io
import tokenize
import warnings
from dataclasses import dataclass


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
