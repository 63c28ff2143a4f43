"""AWS for the tests of captures, credentials of made-up accounts, and nothing of the machine."""

from __future__ import annotations

import functools
import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from tests.capture.aws import Aws
from tests.capture.server import Stage, serving

PROFILES = {
    "source": "111111111111",
    "replica": "222222222222",
    "manager": "999999999999",
    "stranger": "333333333333",
    "other source": "111122223333",
    "other replica": "444455556666",
}
SECRET = "s3cr3t/of+nobody"


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with serving(Aws()) as stage:
        yield stage


class _Session(boto3.Session):  # type: ignore[misc]
    """Keeps clients from one test to the next, for making them takes most of a capture's time.

    Those for S3 are made anew: they keep in mind where buckets are.
    """

    _made: dict[tuple[str, str, str], Any] = {}  # noqa: RUF012 - of all of them

    def client(self, service_name: str, **options: Any) -> Any:
        key = self.profile_name, service_name, options["region_name"]
        if service_name == "s3":
            return super().client(service_name, **options)
        if key not in self._made:
            self._made[key] = super().client(service_name, **options)
        return self._made[key]


@pytest.fixture(scope="session")
def _credentials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("aws")
    (folder / "credentials").write_text(
        "".join(
            f"[{name}]\naws_access_key_id = KEYOF{account}\naws_secret_access_key = {SECRET}\n"
            for name, account in PROFILES.items()
        )
    )
    (folder / "config").write_text("[profile source]\nregion = us-east-1\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            botocore.session,
            "create_loader",
            functools.cache(botocore.session.create_loader),
        )
        patch.setattr(boto3, "Session", _Session)
        # As the program does: botocore's models are many objects to look through, and stay.
        gc.disable()
        yield folder
        gc.enable()


@pytest.fixture(autouse=True)
def _accounts(stage: Stage, _credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", stage.endpoint)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(_credentials / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(_credentials / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(socket, "getaddrinfo", _loopback)


_resolve = socket.getaddrinfo


def _loopback(host: str, *more: object, **options: object) -> object:
    """Find the account-wide part of S3: its requests go to `<account>.` before any endpoint."""
    name = "127.0.0.1" if str(host).endswith(".127.0.0.1") else host
    return _resolve(name, *more, **options)  # type: ignore[arg-type]
