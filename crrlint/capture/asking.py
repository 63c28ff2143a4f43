"""Questions put to one caller after the other, and a record of every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from crrlint.capture.callers import Caller, Reply
from crrlint.capture.calls import Call
from crrlint.loaders.aws.facts import ACCESS_DENIED


class Record(NamedTuple):
    """One call as it was answered; `account` and `region` are those that it is about."""

    call: Call
    params: dict[str, Any]
    reply: Reply
    caller: str
    account: str | None
    region: str | None


class Asker:
    """Asks each caller each question at most once."""

    def __init__(self, callers: Sequence[Caller], at: datetime) -> None:
        self.callers = callers
        self.at = at
        self.records: list[Record] = []
        self._known: dict[tuple[int, Call, str], Reply] = {}

    def ask(
        self,
        call: Call,
        callers: Sequence[Caller],
        region: str,
        params: dict[str, Any],
        *,
        account: str | None = None,
        about: str | None = None,
    ) -> Reply:
        """Return the first answer, or why the last of the callers got none.

        `region` is where the question is put; the record says the one that it is `about`.
        """
        reply = Reply(None, "NobodyAsked")
        for caller in callers:
            known = (id(caller), call, json.dumps(params, sort_keys=True))
            if known not in self._known:
                self._known[known] = caller.ask(call, region, params)
                record = Record(call, params, self._known[known], caller.account, account, about)
                self.records.append(record)
            reply = self._known[known]
            if reply.answered:
                break
        return reply

    def note(self, caller: Caller, call: Call, result: dict[str, Any]) -> None:
        """Record an answer that was had before."""
        record = Record(call, {}, Reply(result), caller.account, caller.account, None)
        self.records.append(record)

    def of_account(self, account: str) -> list[Caller]:
        return [caller for caller in self.callers if caller.account == account]

    def nearest(self, account: str | None) -> list[Caller]:
        """Return all callers, those of the account first."""
        return sorted(self.callers, key=lambda caller: caller.account != account)

    def unanswered(self) -> Iterator[Record]:
        """Yield the last record of each question that nobody got an answer to."""
        open_ones: dict[tuple[Call, str], Record] = {}
        settled: set[tuple[Call, str]] = set()
        for record in self.records:
            question = record.call, json.dumps(record.params, sort_keys=True)
            open_ones[question] = record
            if record.reply.answered:
                settled.add(question)
        yield from (r for question, r in open_ones.items() if question not in settled)


def line(record: Record, at: datetime, account: str | None, region: str | None) -> str:
    """Return a record as a line of the capture."""
    said: dict[str, Any] = {
        "crrlint_capture": 1,
        "service": record.call.service,
        "operation": record.call.operation,
        "account": account,
        "region": region,
        "at": _time(at),
        "caller": record.caller,
        "params": record.params,
    }
    if record.reply.result is None:
        said["error"] = {"code": record.reply.code}
    else:
        said["result"] = record.reply.result
    present = {name: value for name, value in said.items() if value is not None}
    return json.dumps(present, default=_plain) + "\n"


def refusal(record: Record) -> str:
    """Say of a question that nobody got an answer to what kept it from one."""
    about = [str(value) for name, value in record.params.items() if name not in _SAID_ALREADY]
    done = "refused" if record.reply.code in ACCESS_DENIED else "not answered"
    return " ".join(filter(None, (str(record.call), *about))) + f": {done} ({record.reply.code})"


_SAID_ALREADY = frozenset({"AccountId", "VersionId"})


def _time(moment: datetime) -> str:
    from datetime import UTC

    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> str:
    return _time(value) if isinstance(value, datetime) else str(value)
