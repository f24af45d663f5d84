# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kind C(kubernetes_secret): keys of a secret of Kubernetes, written only if its resourceVersion still is what was read.

The settings and the environment have the names that the collection kubernetes.core gives them.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ansible_collections.panelops.cpanel.plugins.module_utils._errors import InvalidOption, PanelopsError
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.sinks import KINDS
from ansible_collections.panelops.cpanel.plugins.module_utils._rotation.values import names_of

from .controller import Controller
from .libraries import library, why_missing
from .reasons import seconds, verify
from .scrubbing import Hidden
from .settings import Setting, Settings
from .store import Changed, NotAnswered, Seen, Session, StoreOnController

if TYPE_CHECKING:
    from .store_http import StoreSession

_CONFLICT, _NOT_FOUND = 409, 404
_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")

SETTINGS = Settings(
    (
        Setting("host", ("K8S_AUTH_HOST",)),
        Setting("api_key", ("K8S_AUTH_API_KEY",)),
        Setting("kubeconfig", ("K8S_AUTH_KUBECONFIG", "KUBECONFIG")),
        Setting("context", ("K8S_AUTH_CONTEXT",)),
        Setting("ca_cert", ("K8S_AUTH_SSL_CA_CERT",)),
        Setting("client_cert", ("K8S_AUTH_CERT_FILE",)),
        Setting("client_key", ("K8S_AUTH_KEY_FILE",)),
        Setting("validate_certs", ("K8S_AUTH_VERIFY_SSL",)),
        Setting("timeout", default="30"),
    ),
    ("kubernetes.core.k8s", "group/kubernetes.core.k8s", "group/k8s"),
)


class KubernetesSink:
    """See ``StoreOnController``."""

    settings = SETTINGS

    def missing(self, options: Mapping, controller: Controller) -> str:
        """The library, what the settings lack, or a key that Kubernetes cannot store."""
        missing = why_missing("kubernetes", "kubernetes")
        if missing:
            return missing
        wrong = [name for name in names_of(options) if not name or not set(name) <= _KEY]
        if wrong:
            return f"cannot have the key {wrong[0]!r}: a key is made of letters, digits, dashes, dots and underscores."
        try:
            given = self.settings.read(options.get("connection"), controller)
            seconds(given["timeout"])
            verify(given, "ca_cert")
            path = _kubeconfig(given)
            if path and not os.path.exists(path):
                raise InvalidOption("connection.kubeconfig", f"{path} is not there.")
        except PanelopsError as error:
            return f"cannot reach its store: {error}"
        return ""

    def opened(self, given: Mapping[str, str], ticket: str | None) -> Session:
        """The client. Nothing is asked yet.

        :raises PanelopsError: the library or a setting is not usable.
        """
        kubernetes = library("kubernetes")
        configuration = kubernetes.client.Configuration()
        try:
            if "host" in given:
                configuration.host = given["host"].rstrip("/")
            elif "kubeconfig" in given or os.path.exists(os.path.expanduser("~/.kube/config")):
                kubernetes.config.load_kube_config(
                    config_file=_kubeconfig(given), context=given.get("context"), client_configuration=configuration
                )
            else:
                kubernetes.config.load_incluster_config(client_configuration=configuration)
        except (kubernetes.config.ConfigException, OSError, ValueError) as error:
            raise PanelopsError(
                f"it is not known where Kubernetes is ({Hidden().line(error)}). Give connection.host, or a kubeconfig."
            ) from None
        if "api_key" in given:
            configuration.api_key = {"authorization": f"Bearer {given['api_key']}"}
        trusted = verify(given, "ca_cert")
        if trusted is False:
            configuration.verify_ssl = False
        elif isinstance(trusted, str):
            configuration.ssl_ca_cert = trusted
        for setting, attribute in (("client_cert", "cert_file"), ("client_key", "key_file")):
            if setting in given:
                setattr(configuration, attribute, os.path.expanduser(given[setting]))
        configuration.retries = False
        # Imported here, for without the library that both need there would be no sentence on it.
        from .store_http import StoreSession

        timeout = seconds(given["timeout"])
        trusted = configuration.ssl_ca_cert or True if configuration.verify_ssl else False
        http = StoreSession(configuration.host, trusted, timeout, **_names_of_certificates(configuration))
        if configuration.cert_file:
            http.cert = (configuration.cert_file, configuration.key_file)
        if configuration.proxy:
            http.proxies = dict.fromkeys(("http", "https"), configuration.proxy)
        hidden = Hidden()
        hidden.add(configuration.api_key, configuration.password)
        return KubernetesSession(kubernetes.client, configuration, http, timeout, hidden)


