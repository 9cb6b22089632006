"""What a check has found: where, what is wrong there, and what to do about it."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One mistake in a wrapper.

    `path` is relative to the wrapper and `line` counts from 1. `about` is what the mistake
    is about (an entry, a file, a name): with the rule and the path it stays the same where
    lines move. `files` are the files concerned where that is more than `about` says.
    """

    path: str
    line: int
    rule: str
    about: str
    message: str
    advice: str
    fixable: bool = False
    files: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return a name that is the same in every version of the file."""
        stable = "\0".join((self.rule, self.path, self.about))
        return hashlib.sha256(stable.encode()).hexdigest()[:32]
