# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that no secret may be given to, each with the reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_FILE = "it writes what it is given to files, also to temporary ones. A sink of type file or vault writes a file without that."
_COMMAND = (
    "what it is given stands on a command line, which every user of the machine can read. A sink of type tasks can give it to the standard "
    "input of a command."
)
_SHOWN = "it shows what it is given, or keeps it in variables that later tasks can show."
_FLOW = "it runs tasks or hosts, and delivers nothing."
_NO_USE = "of ansible.builtin only uri can deliver a secret. Use a module of the system that keeps it, or a sink of type tasks."

_BUILTIN = {
    _FILE: "assemble blockinfile copy cron deb822_repository fetch get_url lineinfile replace slurp template unarchive yum_repository",
    _COMMAND: "command expect raw script shell",
    _SHOWN: "add_host assert debug fail group_by pause set_fact set_stats",
    _FLOW: "async_status import_playbook import_role import_tasks include include_role include_tasks include_vars meta",
}
_OTHERS = {
    _FILE: (
        "ansible.posix.synchronize ansible.windows.win_copy ansible.windows.win_template community.general.filesystem "
        "community.general.htpasswd community.general.ini_file community.general.iso_create community.general.java_keystore "
        "community.general.keyring community.general.kdeconfig community.general.sops community.general.xml community.sops.sops_encrypt"
    ),
    _COMMAND: "ansible.windows.win_command ansible.windows.win_shell community.general.shutdown community.general.terraform",
}
_WHY = {
    name: why
    for prefix, table in (("ansible.builtin.", _BUILTIN), ("", _OTHERS))
    for why, names in table.items()
    for name in (f"{prefix}{word}" for word in names.split())
}


def why_unfit(module: str, args: Mapping) -> str:
    """Why a module cannot be given a secret; empty if nothing is known against it.

    :param module: its full name, as Ansible resolves it. :param args: the options that it gets besides.
    """
    name = module.replace("ansible.legacy.", "ansible.builtin.")
    if name == "ansible.builtin.uri":
        return "with dest it writes to a file. Leave dest out." if "dest" in args else ""
    return _WHY.get(name) or (_NO_USE if name.startswith("ansible.builtin.") else "")
