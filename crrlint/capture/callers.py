"""Whose credentials ask, and what AWS answers them.  boto3 is imported here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from crrlint import __version__
from crrlint.capture.calls import HEAD, IDENTITY, Call
from crrlint.loaders.aws.facts import ABSENCE

_MISSING: Final = (
    "asking a live account needs boto3, which is not installed: pip install 'crrlint[capture]'"
)

_HOME: Final = "us-east-1"

# A capture makes some sixty calls, and IAM and Organizations throttle early.
_ATTEMPTS: Final = 8


class CaptureError(Exception):
    """Nothing can be asked, and what the user has to do about it."""


class Reply(NamedTuple):
    """What AWS said: a result, or the code of its error.

    `region` is that of the bucket, which S3 tells even to those that it refuses.
    """

    result: dict[str, Any] | None
    code: str | None = None
    region: str | None = None

    @property
    def answered(self) -> bool:
        """Tell whether this settles the question, be it with "there is none"."""
        return self.code is None or self.code in ABSENCE

    @property
    def absent(self) -> bool:
        return self.code in ABSENCE


class Caller:
    """The credentials of one profile, and whom AWS takes them for."""

    def __init__(self, session: Any, profile: str | None, region: str | None) -> None:
        self.profile = profile
        self.home: str = region or session.region_name or _HOME
        self._session = session
        self._clients: dict[tuple[str, str], Any] = {}
        self._unreachable: dict[tuple[str, str], str] = {}
        self.identity = self._identify()
        self.account = str(self.identity["Account"])
        self.partition = str(self.identity["Arn"]).split(":")[1]

    def _identify(self) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        who = "the credentials" if self.profile is None else f"profile {self.profile}"
        try:
            found: dict[str, Any] = self._answer(self._client("sts", self.home), IDENTITY, {})
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            raise CaptureError(
                f"{who} cannot be used in {self.home}: sts get-caller-identity says {code}"
            ) from None
        except BotoCoreError as error:
            raise CaptureError(f"{who} cannot be used: {_sentence(error)}") from None
        return found

    def ask(self, call: Call, region: str, params: dict[str, Any]) -> Reply:
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            ConnectionError,
            HTTPClientError,
        )

        where = call.service, region
        if where in self._unreachable:
            return Reply(None, self._unreachable[where])
        try:
            return Reply(self._answer(self._client(*where), call, params))
        except ClientError as error:
            response = error.response
            headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            said = response.get("Error", {})
            told = headers.get("x-amz-bucket-region") or said.get("Region")
            return Reply(None, str(said.get("Code") or "Unknown"), told)
        except BotoCoreError as error:
            code = type(error).__name__
            if isinstance(error, ConnectionError | HTTPClientError):
                # There is no way to it from here, and every attempt would take as long again.
                self._unreachable[where] = code
            return Reply(None, code)

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            from botocore.config import Config

            self._clients[service, region] = self._session.client(
                service,
                region_name=region,
                config=Config(
                    retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                    connect_timeout=10,
                    read_timeout=30,
                    user_agent_extra=f"crrlint/{__version__}",
                ),
            )
        return self._clients[service, region]

    def _answer(self, client: Any, call: Call, params: dict[str, Any]) -> dict[str, Any]:
        """Make one call, or all that it takes to get the whole of a list."""
        if client.can_paginate(call.method):
            pages = client.get_paginator(call.method).paginate(**params)
            answer = dict(pages.build_full_result())
        else:
            answer = dict(getattr(client, call.method)(**params))
            headers = answer.pop("ResponseMetadata", {}).get("HTTPHeaders", {})
            if call == HEAD and "x-amz-bucket-region" in headers:
                # Older versions of boto3 do not take it for a member.
                answer["BucketRegion"] = headers["x-amz-bucket-region"]
        return _kept(answer, call.members) if call.members else answer


def _kept(answer: dict[str, Any], members: Sequence[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for member in members:
        outer, _, inner = member.partition(".")
        if not inner and outer in answer:
            kept[outer] = answer[outer]
        elif inner and inner in answer.get(outer, {}):
            kept.setdefault(outer, {})[inner] = answer[outer][inner]
    return kept


def _sentence(error: Exception) -> str:
    words = " ".join(str(error).split()).rstrip(".")
    return words[:1].lower() + words[1:]


def callers_of(profiles: Sequence[str | None], region: str | None) -> list[Caller]:
    """Return who asks, in the order of the profiles; None stands for boto3's own choice."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise CaptureError(_MISSING) from None
    callers = []
    for profile in dict.fromkeys(profiles):
        try:
            session = boto3.Session(profile_name=profile)
        except BotoCoreError as error:
            raise CaptureError(f"profile {profile} cannot be used: {_sentence(error)}") from None
        callers.append(Caller(session, profile, region))
    return callers
