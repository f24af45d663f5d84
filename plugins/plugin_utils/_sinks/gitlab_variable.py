# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(gitlab_variable): a CI/CD variable of a project, a group or the whole instance of GitLab, updated in place.

GitLab's API cannot compare and write in one call. So a variable is read before and after a write, and once more after the promotion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS

from .controller import Controller
from .libraries import library, why_missing
from .reasons import seconds, verify
from .scrubbing import Hidden
from .settings import Setting, Settings
from .store import Changed, NotAnswered, Seen, Session, StoreOnController

if TYPE_CHECKING:
    from .store_http import StoreSession

_NOT_FOUND = 404
_PROPERTIES = ("masked", "protected", "raw", "variable_type")

SETTINGS = Settings(
    (
        Setting("api_url", ("GITLAB_SERVER_URL", "CI_SERVER_URL")),
        Setting("api_token", ("GITLAB_API_TOKEN",)),
        Setting("ca_path"),
        Setting("validate_certs"),
        Setting("timeout", default="30"),
    ),
    ("community.general.gitlab_project_variable", "community.general.gitlab_group_variable"),
)


class GitlabSink:
    """See ``StoreOnController``."""

    settings = SETTINGS

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The library, or what the settings lack."""
        missing = why_missing("gitlab", "python-gitlab")
        if missing:
            return missing
        try:
            given = self.settings.read(options.get("connection"), controller)
            for setting, variable in (("api_url", "GITLAB_SERVER_URL"), ("api_token", "GITLAB_API_TOKEN")):
                if setting not in given:
                    raise InvalidOption(
                        f"connection.{setting}",
                        "is not given.",
                        f"Give it there, or in the environment variable {variable}.",
                    )
            seconds(given["timeout"])
            verify(given, "ca_path")
        except PanelopsError as error:
            return f"cannot reach its store: {error}"
        return ""

    def opened(self, given: Mapping[str, str], ticket: str | None) -> Session:
        """The client. Nothing is asked yet.

        :raises PanelopsError: the library or a setting is not usable.
        """
        gitlab = library("gitlab")
        # Imported here, for without the library that both need there would be no sentence on it.
        from .store_http import StoreSession

        url, trusted, timeout = given["api_url"].rstrip("/"), verify(given, "ca_path"), seconds(given["timeout"])
        # A session of our own, for the library's would follow redirects, with the credential.
        http = StoreSession(url, trusted, timeout)
        client = gitlab.Gitlab(
            url=url, private_token=given["api_token"], ssl_verify=trusted, timeout=timeout, session=http
        )
        return GitlabSession(gitlab, client, http, timeout, Hidden({given["api_token"]}), url)


@dataclass
class GitlabSession:
    """See ``Session``."""

    gitlab: Any = field(repr=False)
    client: Any = field(repr=False)
    http: StoreSession = field(repr=False)
    timeout: float
    hidden: Hidden
    url: str = ""
    ticket: str | None = None

    def secret(self, options: Mapping) -> GitlabVariable:
        """The variable that the options of a sink name."""
        default = KINDS["gitlab_variable"].defaults["environment_scope"]
        level = next((level for level in ("project", "group") if options.get(level)), "")
        return GitlabVariable(
            self,
            level,
            str(options.get(level) or "").strip("/ "),
            options["key"],
            options.get("environment_scope") or default,
            {name: options[name] for name in _PROPERTIES if options.get(name) is not None},
        )

    def close(self) -> None:
        """Nothing: there was no login."""

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Turn what goes wrong into a sentence.

        :raises NotAnswered: there was no answer. :raises PanelopsError: GitLab refused.
        """
        requests = library("requests")
        from .store_http import unanswered

        try:
            yield
        except self.gitlab.exceptions.GitlabError as error:
            told = NotAnswered if (error.response_code or 500) >= 500 else PanelopsError
            raise told(f"{what}: ({error.response_code}) {self.hidden.line(error.error_message)}.") from None
        except requests.exceptions.RequestException as error:
            raise unanswered(self.http, self.url, error, self.hidden) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotAnswered(f"{what}: the answer of {self.url} is not one of GitLab.") from None