def _names_of_certificates(configuration: Any) -> dict[str, Any]:
    """Under which name the server has its certificate, where that is not its host's."""
    names = {
        "server_hostname": getattr(configuration, "tls_server_name", None),
        "assert_hostname": configuration.assert_hostname,
    }
    return {option: name for option, name in names.items() if name is not None}


def _kubeconfig(given: Mapping[str, str]) -> str | None:
    return os.path.expanduser(given["kubeconfig"]) if "kubeconfig" in given else None


@dataclass
class KubernetesSession:
    """See ``Session``."""

    kubernetes: Any = field(repr=False)
    configuration: Any = field(repr=False)
    http: StoreSession = field(repr=False)
    timeout: float
    hidden: Hidden
    ticket: str | None = None

    def __post_init__(self) -> None:
        client = self.kubernetes.ApiClient(self.configuration)
        client.rest_client.pool_manager = _Pool(self.http)
        self.core = self.kubernetes.CoreV1Api(client)
        self.reviews = self.kubernetes.AuthorizationV1Api(client)

    def secret(self, options: Mapping) -> KubernetesSecret:
        """The secret of the sink's name and namespace."""
        kind = KINDS["kubernetes_secret"]
        namespace = (options.get("namespace") or kind.defaults["namespace"]).strip()
        return KubernetesSecret(self, namespace, kind.normalized(options["path"]))

    def close(self) -> None:
        """Nothing: there was no login."""

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Turn what goes wrong into a sentence.

        :raises NotAnswered: there was no answer. :raises PanelopsError: Kubernetes refused.
        """
        requests = library("requests")
        from .store_http import unanswered

        try:
            yield
        except self.kubernetes.ApiException as error:
            told = NotAnswered if (error.status or 0) >= 500 else PanelopsError
            raise told(f"{what}: {self._reason(error)}.") from None
        except requests.exceptions.RequestException as error:
            raise unanswered(self.http, self.configuration.host, error, self.hidden) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotAnswered(f"{what}: the answer of {self.configuration.host} is not one of Kubernetes.") from None

    def answered(self, call: Any, *arguments: object) -> dict[str, Any]:
        """What a call answers, as plain data: whatever else is in a secret, of whatever version, is sent back as it came."""
        answer = call(*arguments, _preload_content=False)
        plain: dict[str, Any] = json.loads(answer.data)
        return plain

    def _reason(self, error: Any) -> str:
        """What Kubernetes said, with the status."""
        try:
            told = json.loads(error.body)["message"]
        except (ValueError, KeyError, TypeError):
            told = error.reason
        return f"({error.status}) {self.hidden.line(told)}"


@dataclass(frozen=True)
class _Pool:
    """What the library asks for connections: its own would read answers without a limit of time or size."""

    http: StoreSession

    def request(
        self,
        method: str,
        url: str,
        body: str | None = None,
        fields: Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        **_more: object,
    ) -> SimpleNamespace:
        """Make a call.

        :raises requests.RequestException: there is no whole answer.
        """
        answer = self.http.request(
            method, url, params=list(fields or ()), data=body, headers=headers, allow_redirects=False
        )
        told = dict(status=answer.status_code, reason=answer.reason, data=answer.content, headers=answer.headers)
        return SimpleNamespace(**told, getheaders=lambda: answer.headers)


@dataclass(frozen=True)
class _Manifest:
    """A secret as it was read, to be sent back with other data. It never is printed."""

    plain: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class KubernetesSecret:
    """See ``StoredSecret``."""

    session: KubernetesSession
    namespace: str
    name: str

    @property
    def label(self) -> str:
        """Namespace and name, as messages call them."""
        return f"{self.namespace}/{self.name}"

    @property
    def identity(self) -> str:
        """Address, namespace and name."""
        return "\n".join((self.session.configuration.host.lower(), self.namespace, self.name))

    def check(self) -> Seen:
        """Find a namespace that is missing, a secret that cannot be changed, and privileges that are missing; what it holds.

        :raises PanelopsError: it cannot be written.
        """
        seen = self.look()
        manifest = seen.version
        if isinstance(manifest, _Manifest):
            if manifest.plain.get("immutable"):
                raise PanelopsError(
                    f"{self.label} is immutable. Replace it with one that is not, or give another path."
                )
            self._check_may("update")
            return seen
        self._check_namespace()
        self._check_may("create")
        return seen

    def _check_namespace(self) -> None:
        try:
            with self.session.telling(f"the namespace {self.namespace} cannot be looked at"):
                self.session.answered(self.session.core.read_namespace, self.namespace)
        except NotAnswered:
            raise
        except PanelopsError as error:
            # Many may write secrets without seeing namespaces.
            if f"({_NOT_FOUND}" in str(error):
                raise PanelopsError(
                    f"there is no namespace {self.namespace}. Create it, or name another one."
                ) from None

    def _check_may(self, verb: str) -> None:
        """:raises PanelopsError: Kubernetes says that we may not. Where it does not say, the write will tell."""
        attributes = {"namespace": self.namespace, "verb": verb, "resource": "secrets", "name": self.name}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        try:
            with self.session.telling("privileges"):
                call = self.session.reviews.create_self_subject_access_review
                allowed = self.session.answered(call, review)["status"]["allowed"]
        except PanelopsError:
            return
        if not allowed:
            raise PanelopsError(
                f"Kubernetes does not allow us to {verb} {self.label}. Add the verb {verb} to our role."
            )

    def look(self) -> Seen:
        """What it holds; text where it is text.

        :raises PanelopsError: it cannot be read.
        """
        with self.session.telling(f"{self.label} cannot be read"):
            try:
                plain = self.session.answered(self.session.core.read_namespaced_secret, self.name, self.namespace)
            except self.session.kubernetes.ApiException as error:
                if error.status != _NOT_FOUND:
                    raise
                return Seen({})
            if plain["metadata"]["name"] != self.name:
                raise ValueError("the answer is about another secret")
            return Seen({key: _text(value) for key, value in (plain.get("data") or {}).items()}, _Manifest(plain))

    def write(self, content: Mapping[str, object], seen: Seen) -> None:
        """Replace its data and nothing else, if nobody has written since; create it if it was not there.

        :raises Changed: somebody has. :raises NotAnswered: nobody knows. :raises PanelopsError: Kubernetes refused.
        """
        manifest = seen.version
        before = (manifest.plain.get("data") or {}) if isinstance(manifest, _Manifest) else {}
        # What is not ours is sent back as it came.
        data = {
            key: before[key] if value == seen.content.get(key) and key in before else _encoded(value)
            for key, value in content.items()
        }
        with self.session.telling(f"{self.label} cannot be written"):
            core = self.session.core
            try:
                if isinstance(manifest, _Manifest):
                    body = {**manifest.plain, "data": data}
                    self.session.answered(core.replace_namespaced_secret, self.name, self.namespace, body)
                else:
                    metadata = {"name": self.name, "namespace": self.namespace}
                    body = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data}
                    self.session.answered(core.create_namespaced_secret, self.namespace, body)
            except self.session.kubernetes.ApiException as error:
                if error.status == _CONFLICT or (error.status == _NOT_FOUND and manifest is not None):
                    raise Changed(f"others kept writing to {self.label}.") from None
                raise


def _text(value: str) -> object:
    """What a key holds; binary data stays as it is encoded, in a list, so that it is not taken for text."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return [value]


def _encoded(value: object) -> str:
    if isinstance(value, list):
        return str(value[0])
    return base64.b64encode(str(value).encode()).decode("ascii")


SINK: StoreOnController = KubernetesSink()
