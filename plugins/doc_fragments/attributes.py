# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The attributes that every module states."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes in common; what differs between modules is a fragment part of its own."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: partial
    details:
      - A task that would run as a module on the controller itself, with the Python that runs Ansible, is done in Ansible's own process
        instead. The result is the same, in a fraction of the time.
      - It stays a module with C(become), C(async), C(transport=cli), a C(token_file), a C(ca_path) that is not absolute, variables other
        than C(WHM_*) and C(CPANEL_*) in the task's C(environment), and on macOS.
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: posix
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This module only reads.
  diff_mode:
    support: N/A
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""

    WHM = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/panelops.cpanel.whm) in C(module_defaults) to set the connection options of all these modules at once.
    support: full
    membership:
      - panelops.cpanel.whm
"""

    CPANEL = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/panelops.cpanel.cpanel) in C(module_defaults) to set the connection options of all these modules at once.
    support: full
    membership:
      - panelops.cpanel.cpanel
"""
