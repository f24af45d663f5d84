# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(vault): a file of variables, encrypted with the vault passwords of the run. Its host cannot look into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import check_variable
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption

from .controller import Controller, FileOnController


class VaultSink:
    """See ``FileOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """Nothing: a missing vault password is found when its content is made for the check."""
        return ""

    def content(self, options: Mapping, secret: str, controller: Controller) -> bytes:
        """One variable, encrypted. It is tagged as text, so that no play that loads it takes it for a template.

        :raises InvalidOption: the key cannot be the name of a variable, the run has no vault password, or it is not clear which of
            several is meant.
        """
        check_variable(options["key"])
        vault: VaultLib = controller.loader._vault
        vault_id, password = _encrypting(vault, options.get("vault_id"))
        text = f"---\n{json.dumps(options['key'])}: !unsafe {json.dumps(secret)}\n".encode()
        encrypted: bytes = vault.encrypt(text, password, vault_id=vault_id, salt=_salt(text))
        _refuse_unreadable(vault, encrypted, text, vault_id)
        return encrypted

    def held(self, options: Mapping, previous: bytes, controller: Controller) -> str | None:
        """What the variable holds."""
        variables = _variables(options["path"], previous, controller)
        value = variables.get(options["key"]) if isinstance(variables, Mapping) else None
        return None if value is None else str(value)

    def refuse_other_content(self, options: Mapping, previous: bytes, controller: Controller) -> None:
        """Refuse to replace a file that is not encrypted, or holds other variables.

        :raises InvalidOption: it does.
        """
        path = options["path"]
        if not previous.startswith(b"$ANSIBLE_VAULT;"):
            raise InvalidOption("path", f"{path} is there and not encrypted.", "Encrypt it, or give another path.")
        variables = _variables(path, previous, controller)
        if not isinstance(variables, Mapping) or list(variables) != [options["key"]]:
            raise InvalidOption(
                "path",
                f"{path} holds other things than {options['key']}, which would be lost.",
                "Give the token a file of its own.",
            )


def _variables(path: str, encrypted: bytes, controller: Controller) -> object:
    """What a vault holds.

    :raises AnsibleError: it cannot be decrypted, or is not YAML.
    """
    loader = controller.loader
    text = loader._vault.decrypt(encrypted).decode("utf-8")
    return loader.load(text, file_name=path, show_content=False)


def _salt(text: bytes) -> str:
    """The salt of one text, the same each time: so a copy that another name of the same host has got can be recognized.

    The text holds a secret of 32 random characters, so that its digest tells nobody anything, and no other text has it.
    """
    return sha256(b"panelops.cpanel vault sink\n" + text).hexdigest()


def _encrypting(vault: VaultLib, given: str | None) -> tuple[str, VaultSecret]:
    """The vault ID to encrypt with, and its password: the option's, else the encrypt identity of the run, else the run's only one.

    :raises InvalidOption: there is none, or it is not clear which of several is meant. A guess would take the only copy of the secret
        from those who have another password.
    """
    known = list(dict.fromkeys(vault_id for vault_id, _password in vault.secrets or ()))
    if not known:
        raise InvalidOption(
            "type", "vault needs a vault password.", "Give the run one, with --vault-password-file or --vault-id."
        )
    identity = constants.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
    option, chosen = ("vault_id", given) if given else ("ANSIBLE_VAULT_ENCRYPT_IDENTITY", identity)
    if not chosen and len(known) > 1:
        raise InvalidOption(
            "vault_id",
            f"is not given, and the run has several vault IDs: {', '.join(known)}.",
            "Name the one whose password the file's readers have, or set ANSIBLE_VAULT_ENCRYPT_IDENTITY.",
        )
    chosen = chosen or known[0]
    # Of several passwords under one ID the first encrypts, as with ansible-vault.
    for vault_id, password in vault.secrets:
        if vault_id == chosen:
            return chosen, password
    raise InvalidOption(
        option,
        f"the run has no password for the vault ID {chosen}, only for {', '.join(known)}.",
        f"Give it one with --vault-id {chosen}@FILE.",
    )


def _refuse_unreadable(vault: VaultLib, encrypted: bytes, text: bytes, vault_id: str) -> None:
    """Decrypt once what will be the only copy of a secret, as the run's next reader would.

    :raises InvalidOption: what comes out is not what went in.
    """
    try:
        readable = vault.decrypt(encrypted) == text
    except AnsibleError:
        readable = False
    if not readable:
        raise InvalidOption(
            "vault_id",
            f"the run cannot decrypt what it has encrypted with the vault ID {vault_id}.",
            "Give the ID a name of letters, digits, dashes and underscores.",
        )


SINK: FileOnController = VaultSink()
