# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Root stores a secret in a folder whose owner exchanges files there: no other file changes, and nothing is called stored."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import ModuleAttributes
from ansible_collections.panelops.cpanel.plugins.module_utils._task.token_file import Permissions
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.files import ReportFiles

from tests.support.delivering import NEW, OLD, STRANGER, acl_of, deliver, give_acl, options_of, step_of
from tests.support.processes import result_of, start
from tests.support.stored import Case

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

EXCHANGE = """
import os, tempfile
mkstemp, fsync, replace = tempfile.mkstemp, os.fsync, os.replace
new, synced = [], []
def exchange():
    os.rename(new[-1], new[-1] + "-kept")
    os.{link}({victim!r}, new[-1])
def made(*arguments, **keywords):
    handle, path = mkstemp(*arguments, **keywords)
    if "panelops-new" in path:
        new.append(path)
        if {moment!r} == "made":
            exchange()
    return handle, path
def written(handle):
    fsync(handle)
    synced.append(handle)
    if {moment!r} == "written" and len(synced) == 2:
        exchange()
def moved(source, target):
    if {moment!r} == "moved" and source == new[-1]:
        exchange()
    replace(source, target)
tempfile.mkstemp, os.fsync, os.replace = made, written, moved
"""
"""What the folder's owner does: right behind the making of the new file, when it holds the secret, or when it is being moved."""

