# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's core in this process: the module's own argument specification, the same defaults, no AnsibleModule.

For tests with hundreds of calls; the same cores are run by real playbooks in the other files.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from unittest.mock import patch

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.module_utils._api.https import HttpsTransport
from ansible_collections.panelops.cpanel.plugins.module_utils._engine import apply
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation import promote
from ansible_collections.panelops.cpanel.plugins.module_utils._task.module import ModuleAttributes
from ansible_collections.panelops.cpanel.plugins.module_utils._task.token_file import TokenFile

COLLECTION = "ansible_collections.panelops.cpanel.plugins"


def run_core(module: str, environ: Mapping[str, str], /, *, check_mode: bool = False, **options: object) -> dict:
    """Run what a module runs and return its result.

    :raises PanelopsError: the sentence that the module would fail with.
    """
    spec, core, sinks_file = _of(module)
    checked = ArgumentSpecValidator(spec).validate(options)
    assert not checked.error_messages, checked.error_messages
    params = checked.validated_parameters
    files: dict = {}
    if sinks_file:
        files["files"] = lambda sink: sinks_file(sink, _attributes())
    elif "token_file" in spec.get("tokens", {}).get("options", {}):
        files["token_files"] = lambda token: TokenFile(token, _attributes())
    elif params.get("token_file"):
        files["token_file"] = TokenFile(params, _attributes())
    return core(params, check_mode, environ, **files)


def result_of_core(module: str, environ: Mapping[str, str], /, *, check_mode: bool = False, **options: object) -> dict:
    """The same, but return a failure as the module would."""
    try:
        return run_core(module, environ, check_mode=check_mode, **options)
    except PanelopsError as error:
        return dict(failed=True, msg=str(error), **error.result)


def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the pauses out of the cores in this process: a planned fault is over after a number of calls, whatever the time.

    Everything is tried as often as with them. Not for tests of calls that are late by seconds.
    """
    monkeypatch.setattr(HttpsTransport.__init__, "__defaults__", ((0.0, 0.0), None))
    monkeypatch.setattr(apply, "LATE", 0.0)
    monkeypatch.setattr(promote, "PAUSE", 0.0)


@cache
def _attributes() -> ModuleAttributes:
    """What a file needs of a real AnsibleModule."""
    # Not known to ansible-core 2.18, with which the tests that need none run too.
    from ansible.module_utils.testing import patch_module_args

    with patch_module_args({}):
        return ModuleAttributes(AnsibleModule({}))


@cache
def _of(name: str) -> tuple[dict, Callable, Callable | None]:
    """Return the argument specification, the core, and what makes the file of a sink, as the module itself passes them on."""
    module = importlib.import_module(f"{COLLECTION}.modules.{name}")
    with patch.object(module, "run_module") as handed_over:
        module.main()
    spec, core = handed_over.call_args.args
    return spec, core, handed_over.call_args.kwargs.get("files")
