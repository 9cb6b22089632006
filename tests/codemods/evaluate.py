"""Measure the migration on cases of real repositories, each a place in one commit.

python tests/codemods/evaluate.py FOLDER_OF_MIRRORS CASES...

FOLDER_OF_MIRRORS holds bare repositories as OWNER+NAME/repo, OWNER/NAME or NAME. A file of
CASES has an object a line; what it holds tells what it is a list of:
  edits that people made    "before" and "edits"
  places not to be edited   "commit" and "why"
  places still open         "commit" and "kind"
Exit codes: 0 all goals are met, 1 not, 2 bad input.
"""

import ast
import contextlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import defaultdict
from pathlib import Path

from mlxport.cli.main import main as mlxport
from mlxport.codemods.versions import NEWEST

# What people made, and how a finding of ours says it.
KINDS = [
    (r"pass mode=mode", r"pass (\w+_)?mode=(\w+_)?mode"),
    (r"pass mode=(.*)", "pass mode={1}"),
    (r"add mode param.*", "take mode as a parameter"),
    (r"star-unpack biases", "make .* optional"),
    (r"make biases argument optional", "make .* optional"),
    (r"replace self\[\"biases\"\].*", "make .* optional"),
    (r"add \"mode\" key.*", "add .*mode.*"),
    (r"rename to mx\.(.*)", "use mlx.core.{1}"),
]
MADE, REPORTED = 85, 95


def main(argv):
    if len(argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    mirrors, *files = map(Path, argv)
    cases = [
        json.loads(line)
        for file in files
        for line in file.read_text().splitlines()
        if line.strip()
    ]
    cases = [case for case in cases if case["path"].endswith(".py")]
    by_commit = defaultdict(list)
    for case in cases:
        by_commit[case["repo"], case.get("before") or case["commit"]].append(case)
    results = defaultdict(list)
    for (repo, commit), wanted in sorted(by_commit.items()):
        with tempfile.TemporaryDirectory() as scratch:
            extract(mirrors, repo, commit, Path(scratch))
            findings = migrate(Path(scratch))
            for case in wanted:
                kind, verdict, found = judge(case, findings, Path(scratch))
                results[kind].append(verdict)
                if verdict not in ("made", "untouched", "found"):
                    place = f"{repo}@{commit[:8]}:{case['path']}:{case['line']}"
                    print(f"{verdict}: {place} {case.get('edits', case['api'])}")
                    for finding in found:
                        print(f"    {finding['line']}: {finding['reason']}")
    return summary(results)


def extract(mirrors, repo, commit, folder):
    names = [f"{repo.replace('/', '+')}/repo", repo, repo.partition("/")[2]]
    found = [mirrors / name for name in names if (mirrors / name).exists()]
    if not found:
        raise SystemExit(f"no mirror of {repo} in {mirrors}")
    command = ["git", "-C", str(found[0]), "archive", commit]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def migrate(folder):
    """Return our findings by path."""
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        code = mlxport(["migrate", str(folder), "--format", "json", "--to", NEWEST])
    if code > 2:
        raise SystemExit("mlxport stopped with a bug")
    out.flush()
    result = defaultdict(list)
    for finding in json.loads(out.buffer.getvalue()):
        result[finding["path"]].append(finding)
    return result


def judge(case, findings, folder):
    first, last = place(folder / case["path"], case["line"], case.get("end_line"))
    near = [f for f in findings[case["path"]] if first <= f["line"] <= last]
    edited = [f["reason"] for f in near if f["action"] == "edited"]
    if "why" in case:
        return "negatives", "EDITED" if edited else "untouched", near
    if "kind" in case:
        return "open", "found" if near else "MISSED", near
    if all(matches(edit, edited) for edit in case["edits"]):
        return "truth", "made", near
    return "truth", "reported" if near else "MISSED", near


def place(file, line, end_line):
    """Return the lines of the statement or the definition's head at a line."""
    last = end_line or line
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno == line:
            last = max(last, line if end_line else node.body[0].lineno - 1)
        elif end_line or not isinstance(node, ast.stmt) or hasattr(node, "body"):
            continue
        elif node.lineno <= line <= node.end_lineno:
            return node.lineno, node.end_lineno
    return line, last


def matches(edit, edited):
    for pattern, said in KINDS:
        found = re.fullmatch(pattern, edit)
        if not found:
            continue
        value = found[1] if found.groups() else ""
        wanted = {said.replace("{1}", re.escape(value))}
        if edit.startswith("pass") and "." in value:
            # Where the files do not show a layer, people wrote the same thing as we do.
            receiver = re.escape(value.rpartition(".")[0])
            wanted.add(rf'pass mode=getattr\({receiver}, "mode", "affine"\)')
        return any(re.fullmatch(w, reason) for w in wanted for reason in edited)
    raise SystemExit(f"no kind of edit: {edit}")


def summary(results):
    truth, negatives, still_open = (
        results[kind] for kind in ("truth", "negatives", "open")
    )
    good = True
    if truth:
        made = 100 * truth.count("made") / len(truth)
        known = 100 - 100 * truth.count("MISSED") / len(truth)
        print(
            f"edits people made: {len(truth)}, {known:.1f} % made or reported "
            f"(goal {REPORTED}), {made:.1f} % made (goal {MADE})"
        )
        good = good and made >= MADE and known >= REPORTED
    if negatives:
        touched = negatives.count("EDITED")
        print(f"places not to be edited: {len(negatives)}, {touched} edited (goal 0)")
        good = good and not touched
    if still_open:
        found = still_open.count("found")
        print(f"places still open: {len(still_open)}, {found} found (goal all)")
        good = good and found == len(still_open)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
