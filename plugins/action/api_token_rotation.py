from __future__ import annotations

from collections.abc import Iterator, Mapping

from ansible.errors import AnsibleError
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import ARGUMENT_SPEC
from ansible_collections.panelops.cpanel.plugins.module_utils._modules.api_token_rotation import run as core
from ansible_collections.panelops.cpanel.plugins.plugin_utils._in_process import InProcessAction
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks import handlers
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.controller import Controller, SinkOnTasks
from ansible_collections.panelops.cpanel.plugins.plugin_utils._sinks.kinds import on_controller

_BECOME = (
    "The controller needs no other user to speak with the server, but a variable makes this task become one. Set ansible_become for the "
    "consumers that need it in the inventory, and not for all hosts with -e. "
)


class ActionModule(InProcessAction):
    """See the module. Besides, what the controller must have is checked before anything is done."""

    ARGUMENT_SPEC = ARGUMENT_SPEC
    core = staticmethod(core)

    def run(self, tmp: str | None = None, task_vars: dict | None = None) -> dict:
        """The task's result, or a sentence on what is missing."""
        controller = Controller(self._loader, self._templar, self._find_needle, task_vars or {}, self._task)
        decides = self._task.args.get("step") == "decide"
        tokens = self._task.args.get("tokens")
        tokens = [token for token in tokens if isinstance(token, Mapping)] if isinstance(tokens, list) else []
        if decides:
            refusal = _refusal(tokens, controller)
            if refusal:
                return dict(failed=True, msg=refusal)
        try:
            result = super().run(tmp, task_vars)
        except AnsibleError as error:
            if not self._connection.become:
                raise
            result = dict(failed=True, msg=str(error))
        if "rotation" not in result:
            if self._connection.become:
                result["msg"] = f"{_BECOME}It failed: {result.get('msg')}"
        elif decides:
            due = {(one.get("account"), one["name"]) for one in result["rotation"] if one["state"] == "due"}
            result["tasks_hosts"] = list(_tasks_hosts(tokens, due, controller))
            result["warnings"] = [*(result.get("warnings") or ()), *handlers.warnings(tokens, controller)]
        return result


def _refusal(tokens: list[Mapping], controller: Controller) -> str:
    for token in tokens:
        for sink in token.get("sinks") or []:
            # A type that does not exist is refused with all other options.
            kind = on_controller(sink.get("type"))
            missing = kind.missing(sink, controller) if kind else ""
            if missing:
                return f"The {sink['type']} sink of {token.get('name')} {missing}"
    return handlers.refusal(tokens, controller)


def _tasks_hosts(tokens: list[Mapping], due: set, controller: Controller) -> Iterator[dict]:
    for token in tokens:
        account, name = token.get("account"), token.get("name")
        for number, sink in enumerate(token.get("sinks") or () if (account, name) in due else ()):
            kind = on_controller(sink.get("type"))
            if isinstance(kind, SinkOnTasks):
                place = dict(account=account, name=name, sink=number, host="")
                for each in kind.runs_on(sink, controller):
                    yield dict(place=place, task=each.task, runs_on=each.host)
