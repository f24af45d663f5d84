# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(vault): a file of variables, encrypted with the vault passwords of the run. Its host cannot look into it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import (
    refuse_other_values,
    secret_in,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.merge import VAULT, merged, restored, values_in
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.merge_env import check_variable
from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.part import fingerprint_of
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of, secrets_name

from .controller import Controller, SealedOnController

_NEW = b"---\n"
"""A file without variables."""


class VaultSink:
    """See ``SealedOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """Nothing: a missing vault password is found when its content is made for the check."""
        return ""

    def content(self, options: Mapping, secret: str, controller: Controller) -> bytes:
        """A file with the values alone, encrypted. Into one that is there they are merged when it is known what it holds.

        :raises InvalidOption: a key cannot be the name of a variable, the run has no vault password, or it is not clear which of
            several is meant.
        """
        values = options.get("values") or dict.fromkeys(names_of(options), secret)
        return self.sealed(options, _merged(options, _NEW, values, controller), None, controller)

    def held(self, options: Mapping, previous: bytes, controller: Controller) -> str | None:
        """What the variable holds."""
        return secret_in(VAULT, secrets_name(options), self.opened(options, previous, controller))

    def refuse_other_content(self, options: Mapping, previous: bytes, controller: Controller) -> None:
        """Refuse a file that is not encrypted, in which the variables cannot be set, or in which they hold something else than a secret.

        :raises InvalidOption: it is such a file.
        """
        text = self.opened(options, previous, controller)
        refuse_other_values(values_in(VAULT, text, names_of(options)), options["path"])
        _merged(options, text, dict.fromkeys(names_of(options), "X" * 32), controller)

    def opened(self, options: Mapping, content: bytes | None, controller: Controller) -> bytes:
        """The text of a file.

        :raises InvalidOption: it is not encrypted. :raises AnsibleError: it cannot be decrypted.
        """
        if content is None or not content.strip():
            return _NEW
        if not content.startswith(b"$ANSIBLE_VAULT;"):
            path = options["path"]
            raise InvalidOption("path", f"{path} is there and not encrypted.", "Encrypt it, or give another path.")
        return _decrypted(controller.loader._vault, content)

    def state(self, options: Mapping, text: bytes) -> str:
        """Of the variables of the sink."""
        return fingerprint_of(values_in(VAULT, text, names_of(options)))

    def wanted(self, options: Mapping) -> str:
        """Of what they are to be."""
        return fingerprint_of(options["values"])

    def with_values(self, options: Mapping, text: bytes, controller: Controller) -> bytes:
        """They are tagged as text, so that no play that loads it takes them for templates."""
        return _merged(options, text, options["values"], controller)

    def put_back(self, options: Mapping, text: bytes, previous: bytes) -> bytes:
        """The variables of the sink as they were."""
        return restored(VAULT, text, previous, names_of(options))

    def sealed(self, options: Mapping, text: bytes, present: bytes | None, controller: Controller) -> bytes:
        """Encrypted with the vault ID of the sink, else with that of the file that is there, which its readers have.

        :raises InvalidOption: the run has no vault password, or it is not clear which of several is meant.
        """
        vault: VaultLib = controller.loader._vault
        vault_id, password = _encrypting(vault, options.get("vault_id") or _label_of(present, vault))
        encrypted: bytes = vault.encrypt(text, password, vault_id=vault_id, salt=_salt(text))
        _refuse_unreadable(vault, encrypted, text, vault_id)
        return encrypted


@lru_cache(maxsize=4)
def _decrypted(vault: VaultLib, content: bytes) -> bytes:
    """The text of a file. All sinks of one file ask for it, and each time takes as long as a password is to be hard to guess.

    :raises AnsibleError: it cannot be decrypted.
    """
    text: bytes = vault.decrypt(content)
    return text


def _merged(options: Mapping, text: bytes, values: Mapping[str, str], controller: Controller) -> bytes:
    """A text with some variables set.

    :raises InvalidOption: a key cannot be the name of a variable, or setting them would change what Ansible reads there besides.
    """
    for name in values:
        check_variable(name)
    after = merged(VAULT, text, values)
    if not _is_same(_variables(options, after, controller), {**_variables(options, text, controller), **values}):
        raise InvalidOption(
            "path",
            f"setting {', '.join(values)} in {options['path']} would change other variables.",
            "Write it as one mapping of names at the start of lines, or give the token a file of its own.",
        )
    return after


def _is_same(one: object, other: object) -> bool:
    """Are two values of variables the same? Equality would not do: what is not a number (``.nan``) equals nothing."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _is_same(list(one.items()), list(other.items()))
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, (set, frozenset)) and isinstance(other, (set, frozenset)):
        return len(one) == len(other) and all(any(_is_same(each, like) for like in other) for each in one)
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return one == other


def _label_of(present: bytes | None, vault: VaultLib) -> str | None:
    """The vault ID that a file names, if the run has its password."""
    header = (present or b"").partition(b"\n")[0].decode("utf-8", "replace").strip().split(";")
    known = [vault_id for vault_id, _password in vault.secrets or ()]
    return header[3] if len(header) > 3 and header[3] in known else None


def _variables(options: Mapping, text: bytes, controller: Controller) -> dict:
    """What Ansible reads in a text.

    :raises InvalidOption: no variables.
    """
    path = options["path"]
    # For its messages. Ansible has no name for what is in the home folder of another host.
    name = path if path.startswith("/") else f"/{path}"
    try:
        found = (
            controller.loader.load(text.decode("utf-8"), file_name=name, show_content=False) if text.strip() else None
        )
    except UnicodeDecodeError:
        found = ()
    if not isinstance(found, (Mapping, type(None))):
        raise InvalidOption("path", f"{path} holds no variables.", "Give a file of variables.")
    return dict(found or {})


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


SINK: SealedOnController = VaultSink()
