# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that say what one API token should be, whichever the service."""

from __future__ import annotations


class ModuleDocFragment:
    """One token."""

    DOCUMENTATION = r"""
options:
  name:
    description:
      - The token's name, unique for its owner. 1 to 50 letters, digits, dashes and underscores.
    type: str
    required: true
  state:
    description:
      - Whether the token should exist. V(absent) revokes it, which takes effect at once; a O(token_file) is left as it is.
    type: str
    choices: [present, absent]
    default: present
  only_expired:
    description:
      - With O(state=absent), revoke the token only if it has expired by the server's clock. One that lives is left alone, and returned.
    type: bool
    default: false
  expires_at:
    description:
      - When the token expires. Unix seconds, a day as V(YYYY-MM-DD) (its last second, 23:59:59), an ISO 8601 time as
        V(YYYY-MM-DDTHH:MM) with optional seconds and V(Z) or an offset such as V(+01:00), or V(never).
      - A time without an offset is in O(timezone). A time that is in the past by the server's clock is refused.
      - Left out together with O(expires_in), the expiry of a token that exists stays as it is, and a new token never expires.
    type: str
  expires_in:
    description:
      - The longest time that the token may have left to live, for example V(90d), V(12h) or V(1d12h). A unit is needed.
      - Counted by the server's clock when the token is created, when it would live longer than this, and when O(renew_before) or less
        is left. In between, nothing changes.
    type: str
  renew_before:
    description:
      - With O(expires_in), renew the token when this time or less is left. Must be less than O(expires_in).
      - If it is not given, a token of WHM is renewed when a third of O(expires_in) or less is left. A token of a cPanel account, which
        cannot be renewed without a new secret, is replaced only once it has expired.
    type: str
  timezone:
    description:
      - The time zone of O(expires_at) where that has no offset, for example V(Europe/Berlin).
    type: str
    default: UTC
  rename_from:
    description:
      - The name that the token has had so far. If there is no token O(name) but one of this name, it is renamed; the secret stays the same.
    type: str
  recreate:
    description:
      - When to issue a new secret for a token that exists. The old one keeps working until the new one exists, and is then revoked.
      - V(never) leaves the secret alone. V(always) issues a new one at each run.
      - V(if_expired) issues a new one only when nobody can be cut off, because the token has expired and the API cannot extend it, or
        because an earlier run of the task was interrupted before it stored the secret. If the secret of a live token is not in
        O(token_file), the task fails.
      - V(if_unusable) also issues a new one when the secret in O(token_file) is missing or is not this token's. If the token is live, a
        warning says that whoever uses the old secret is cut off.
      - V(if_changed) does all this, and also when something should change that the API cannot change in place.
    type: str
    choices: [never, if_expired, if_unusable, if_changed, always]
    default: if_expired
  token_file:
    description:
      - A file on the host that runs the module, in which to store the secret, alone on one line. Its folder must exist. What is no
        regular file is refused.
      - It is written at once and whole. Before the token is created, in check mode too, the task writes a file beside it, gives that
        the owner, group and mode, and finds out whether it could replace the file that is there. The secret is then not returned, unless
        O(return_token=true).
      - Only a file that is empty, or whose only line is the secret of this token or an old secret of the server, is replaced. One that
        holds other things is refused before any call. So is, on WHM, the live secret of another token.
      - Where its file system has extended attributes, the file is marked with the server, the user, the name and the time of creation of the
        token; the mark holds no secret. A file that is marked as that of another token, account or server is refused, unless the server
        knows that secret to be dead. If there is no mark, and nobody can say whose secret is replaced, a warning says so.
      - If the secret cannot be written after all, the new token is revoked, and an old one gets its name back.
      - While a secret is being issued, there is a private note beside the file, which names the token and says when its creation was
        sent. If the run is killed, the note stays. A token of that time and with the limits that were asked for is then taken for one
        whose secret nobody has, and another secret is issued. It may be the token of another run that created the same one at the same
        time, so a warning says that whoever uses its secret is cut off.
      - At each run the stored secret is compared with the live token, and O(recreate) says what to do if they do not match. If the server
        cannot be asked, the task fails; it never takes that for a dead token.
      - The server refuses every secret of a suspended cPanel account. So if it refuses the stored one, WHM is asked whether the account is
        suspended, for which the caller needs the privilege V(acct-summary) or V(list-accts). If it is, or if that cannot be found out, a
        warning says so, and no new secret is issued for that reason.
      - With O(transport=cli) it is not compared, because a secret on a command line could be read by every user of the host. That there
        is one must do.
    type: path
  owner:
    description:
      - The owner of O(token_file). Without that, it is refused; so are O(group) and O(mode).
    type: str
  group:
    description:
      - The group of O(token_file).
    type: str
  mode:
    description:
      - The mode of O(token_file), as a quoted octal number or a symbolic mode. V(0600) if it is not given.
      - A POSIX access control list of a file that holds a secret stays, with all that it names. What the default mode takes away is the
        access of the file's group and of others.
    type: raw
  return_token:
    description:
      - Return the secret as RV(token) also when it is stored in O(token_file).
    type: bool
    default: false
  allow_self:
    description:
      - Allow the task to revoke, re-issue or narrow the very token that it authenticates with, or to give it an allow-list that
        does not admit this host. Otherwise that is refused, because it locks out whoever uses that token.
    type: bool
    default: false
"""
