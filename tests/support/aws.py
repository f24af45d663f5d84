# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS Secrets Manager as moto serves it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests

from tests.support.limits import patience
from tests.support.missing import missing
from tests.support.paths import REPOSITORY
from tests.support.waiting import until

PROGRAM = REPOSITORY / ".cache" / "moto" / "bin" / "python"
CREDENTIALS = {"access_key": "AKIA4711", "secret_key": "aws-credential-4711", "region": "eu-central-1"}


@dataclass(frozen=True)
class Aws:
    """A server that runs."""

    url: str

    @property
    def client(self) -> Any:
        """A client of its Secrets Manager."""
        return boto3.client(
            "secretsmanager",
            endpoint_url=self.url,
            region_name=CREDENTIALS["region"],
            aws_access_key_id=CREDENTIALS["access_key"],
            aws_secret_access_key=CREDENTIALS["secret_key"],
        )

    def read(self, name: str) -> str:
        """The text of a secret. (Without the stage moto answers with another version than AWS after a stage was moved.)"""
        return str(self.client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"])

    def stages(self, name: str) -> list[str]:
        """The stages of all versions."""
        versions = self.client.describe_secret(SecretId=name)["VersionIdsToStages"]
        return sorted(stage for stages in versions.values() for stage in stages)

    def forget(self) -> None:
        """Remove everything."""
        requests.post(f"{self.url}/moto-api/reset", timeout=patience(30)).raise_for_status()


@contextmanager
def aws(folder: Path) -> Iterator[Aws]:
    """A server in memory."""
    if not PROGRAM.exists():
        missing("moto is not installed; see .cache/pip-moto.log")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PROGRAM), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        server = Aws(f"http://127.0.0.1:{port}")
        try:
            until(lambda: _is_ready(server))
            yield server
        finally:
            process.kill()
            process.wait()


def _is_ready(server: Aws) -> bool:
    try:
        server.forget()
    except requests.RequestException:
        return False
    return True
