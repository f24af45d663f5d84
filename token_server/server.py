# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server process: from its options to the last flush."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sqlite3

from token_server.functions import canned
from token_server.http.application import Application
from token_server.http.authentication import Authentication
from token_server.http.listeners import GRACE, Listener, base_url, bind
from token_server.options import Options
from token_server.refusals import ServerError
from token_server.state import certificates, fixtures
from token_server.state.engine import Engine
from token_server.state.files import read_text, write_private
from token_server.state.folder import StateFolder
from token_server.state.lockouts import Lockouts
from token_server.wire import AsgiApplication

FLUSH_INTERVAL = 1.0
"""Seconds between two writings of "last used"."""

CONTROL_HOST = "127.0.0.1"


class TokenServer:
    """The parts of a running server. Raises ``ServerError`` with a sentence if it cannot start."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._state = StateFolder(options.state)
        self._state.create()
        self._state.lock()
        if options.ready_file is not None:
            # A killed server leaves its ready file behind: whoever waits for this server must not read that one.
            with contextlib.suppress(OSError):
                options.ready_file.unlink()
        self._sockets = self._bind()
        self._fixture = fixtures.Fixture() if options.fixture is None else fixtures.load(options.fixture)
        canned.check(self._fixture.functions, f"The fixture {options.fixture} is not valid:")
        if any(scheme == "https" for _bound, scheme, _url in self._sockets.values()):
            certificates.ensure(self._state, options.host, options.tls_names)
        self._engine = Engine(self._state, options.dialect, options.log_size)
        self._fixture.apply(self._engine, self._state)
        self._lockouts = Lockouts(self._engine.clock, options.login_failures, options.login_lockout)
        secured = {name: url for name, (_bound, scheme, url) in self._sockets.items() if scheme == "https"}
        self._engine.announce(secured)

    def _bind(self) -> dict[str, tuple[socket.socket, str, str]]:
        """Return, for each listener that the options ask for, its socket, scheme and base URL."""
        options = self._options
        addresses = {
            "whm": (options.host, options.whm_port, "https"),
            "whm_plain": (options.host, options.whm_plain_port, "http"),
            "cpanel": (options.host, options.cpanel_port, "https"),
            "cpanel_plain": (options.host, options.cpanel_plain_port, "http"),
            "control": (CONTROL_HOST, options.control_port, "http"),
        }
        bound = {}
        for name, (host, port, scheme) in addresses.items():
            if port is not None:
                listening = bind(host, port)
                bound[name] = (listening, scheme, base_url(scheme, host, listening))
        return bound

    def _reset(self) -> None:
        """Put everything back to how it was after the first start with the same fixture."""
        engine = self._engine
        engine.faults.clear()
        engine.counters.clear()
        engine.clock.use_real_time()
        engine.sessions.clear()
        engine.speak(self._options.dialect)
        self._lockouts.clear()
        with engine.store.mutation():
            engine.store.remove_everything()
        self._fixture.apply(engine, self._state)

    def _listeners(self) -> dict[str, Listener]:
        """Return the listeners, each with its application."""
        authentication = Authentication(self._engine, self._lockouts)
        listeners = {}
        for name, (bound, scheme, url) in self._sockets.items():
            secure = scheme == "https"
            if name == "control":
                # Imported here because only servers with a control port need Starlette.
                from token_server.http.control import Control

                secret = read_text(self._state.control_secret) or secrets.token_urlsafe(32)
                write_private(self._state.control_secret, secret + "\n")
                application: AsgiApplication = Control(self._engine, secret, self._reset)
            else:
                application = Application(self._engine, authentication, name.partition("_")[0], secure=secure)
            listeners[name] = Listener(application, bound, url, self._state if secure else None)
        return listeners

    def _ready(self, listeners: dict[str, Listener]) -> dict[str, str | int | None]:
        """Return the contents of the ready file."""
        urls = {name: listeners[name].url if name in listeners else None for name in _LISTENERS}
        secured = any(scheme == "https" for _bound, scheme, _url in self._sockets.values())
        return {
            "pid": os.getpid(),
            **urls,
            "ca_file": str(self._state.ca) if secured else None,
            "root_password_file": str(self._state.root_password),
            "control_secret_file": str(self._state.control_secret) if "control" in listeners else None,
        }

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises ``ServerError`` if the ready file cannot be written."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        listeners = self._listeners()
        serving = [asyncio.create_task(listener.run_until_stopped()) for listener in listeners.values()]
        flushing = asyncio.create_task(self._flush_regularly())
        try:
            listening = asyncio.create_task(_all_listening(listeners))
            await asyncio.wait([listening, *serving], return_when=asyncio.FIRST_COMPLETED)
            if not listening.done():
                raise ServerError("The server could not listen; is its certificate damaged?")
            self._announce(listeners)
            await stop.wait()
        finally:
            if self._options.ready_file is not None:
                self._options.ready_file.unlink(missing_ok=True)
            for listener in listeners.values():
                listener.stopping.set()
            _done, late = await asyncio.wait(serving, timeout=GRACE)
            if late:
                await asyncio.gather(*(listener.cut_off() for listener in listeners.values()))
            await asyncio.gather(*serving, return_exceptions=True)
            flushing.cancel()
            self._engine.announce({})
            self._engine.close()

    def _announce(self, listeners: dict[str, Listener]) -> None:
        """Say on standard output, and in the ready file, that all listeners listen."""
        print("Listening:", *(f"{name} {listener.url}" for name, listener in listeners.items()), flush=True)
        path = self._options.ready_file
        if path is not None:
            try:
                write_private(path, json.dumps(self._ready(listeners), indent=2) + "\n")
            except OSError as error:
                raise ServerError(f"The ready file {path} cannot be written: {error.strerror}.") from error

    async def _flush_regularly(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL)
            # While another process holds the database, the next round writes it.
            with contextlib.suppress(sqlite3.OperationalError):
                self._engine.store.flush_use()


async def _all_listening(listeners: dict[str, Listener]) -> None:
    for listener in listeners.values():
        await listener.listening.wait()


_LISTENERS = ("whm", "whm_plain", "cpanel", "cpanel_plain", "control")


def serve(options: Options) -> None:
    """Run a server until it is told to stop. Raises ``ServerError`` if it cannot start."""
    os.umask(0o077)
    server = TokenServer(options)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(server.run())


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Return uvloop's event loop if it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop
