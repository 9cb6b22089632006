"""A build file asks for an older C++ than upstream does."""

import re
from collections.abc import Iterator

from mlxport.cli.errors import UserError

from ..findings import Finding
from ..subject import Subject
from ..swiftsettings import standard_edits

READS = (
    "the C++ standard of Package.swift, CMakeLists.txt, .xcconfig and the CUDA plug-in"
)
SPELLINGS = {
    "CMakeLists.txt": re.compile(r"\bCMAKE_CXX_STANDARD\s+(\d\d)\b"),
    ".xcconfig": re.compile(r"\bCLANG_CXX_LANGUAGE_STANDARD\s*=\s*(?:gnu|c)\+\+(\d\d)"),
    "CudaBuild.json": re.compile(r'"cppLanguageStandard"\s*:\s*"(?:gnu|c)\+\+(\d\d)"'),
}


def find(subject: Subject) -> Iterator[Finding]:
    """Yield each place with an older standard."""
    asked = [
        int(build.standard.removeprefix("c++"))
        for upstream in subject.upstreams
        for build in upstream.builds.values()
        if build.standard
    ]
    if not asked:
        return
    standard = max(asked)
    for output, manifest in subject.manifests:
        try:
            edits = list(standard_edits(manifest, standard))
        except UserError as error:
            at = str(error.where).rpartition(":")[2]
            yield Finding(
                str(output.path),
                int(at) if at.isdigit() else 1,
                "language-standard",
                "cxxLanguageStandard",
                error.message,
                error.hint or f"ask for C++{standard}",
            )
            continue
        for edit in edits:
            old = manifest.text[edit.start : edit.end].decode()
            yield Finding(
                str(output.path),
                manifest.text.count(b"\n", 0, edit.start) + 1,
                "language-standard",
                "cxxLanguageStandard",
                f"is {old}; upstream is C++{standard}",
                f"write {edit.text}",
                fixable=True,
            )
    for path in subject.files:
        for suffix, pattern in SPELLINGS.items():
            # A vendored dependency has a build of its own, which nobody runs here.
            if path != suffix and not path.endswith((".xcconfig", "/CudaBuild.json")):
                continue
            if not path.endswith(suffix):
                continue
            text = subject.text(path)
            for match in pattern.finditer(text):
                if int(match[1]) < standard:
                    yield Finding(
                        path,
                        text.count("\n", 0, match.start()) + 1,
                        "language-standard",
                        match[0].split()[0].strip('":'),
                        f"asks for C++{match[1]}; upstream is C++{standard}",
                        f"ask for C++{standard}",
                    )
