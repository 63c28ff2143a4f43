"""Credentials of made-up accounts, and nothing of the machine that the tests run on."""

from __future__ import annotations

import functools
import gc
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest

PROFILES = {
    "source": "111111111111",
    "replica": "222222222222",
    "manager": "999999999999",
    "stranger": "333333333333",
}
SECRET = "s3cr3t/of+nobody"


@pytest.fixture(scope="session", autouse=True)
def _service_models_are_read_once() -> Iterator[None]:
    """Reading botocore's own data takes most of the time of a capture."""
    with pytest.MonkeyPatch.context() as patch:
        create = functools.cache(botocore.session.create_loader)
        patch.setattr(botocore.session, "create_loader", create)
        # As the program does: botocore's models are many objects to look through, and stay.
        gc.disable()
        yield
        gc.enable()


@pytest.fixture(autouse=True)
def _accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "".join(
            f"[{name}]\naws_access_key_id = KEYOF{account}\naws_secret_access_key = {SECRET}\n"
            for name, account in PROFILES.items()
        )
    )
    (tmp_path / "config").write_text("[profile source]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(socket, "getaddrinfo", _loopback)


_resolve = socket.getaddrinfo


def _loopback(host: str, *more: object, **options: object) -> object:
    """Find the account-wide part of S3: its requests go to `<account>.` before any endpoint."""
    name = "127.0.0.1" if str(host).endswith(".127.0.0.1") else host
    return _resolve(name, *more, **options)  # type: ignore[arg-type]
