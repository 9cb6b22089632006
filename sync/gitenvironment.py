"""What git may see of its caller, which protocols it may use, and what its errors mean."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from mlxport.cli.errors import UserError

PROTOCOLS = ("https", "file")
# How to reach a server is the caller's to say; which repository to read is not.
KEPT = {"GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY"}
SETTINGS = {
    "core.hooksPath": os.devnull,
    # What is at hand cannot be told apart from what was left out, so nothing is offered.
    "fetch.negotiationAlgorithm": "noop",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "init.templateDir": "",
    "maintenance.auto": "false",
    # A server that sends less than a byte a second for half a minute has hung.
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "30",
}


@contextmanager
def without_caller() -> Iterator[None]:
    """Keep the caller's GIT_* variables from git while the body runs."""
    # git exports GIT_DIR and more inside hooks. GitPython reads them from os.environ, so
    # they must be out of there; no protocol is allowed that the caller has forbidden.
    caller = {
        k: v for k, v in os.environ.items() if k.startswith("GIT_") and k not in KEPT
    }
    allowed = caller.get("GIT_ALLOW_PROTOCOL", ":".join(PROTOCOLS)).split(":")
    ours = {
        "GIT_ALLOW_PROTOCOL": ":".join(p for p in PROTOCOLS if p in allowed),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(SETTINGS)),
    }
    for index, (key, value) in enumerate(SETTINGS.items()):
        ours |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    for key in caller:
        del os.environ[key]
    os.environ.update(ours)
    try:
        yield
    finally:
        for key in ours:
            del os.environ[key]
        os.environ.update(caller)


def check_url(location: str) -> None:
    """Raise UserError for a URL whose protocol is not allowed."""
    allowed = os.environ["GIT_ALLOW_PROTOCOL"]
    protocol = location.partition("://")[0]
    if protocol not in allowed.split(":"):
        names = allowed.replace(":", ", ") or "none"
        raise UserError(
            f"{protocol} URLs are not read",
            where=without_password(location),
            hint=f"use a local folder, or a URL of one of these protocols: {names}",
        )


def without_password(location: str) -> str:
    """Return the URL as it may be shown or written down."""
    return re.sub(r"(?<=://)[^/@]*@", "", location)


def explained(stderr: str, location: str) -> UserError:
    """Return the error for what git said about `location`."""
    said = re.sub(r"^\s*stderr: '(.*)'\s*$", r"\1", stderr, flags=re.S)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((ln for ln in lines if ln.startswith(("fatal:", "error:"))), "")
    reason = without_password(last.partition(":")[2].strip() or " ".join(lines))
    where = without_password(location)
    if re.search(r"could not read Username|Authentication failed", said):
        return UserError(
            "the server wants a login, or there is no such repository",
            where=where,
            hint="check the spelling; a private repository needs a credential helper",
        )
    if re.search(r"does not (appear to be|exist)|not found|not a git repo", said):
        return UserError("not a git repository that can be read", where=where)
    if re.search(r"resolve host|connect|timed out|too slow|unreachable", said, re.I):
        return UserError(
            f"cannot reach the server: {reason}",
            where=where,
            hint="try again with a network, or name a local clone instead of the URL",
        )
    return UserError(f"git failed: {reason}", where=where)
