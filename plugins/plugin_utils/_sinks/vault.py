# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(vault): a file of variables, encrypted with the vault passwords of the run. Its host cannot look into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from ansible.parsing.vault import match_encrypt_secret
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import check_variable
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

from .controller import Controller, FileOnController


class VaultSink:
    """See ``FileOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """Nothing: a missing vault password is found when its content is made for the check."""
        return ""

    def content(self, options: Mapping, secret: str, controller: Controller) -> bytes:
        """One variable, encrypted.

        :raises InvalidOption: the key cannot be the name of a variable, or the run has no vault password.
        """
        check_variable(options["key"])
        vault = controller.loader._vault
        if not vault.secrets:
            raise InvalidOption(
                "type", "vault needs a vault password.", "Give the run one, with --vault-password-file or --vault-id."
            )
        vault_id, vault_secret = match_encrypt_secret(vault.secrets, encrypt_vault_id=options.get("vault_id"))
        text = f"---\n{json.dumps(options['key'])}: {json.dumps(secret)}\n"
        label = vault_id if options.get("vault_id") else None
        return vault.encrypt(text, vault_secret, vault_id=label, salt=_salt(text))

    def refuse_other_content(self, options: Mapping, previous: bytes, controller: Controller) -> None:
        """Refuse to replace a file that is not encrypted, or holds other variables.

        :raises InvalidOption: it does.
        """
        path, loader = options["path"], controller.loader
        if not previous.startswith(b"$ANSIBLE_VAULT;"):
            raise InvalidOption("path", f"{path} is there and not encrypted.", "Encrypt it, or give another path.")
        text = loader._vault.decrypt(previous).decode("utf-8")
        variables = loader.load(text, file_name=path, show_content=False)
        if not isinstance(variables, Mapping) or list(variables) != [options["key"]]:
            raise InvalidOption(
                "path",
                f"{path} holds other things than {options['key']}, which would be lost.",
                "Give the token a file of its own.",
            )


def _salt(text: str) -> str:
    """The salt of one text, the same each time: so a copy that another name of the same host has got can be recognized.

    The text holds a secret of 32 random characters, so that its digest tells nobody anything, and no other text has it.
    """
    return sha256(f"panelops.cpanel vault sink\n{text}".encode()).hexdigest()


SINK: FileOnController = VaultSink()
