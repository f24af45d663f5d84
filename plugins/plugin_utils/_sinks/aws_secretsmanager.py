# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(aws_secretsmanager): a secret of AWS Secrets Manager, or keys of one whose text is a JSON object.

The settings and the environment have the names that the collection amazon.aws gives them. A write is conditional by the stages of
versions: a new version gets a stage of ours, and becomes the current one only if the current one still is the one that was read.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import secrets_name

from .controller import Controller
from .libraries import library, why_missing
from .reasons import seconds, verify
from .scrubbing import Hidden
from .settings import Setting, Settings
from .store import Changed, NotAnswered, Seen, Session, StoreOnController

if TYPE_CHECKING:
    from .store_http import StoreSession

_CURRENT = "AWSCURRENT"
_STAGE = "panelops.cpanel"
"""The stage of a version that is written and not current yet. One that a killed run has left is taken over by the next."""

_NOTHING = "{}"
"""The text of a secret that was created and then rolled back: a secret cannot lose its only version."""

SETTINGS = Settings(
    (
        Setting("region", ("AWS_REGION", "AWS_DEFAULT_REGION")),
        Setting("profile", ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")),
        Setting("access_key", ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY")),
        Setting("secret_key", ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")),
        Setting("session_token", ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")),
        Setting("endpoint_url", ("AWS_URL", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL")),
        Setting("validate_certs"),
        Setting("aws_ca_bundle", ("AWS_CA_BUNDLE",)),
        Setting("timeout", default="30"),
    ),
    ("community.aws.secretsmanager_secret", "group/amazon.aws.aws", "group/aws"),
)


class AwsSink:
    """See ``StoreOnController``."""

    settings = SETTINGS

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The library, or what the settings lack."""
        missing = why_missing("boto3", "boto3")
        if missing:
            return missing
        try:
            _check(self.settings.read(options.get("connection"), controller))
        except PanelopsError as error:
            return f"cannot reach its store: {error}"
        return ""

    def opened(self, given: Mapping[str, str], ticket: str | None) -> Session:
        """The client. Nothing is asked yet.

        :raises PanelopsError: the library or a setting is not usable.
        """
        boto3, config, errors = (library(name) for name in ("boto3", "botocore.config", "botocore.exceptions"))
        try:
            session = boto3.session.Session(
                aws_access_key_id=given.get("access_key"),
                aws_secret_access_key=given.get("secret_key"),
                aws_session_token=given.get("session_token") if "access_key" in given else None,
                region_name=given.get("region"),
                profile_name=given.get("profile"),
            )
            client = session.client(
                "secretsmanager",
                endpoint_url=given.get("endpoint_url"),
                config=config.Config(retries={"total_max_attempts": 2}),
            )
        except (errors.BotoCoreError, ValueError) as error:
            raise PanelopsError(f"AWS cannot be asked: {Hidden().line(error)}.") from None
        # Imported here, for without the library that both need there would be no sentence on it.
        from .store_http import StoreSession

        timeout = seconds(given["timeout"])
        http = StoreSession(client.meta.endpoint_url, verify(given, "aws_ca_bundle"), timeout)
        client.meta.events.register("before-send.secretsmanager", _Sending(http))
        hidden = Hidden({given[name] for name in ("secret_key", "session_token") if name in given})
        return AwsSession(client, errors, http, timeout, hidden)


@dataclass(frozen=True)
class _Sending:
    """Sends what the library has signed: by itself it would read answers without a limit of time or size."""

    http: StoreSession

    def __call__(self, request: Any, **_more: object) -> Any:
        """Make a call.

        :raises requests.RequestException: there is no whole answer.
        """
        answer = self.http.request(
            request.method, request.url, data=request.body, headers=dict(request.headers), allow_redirects=False
        )
        awsrequest = library("botocore.awsrequest")
        return awsrequest.AWSResponse(request.url, answer.status_code, answer.headers, _Body(answer.content))


class _Body(io.BytesIO):
    """A body that was read."""

    def stream(self) -> Iterator[bytes]:
        """All of it."""
        yield self.getvalue()


def _check(given: Mapping[str, str]) -> None:
    """:raises InvalidOption: naming the setting, the rule and the remedy."""
    if "profile" in given and "access_key" in given:
        raise InvalidOption(
            "connection.profile", "cannot be given together with access_key.", "Give one, or unset AWS_PROFILE."
        )
    for one, other in (("access_key", "secret_key"), ("secret_key", "access_key")):
        if one in given and other not in given:
            raise InvalidOption(f"connection.{other}", f"is needed with {one}.")
    seconds(given["timeout"])
    verify(given, "aws_ca_bundle")


@dataclass
class AwsSession:
    """See ``Session``. ``wholes`` says of each secret of this step whether its text is a secret alone."""

    client: Any = field(repr=False)
    errors: Any = field(repr=False)
    http: StoreSession = field(repr=False)
    timeout: float
    hidden: Hidden
    wholes: dict[str, bool] = field(default_factory=dict)
    ticket: str | None = None

    def secret(self, options: Mapping) -> AwsSecret:
        """The secret of the sink's name.

        :raises PanelopsError: another sink uses it in another way.
        """
        path = KINDS["aws_secretsmanager"].normalized(options["path"])
        whole = not secrets_name(options)
        if self.wholes.setdefault(path, whole) != whole:
            raise PanelopsError(
                "one sink writes the whole text of this secret, and another one a key of it. Give both a key."
            )
        return AwsSecret(self, path, whole)

    def close(self) -> None:
        """Nothing: there was no login."""

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Turn what goes wrong into a sentence.

        :raises NotAnswered: there was no answer. :raises PanelopsError: AWS refused.
        """
        requests = library("requests")
        from .store_http import unanswered

        try:
            yield
        except self.errors.ClientError as error:
            told = NotAnswered if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 else PanelopsError
            raise told(f"{what}: {self._reason(error)}.") from None
        except (self.errors.NoCredentialsError, self.errors.NoRegionError, self.errors.ParamValidationError) as error:
            raise PanelopsError(f"{what}: {self.hidden.line(error)}.") from None
        except (self.errors.BotoCoreError, requests.exceptions.RequestException) as error:
            raise unanswered(self.http, self.client.meta.endpoint_url, error, self.hidden) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            url = self.client.meta.endpoint_url
            raise NotAnswered(f"{what}: the answer of {url} is not one of AWS Secrets Manager.") from None

    def _reason(self, error: Any) -> str:
        """What AWS said: its word for it, and its sentence."""
        told = error.response.get("Error", {})
        return self.hidden.line(f"{told.get('Code', 'error')}, {told.get('Message', '')}")


@dataclass(frozen=True)
class AwsSecret:
    """See ``StoredSecret``. ``whole``: its text is the secret, which stands under an empty name in what is seen."""

    session: AwsSession
    path: str
    whole: bool

    @property
    def label(self) -> str:
        """Its name, as messages call it."""
        return self.path

    @property
    def identity(self) -> str:
        """Address and name: an ARN ends with the name and six characters of AWS's own."""
        name = self.path.partition(":secret:")[2][:-7] if self.path.startswith("arn:") else self.path
        return f"{self.session.client.meta.endpoint_url}\n{name}"

    def check(self) -> Seen:
        """What it holds, if it can be written.

        :raises PanelopsError: it cannot.
        """
        self._check()
        return self.look()

    def _check(self) -> None:
        """Find a secret that is to be deleted, or is another service's.

        :raises PanelopsError: it cannot be written.
        """
        with self.session.telling(f"{self.label} cannot be looked at"):
            try:
                found = self.session.client.describe_secret(SecretId=self.path)
            except self.session.client.exceptions.ResourceNotFoundException:
                if self.path.startswith("arn:"):
                    raise PanelopsError(
                        f"there is no secret {self.path}. Give its name, so that it can be created."
                    ) from None
                return
        if found.get("DeletedDate"):
            raise PanelopsError(f"{self.label} is scheduled for deletion. Restore it, or give another path.")
        if found.get("OwningService"):
            raise PanelopsError(f"{self.label} is managed by {found['OwningService']}. Give another path.")

    def look(self) -> Seen:
        """What its current version holds.

        :raises PanelopsError: it cannot be read, or holds something else than text.
        """
        with self.session.telling(f"{self.label} cannot be read"):
            try:
                answer = self.session.client.get_secret_value(SecretId=self.path, VersionStage=_CURRENT)
            except self.session.client.exceptions.ResourceNotFoundException:
                return Seen({}, self._version_without_value())
        if "SecretString" not in answer:
            raise PanelopsError(f"{self.label} is binary, and only text can be replaced. Give another path.")
        text, version = answer["SecretString"], answer["VersionId"]
        if text == _NOTHING or (self.whole and not text):
            return Seen({}, version)
        if self.whole:
            return Seen({"": text}, version)
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise PanelopsError(
                f"the text of {self.label} is not a JSON object, so it has no keys. Give another path, or no key."
            )
        return Seen(content, version)

    def _version_without_value(self) -> str | None:
        """An empty version of a secret that was created without a value; ``None`` if there is no secret."""
        try:
            self.session.client.describe_secret(SecretId=self.path)
        except self.session.client.exceptions.ResourceNotFoundException:
            return None
        return ""

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        """Make a new version, and make it the current one if the current one still is what was seen.

        :raises Changed: it is not. :raises NotAnswered: nobody knows. :raises PanelopsError: AWS refused.
        """
        text = str(content.get("", _NOTHING)) if self.whole else json.dumps(content)
        client, token = self.session.client, uuid.uuid4().hex
        with self.session.telling(f"{self.label} cannot be written"):
            if seen.version is None:
                try:
                    client.create_secret(Name=self.path, SecretString=text, ClientRequestToken=token)
                except client.exceptions.ResourceExistsException:
                    raise self._changed() from None
                return
            client.put_secret_value(
                SecretId=self.path, SecretString=text, VersionStages=[_STAGE], ClientRequestToken=token
            )
            try:
                self._make_current(token, str(seen.version))
            finally:
                # A stage that another run has taken over since is not ours to remove.
                with suppress(PanelopsError), self.session.telling("its stage"):
                    client.update_secret_version_stage(
                        SecretId=self.path, VersionStage=_STAGE, RemoveFromVersionId=token
                    )

    def _make_current(self, version: str, seen: str) -> None:
        client, errors = self.session.client, self.session.client.exceptions
        # Without a value there is no current version to compare with.
        instead = {"RemoveFromVersionId": seen} if seen else {}
        try:
            client.update_secret_version_stage(
                SecretId=self.path, VersionStage=_CURRENT, MoveToVersionId=version, **instead
            )
        except (errors.InvalidParameterException, errors.InvalidRequestException, errors.ResourceNotFoundException):
            stages = client.describe_secret(SecretId=self.path).get("VersionIdsToStages", {})
            if _CURRENT in stages.get(seen, ()):
                raise
            raise self._changed() from None

    def _changed(self) -> Changed:
        return Changed(f"others kept writing to {self.label}.")


SINK: StoreOnController = AwsSink()