THEIRS = {"owner": str(STRANGER), "group": str(STRANGER), "mode": "u=rw,g=r,o=r"}
"""For an application of that user; such a mode is the first thing that would let others read the victim."""


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_text("root's alone\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def attack(victim: Path, moment: str, link: str = "symlink") -> str:
    return EXCHANGE.format(victim=str(victim), moment=moment, link=link)


def traces(path: Path) -> tuple[int, ...]:
    """Return what any change of owner, group, mode or content changes, even one that was undone at once."""
    status = path.stat()
    return (status.st_uid, status.st_gid, status.st_mode, status.st_ctime_ns, status.st_mtime_ns)


def rights(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def holders(folder: Path, secret: str) -> list[Path]:
    """Return the files in a folder, links aside, that hold a text."""
    return [path for path in folder.iterdir() if not path.is_symlink() and secret in path.read_text()]


@AS_ROOT
def test_exchanged_by_a_link_right_behind_its_making(home: Path, victim: Path) -> None:
    before = traces(victim)
    told = step_of("check", options_of(home / "copy", **THEIRS), before=attack(victim, "made"))["sinks"][0]
    assert traces(victim) == before
    assert not told["ok"]
    assert told["unchanged"]
    assert told["msg"].startswith(f"path: {home / 'copy'} cannot be written: somebody has removed or exchanged")
    assert f"as the user who owns {home}" in told["msg"]


@AS_ROOT
@pytest.mark.parametrize("step", ["check", "deliver"])
def test_exchanged_by_another_name_of_the_victim(home: Path, victim: Path, step: str) -> None:
    """Where the system lets users make such names; here the victim would be given away for good."""
    before = rights(victim)
    options = options_of(home / "copy", f"{NEW}\n", before="absent", **THEIRS)
    told = step_of(step, options, before=attack(victim, "made", "link"))["sinks"][0]
    assert rights(victim) == before
    assert not told["ok"]
    assert victim.read_text() == "root's alone\n"
    assert not (home / "copy").exists()
    assert holders(home, NEW) == []


@AS_ROOT
def test_exchanged_before_it_takes_its_place(home: Path, victim: Path) -> None:
    """The file that the application reads stays as it was."""
    path = home / "copy"
    path.write_text(f"{OLD}\n")
    before = traces(victim)
    seen = deliver(path, "check", **THEIRS)["before"]
    options = options_of(path, f"{NEW}\n", before=seen, **THEIRS)
    told = step_of("deliver", options, before=attack(victim, "written"))["sinks"][0]
    assert not told["ok"]
    assert told["unchanged"]
    assert "somebody has removed or exchanged the new file" in told["msg"]
    assert path.read_text() == f"{OLD}\n"
    assert traces(victim) == before
    assert holders(home, NEW) == [], "not even under the name that the file was given"


@AS_ROOT
def test_exchanged_while_it_is_moved(home: Path, victim: Path) -> None:
    """Nothing can keep another file from getting there, but it is not called delivered, and the place is not called unchanged."""
    path = home / "copy"
    options = options_of(path, f"{NEW}\n", before="absent", **THEIRS)
    told = step_of("deliver", options, before=attack(victim, "moved"))["sinks"][0]
    assert path.is_symlink()
    assert not told["ok"]
    assert not told["unchanged"]
    assert f"written to {path}: somebody has exchanged the new file while it was moved there" in told["msg"]
    assert "See what it is, and remove it." in told["msg"]
    assert holders(home, NEW) == []


@pytest.mark.parametrize("moment", ["made", "written", "moved"])
@pytest.mark.parametrize("stored", [False, True], ids=["first", "reissue"])
def test_no_secret_of_a_token_file_is_lost(case: Case, victim: Path, moment: str, stored: bool) -> None:
    """The engine does what it does whenever a secret could not be stored."""
    old = None
    if stored:
        case.run()
        old = case.stored()
    before = traces(victim)
    wish = dict(case.wish, recreate="always")
    failed = result_of(start(case.module, case.server.environment, wish, before=attack(victim, moment)))
    assert failed.get("failed"), failed
    assert "exchanged the new file" in failed["msg"]
    assert "token" not in failed
    assert case.tokens() == (["t"] if stored else [])
    assert traces(victim) == before
    left = [path.read_text() for path in case.path.parent.iterdir() if not path.is_symlink() and path != victim]
    assert not any(text.strip() not in ("", old) for text in left)
    if old is not None:
        assert case.works(old)
        assert moment == "moved" or case.stored() == old


LIST = """
import os
getxattr = os.getxattr
def exchanging(*arguments, **keywords):
    value = getxattr(*arguments, **keywords)
    if arguments[1] == "system.posix_acl_access" and os.path.exists({ours!r}):
        os.replace({ours!r}, {path!r})
    return value
os.getxattr = exchanging
"""


@AS_ROOT
def test_the_access_list_of_one_file_and_the_owner_of_another(case: Case, tmp_path: Path) -> None:
    """A list counts only if root or the like owns the file that has it: both are seen in one open file."""
    case.run()
    ours = tmp_path / "ours"
    shutil.copy2(case.path, ours)
    os.chown(case.path, STRANGER, STRANGER)
    give_acl(case.path, STRANGER)
    before = LIST.format(ours=str(ours), path=str(case.path))
    result = result_of(start(case.module, case.server.environment, dict(case.wish, recreate="always"), before=before))
    assert not ours.exists(), "the exchange took place"
    assert result["changed"], result
    assert acl_of(case.path) == {}
    assert rights(case.path) == (0, 0, 0o600)


PRESENT = """
import os
from ansible_collections.panelops.cpanel.plugins.module_utils._task.token_file import TokenFile
look = TokenFile.attributes_differ
def looked(file):
    differs = look(file)
    os.unlink({path!r})
    os.link({victim!r}, {path!r})
    return differs
TokenFile.attributes_differ = looked
"""


def test_a_file_that_is_there_is_exchanged_before_its_mode_is_set(case: Case, victim: Path) -> None:
    case.run()
    before = rights(victim)
    code = PRESENT.format(path=str(case.path), victim=str(victim))
    failed = result_of(start(case.module, case.server.environment, dict(case.wish, mode="0644"), before=code))
    assert rights(victim) == before
    assert failed.get("failed"), failed
    assert f"Something else has written {case.path} meanwhile" in failed["msg"]


def test_a_report_is_exchanged_right_behind_its_making(
    home: Path, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of an audit is written in the same way, into a folder that may be another user's."""
    make = tempfile.mkstemp

    def made(**keywords: object) -> tuple[int, str]:
        handle, path = make(**keywords)
        os.rename(path, f"{path}-kept")
        os.symlink(victim, path)
        return handle, path

    monkeypatch.setattr(tempfile, "mkstemp", made)
    before = traces(victim)
    files = ReportFiles(home, ["json"], 0o644)
    with pytest.raises(PanelopsError, match="exchanged the new file before it could take its place. Give dest"):
        files.write({"json": "{}"})
    assert traces(victim) == before
    assert not os.path.lexists(files.paths["json"])


@pytest.fixture(scope="module")
def module() -> AnsibleModule:
    """A real one, of a task without options."""
    testing = pytest.importorskip("ansible.module_utils.testing", reason="ansible-core 2.18 does not have it")
    with testing.patch_module_args({}):
        return AnsibleModule({})


MODES = ["0640", "640", 0o440, "1644", "u=rw,g=r", "u=rwX,g-w,o=", "a+r", "+x", "g=u", "u+s,g+s", "=r", "o=g-w", "-rwx"]


@pytest.mark.parametrize("before", [0o600, 0o755, 0o2644], ids=oct)
@pytest.mark.parametrize("mode", MODES)
def test_a_mode_means_what_it_means_to_ansible(
    tmp_path: Path, module: AnsibleModule, mode: str | int, before: int
) -> None:
    """The handle's file and one that Ansible sets by its path end alike, and looking foretells it."""
    by_path, by_handle = tmp_path / "path", tmp_path / "handle"
    for path in (by_path, by_handle):
        path.touch()
        path.chmod(before)
    ansibles = module.set_mode_if_different(str(by_path), mode, False)
    attributes, permissions = ModuleAttributes(module), Permissions(None, None, mode)
    with by_handle.open("rb") as stream:
        assert attributes.set(stream.fileno(), permissions, only_look=True) == ansibles
        assert stat.S_IMODE(by_handle.stat().st_mode) == before
        assert attributes.set(stream.fileno(), permissions, only_look=False) == ansibles
        assert not attributes.set(stream.fileno(), permissions, only_look=True)
    assert rights(by_handle) == rights(by_path)


@AS_ROOT
@pytest.mark.parametrize(
    ("owner", "group", "expected"),
    [("nobody", None, (65534, 0)), ("12345", "54321", (12345, 54321)), (None, "54321", (0, 54321)), ("0", "0", (0, 0))],
)
def test_owners_by_name_and_by_number(
    tmp_path: Path, module: AnsibleModule, owner: str | None, group: str | None, expected: tuple[int, int]
) -> None:
    path = tmp_path / "file"
    path.touch()
    attributes, permissions = ModuleAttributes(module), Permissions(owner, group, None)
    with path.open("rb") as stream:
        for only_look in (True, False):
            assert attributes.set(stream.fileno(), permissions, only_look) == (expected != (0, 0))
        assert rights(path)[:2] == expected
        assert not attributes.set(stream.fileno(), permissions, only_look=True)


@pytest.mark.parametrize("mode", ["rwx", "u=q", "88"])
def test_what_is_no_mode(tmp_path: Path, module: AnsibleModule, mode: str) -> None:
    path = tmp_path / "file"
    path.touch()
    with path.open("rb") as stream, pytest.raises(PanelopsError, match="octal or symbolic"):
        ModuleAttributes(module).set(stream.fileno(), Permissions(None, None, mode), only_look=False)
