# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies as a task's options make them."""

from __future__ import annotations

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.options import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.plugin_utils._audit.policy import Policy, policy_from


def options(**given: object) -> dict:
    """Return the options of audit_report, with their defaults."""
    validation = ArgumentSpecValidator(ARGUMENT_SPEC).validate({"servers": {}, "dest": "report", **given})
    assert validation.error_messages == []
    return validation.validated_parameters


def policy(**given: object) -> Policy:
    """Return the policy of these options."""
    return policy_from(options(**given))
