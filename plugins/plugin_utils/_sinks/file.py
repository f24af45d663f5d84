# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(file): a file on the consumer's host. Its templates are on the controller."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.panelops.cpanel.plugins.module_utils._delivery.content import (
    content_of,
    only_secret_in,
    secret_in,
)
from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of, secrets_name

from .._text import rendered
from .controller import Controller, FileOnController


class FileSink:
    """See ``FileOnController``."""

    def missing(self, options: Mapping, controller: Controller) -> str:
        """Nothing: what a template lacks is found when its content is made for the check."""
        return ""

    def content(self, options: Mapping, secret: str, controller: Controller) -> bytes:
        """The values in the format of the sink.

        :raises InvalidOption: a key cannot be a name in this format, or the template leaves the secret out.
        """
        form = options.get("format") or "raw"
        if form != "template":
            values = options.get("values") or dict.fromkeys(names_of(options), secret)
            return content_of(form, values, options.get("section"))
        path = controller.find("templates", options["template"])
        names = dict(token=secret, name=options["name"], account=options.get("account"))
        text = rendered(controller.loader, controller.templar, path, {**controller.variables, **names})
        if secret not in text:
            raise InvalidOption("template", "what it makes does not hold the secret.", "Use {{ token }} in it.")
        return text.encode("utf-8")

    def held(self, options: Mapping, previous: bytes, controller: Controller) -> str | None:
        """What stands where the format has the secret; in a template's text the only piece with the shape of one."""
        form = KINDS["file"].recognized_as(options)
        if form is None:
            return only_secret_in(previous)
        return secret_in(form, secrets_name(options), previous, options.get("section"))

    def refuse_other_content(self, options: Mapping, previous: bytes, controller: Controller) -> None:
        """Nothing: what a template makes is the user's own, and the other formats are recognized by the host."""


SINK: FileOnController = FileSink()