@dataclass(frozen=True)
class GitlabVariable:
    """See ``StoredSecret``. ``properties`` are what the sink says of it besides its value."""

    session: GitlabSession
    level: str
    owner: str
    key: str
    scope: str
    properties: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The variable as messages call it."""
        where = f"the {self.level} {self.owner}" if self.level else "the instance"
        return f"{self.key} of {where}"

    @property
    def identity(self) -> str:
        """Address, owner and scope. Each variable is a secret of its own."""
        return "\n".join((self.session.url.lower(), self.level, self.owner.lower(), self.key, self.scope))

    @property
    def _variables(self) -> Any:
        client = self.session.client
        if not self.level:
            return client.variables
        owners = client.projects if self.level == "project" else client.groups
        return owners.get(self.owner, lazy=True).variables

    def check(self) -> Seen:
        """What it holds, if it can be written.

        :raises PanelopsError: it cannot.
        """
        self._check()
        return self.look()

    def _check(self) -> None:
        """Find an owner that is missing, and privileges that are missing.

        :raises PanelopsError: it cannot be written.
        """
        if not self.level and self.scope != KINDS["gitlab_variable"].defaults["environment_scope"]:
            raise PanelopsError(
                "a variable of the whole instance has no environment_scope. Remove it, or give a project or a group."
            )
        with self.session.telling(f"the variables of {self.label.partition(' of ')[2]} cannot be looked at"):
            self._variables.list(page=1, per_page=1, get_all=False)
        scopes = self._scopes()
        if scopes is not None and "api" not in scopes:
            raise PanelopsError(
                f"the token has the scopes {', '.join(scopes) or 'none'}, and needs api. Give another api_token."
            )

    def _scopes(self) -> list[str] | None:
        """What the token may do; ``None`` if it is of a kind that cannot ask."""
        try:
            with self.session.telling("the token"):
                answer = self.session.client.http_get("/personal_access_tokens/self")
                return [str(scope) for scope in answer["scopes"]]
        except PanelopsError:
            return None

    def look(self) -> Seen:
        """Its value.

        :raises PanelopsError: it cannot be read.
        """
        with self.session.telling(f"{self.label} cannot be read"):
            try:
                found = self._variables.get(self.key, query_parameters=self._query())
            except self.session.gitlab.exceptions.GitlabGetError as error:
                if error.response_code != _NOT_FOUND:
                    raise
                return Seen({})
            value = found.value
        if value is None:
            raise PanelopsError(
                f"{self.label} is hidden, so nobody can read what it holds. Give one that is only masked."
            )
        return Seen({self.key: value}, found.key)

    def _filter(self) -> dict[str, str]:
        return {"environment_scope": self.scope} if self.level else {}

    def _query(self) -> dict[str, str]:
        # A query is flat, other than the body of a write.
        return {f"filter[{name}]": scope for name, scope in self._filter().items()}

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        """Update it in place, create it, or remove it if it holds nothing any more.

        :raises Changed: another writer has created or removed it. :raises NotAnswered: nobody knows.
        :raises PanelopsError: GitLab refused.
        """
        value = content.get(self.key)
        with self.session.telling(f"{self.label} cannot be written"):
            try:
                self._write(value, exists=seen.version is not None)
            except self.session.gitlab.exceptions.GitlabOperationError as error:
                if error.response_code == _NOT_FOUND or "has already been taken" in str(error.error_message):
                    raise Changed(f"others kept writing to {self.label}.") from None
                raise

    def _write(self, value: object, exists: bool) -> None:
        if value is None:
            self._variables.delete(self.key, query_parameters=self._query())
        elif exists:
            self._variables.update(
                self.key, {"value": value, **({"filter": self._filter()} if self.level else {}), **self.properties}
            )
        else:
            self._variables.create({"key": self.key, "value": value, **self._filter(), **self.properties})


SINK: StoreOnController = GitlabSink()
