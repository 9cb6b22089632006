"""A define that carries upstream's version has the version of another one."""

import re
from collections.abc import Iterator

from mlxport.cli.errors import UserError

from ..findings import Finding
from ..subject import Subject
from ..swiftsettings import define_edits

READS = "the defines of Package.swift and of .xcconfig files, and upstream's own"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield each place where a followed define differs from upstream's."""
    for output, manifest in subject.manifests:
        lists = subject.lists(output, subject.main)
        for name in output.options.defines:
            value = lists.define(name)
            if value is None:
                continue
            yield from _in_xcconfig(subject, name, value)
            try:
                edits = list(define_edits(manifest, name, value))
            except UserError as error:
                at = str(error.where).rpartition(":")[2]
                yield Finding(
                    str(output.path),
                    int(at) if at.isdigit() else 1,
                    "version-define",
                    name,
                    f"{error.message}; upstream gives it {value}",
                    error.hint or f"give {name} the value {value}",
                )
                continue
            for edit in edits:
                old = manifest.text[edit.start : edit.end].decode()
                yield Finding(
                    str(output.path),
                    manifest.text.count(b"\n", 0, edit.start) + 1,
                    "version-define",
                    name,
                    f"defines {name} as {old}; upstream gives it {edit.text}",
                    f"write {edit.text}",
                    fixable=True,
                )


def _in_xcconfig(subject: Subject, name: str, value: str) -> Iterator[Finding]:
    wanted = value.strip('"')
    for path in subject.files:
        if not path.endswith(".xcconfig"):
            continue
        for number, line in enumerate(subject.text(path).splitlines(), 1):
            for match in re.finditer(rf'\b{re.escape(name)}=\\?"?([^\s"\\]*)', line):
                if match[1] != wanted:
                    yield Finding(
                        path,
                        number,
                        "version-define",
                        name,
                        f"defines {name} as {match[1]}; upstream gives it {wanted}",
                        f"write {wanted}",
                    )
