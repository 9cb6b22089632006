"""Replace the part of a file that is marked as mlxport's, and keep the rest as it is."""

from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

BEGIN, END = "mlxport: begin", "mlxport: end"
NOTE = "written by `mlxport sync`; changes in here are lost"


def replaced(
    current: bytes | None, body: str, comment: str, path: PurePosixPath
) -> bytes:
    """Return a file with `body` between its marks, which are lines of comment.

    A file that is not there, or empty, becomes the marked part alone. Raises UserError for
    a file without exactly one marked part.
    """
    begin, end = f"{comment} {BEGIN} ({NOTE})\n", f"{comment} {END}\n"
    text = decoded(current or b"", path)
    if not text.strip():
        return (begin + body + end).encode()
    lines = text.splitlines(keepends=True)
    first, last = (_marks(lines, f"{comment} {mark}") for mark in (BEGIN, END))
    for extra in (*first[1:], *last[1:]):
        raise UserError("is a second mark of its kind", where=f"{path}:{extra + 1}")
    if not first or not last or first > last:
        where = f"{path}:{(first or last)[0] + 1}" if first or last else str(path)
        raise UserError(
            "has no part that is marked as mlxport's",
            where=where,
            hint=f"put a line `{comment} {BEGIN}` and below it a line "
            f"`{comment} {END}` where the lists belong",
        )
    new = body
    if "\r\n" in text:
        new = body.replace("\n", "\r\n")
    kept = lines[: first[0] + 1], lines[last[0] :]
    return ("".join(kept[0]) + new + "".join(kept[1])).encode()


def decoded(text: bytes, path: PurePosixPath) -> str:
    """Return the text of a file, or raise UserError if it is not UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UserError("is not UTF-8", where=str(path)) from None


def _marks(lines: list[str], mark: str) -> list[int]:
    return [
        number
        for number, line in enumerate(lines)
        if (line.strip() + " ").startswith((f"{mark} ", f"{mark}("))
    ]
