import json
import os
import sys
import warnings
from pathlib import Path, PurePosixPath

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import transaction

# What a run does to files; each is a moment at which it can be killed.
MOMENTS = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "shutil.rmtree",
    "os.chmod",
}


def files(root):
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def prepare(folder):
    """Make a wrapper and what replaces parts of it; return both and how each looks."""
    root, new = folder / "root", folder / "new"
    for path, text in {
        "lib/a": "1",
        "lib/sub/b": "1",
        "swift": "1",
        "mine": "1",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "swift").chmod(0o755)
    for path in ("a", "c/d"):
        (new / path).parent.mkdir(parents=True, exist_ok=True)
        (new / path).write_text("2")
    plan = {
        PurePosixPath("lib"): new,
        PurePosixPath("swift"): b"2",
        PurePosixPath("deep/lock"): b"2",
    }
    return root, plan


def fork():
    # Newer Pythons warn of threads in the parent; the child here needs none of them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def killed(action, moment):
    """Run `action` in a child that dies at the given moment; tell whether it did."""
    child = fork()
    if child == 0:
        count = 0

        def die(event, _):
            nonlocal count
            count += event in MOMENTS
            if count > moment:
                os._exit(9)

        sys.addaudithook(die)
        action()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def outcomes(tmp_path):
    before_root, _ = prepare(tmp_path / "before")
    after_root, plan = prepare(tmp_path / "after")
    transaction.replace(after_root, plan)
    return files(before_root), files(after_root)


def test_all_is_replaced(tmp_path):
    before, after = outcomes(tmp_path)
    assert {path: content for path, (content, _) in after.items()} == {
        "lib/a": b"2",
        "lib/c/d": b"2",
        "swift": b"2",
        "deep/lock": b"2",
        "mine": b"1",
    }
    assert after["swift"][1] == before["swift"][1], "the permissions stay"


def test_killed_at_any_moment_the_next_run_finds_before_or_after(tmp_path):
    before, after = outcomes(tmp_path)
    seen = set()
    for moment in range(1000):
        root, plan = prepare(tmp_path / str(moment))
        if not killed(lambda r=root, p=plan: transaction.replace(r, p), moment):
            break
        # A run that recovers can be killed as well, here at a moment that varies.
        killed(lambda r=root: transaction.recover(r), moment % 7)
        finished = transaction.recover(root)
        assert not transaction.pending(root)
        found = files(root)
        assert found in (before, after), f"killed at moment {moment}"
        seen.add((found == after, finished))
    assert moment > 30, "the moments were counted"
    assert {updated for updated, _ in seen} == {False, True}
    assert (False, True) not in seen, "what was not finished is not said to be"


def stopped_before_the_swap(tmp_path, monkeypatch):
    root, plan = prepare(tmp_path)
    monkeypatch.setattr(transaction, "_finish", lambda *_: None)
    transaction.replace(root, plan)
    monkeypatch.undo()
    assert transaction.pending(root)
    return root


def test_what_changed_meanwhile_is_not_overwritten(tmp_path, monkeypatch):
    root = stopped_before_the_swap(tmp_path, monkeypatch)
    (root / "swift").write_text("mine now")
    with pytest.raises(UserError, match=r"swift: has changed since"):
        transaction.recover(root)
    assert (root / "swift").read_text() == "mine now"
    assert transaction.pending(root)


def test_what_was_taken_back_by_hand_is_taken_back_whole(tmp_path, monkeypatch):
    root = stopped_before_the_swap(tmp_path, monkeypatch)
    before = files(root)
    before = {p: c for p, c in before.items() if not p.startswith(transaction.STAGING)}
    staging = root / transaction.STAGING
    old = staging / "old/0"
    os.replace(root / "lib", old)
    os.replace(staging / "new/0", root / "lib")
    (staging / "new/2").unlink()
    assert not transaction.recover(root)
    assert files(root) == before


def test_a_broken_journal_is_named(tmp_path, monkeypatch):
    root = stopped_before_the_swap(tmp_path, monkeypatch)
    (root / transaction.STAGING / transaction.JOURNAL).write_text(
        json.dumps([{"x": 1}])
    )
    with pytest.raises(UserError, match=r"journal.json: is not a journal"):
        transaction.recover(root)


def test_a_full_disk_changes_nothing(tmp_path, monkeypatch):
    root, plan = prepare(tmp_path)
    before = files(root)

    def full(self, data):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(
        UserError, match=r"No space left on device; nothing has changed"
    ):
        transaction.replace(root, plan)
    monkeypatch.undo()
    assert files(root) == before
    assert not transaction.pending(root)


def test_an_interrupted_update_is_not_written_over(tmp_path, monkeypatch):
    root = stopped_before_the_swap(tmp_path, monkeypatch)
    with pytest.raises(UserError, match=r"is left of an interrupted update"):
        transaction.replace(root, {PurePosixPath("swift"): b"3"})
    assert transaction.recover(root)
    assert (root / "swift").read_text() == "2"


def test_two_runs_cannot_both_write(tmp_path):
    with transaction.exclusive(tmp_path):
        child = fork()
        if child == 0:
            try:
                with transaction.exclusive(tmp_path):
                    os._exit(0)
            except UserError as error:
                os._exit(5 if "another mlxport" in error.message else 6)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
    with transaction.exclusive(tmp_path):
        pass
