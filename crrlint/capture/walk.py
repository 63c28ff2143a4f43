"""From the buckets that were named to all that their replication leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from crrlint.capture import calls
from crrlint.capture.asking import Asker, Record, line, refusal
from crrlint.capture.callers import Caller, Reply
from crrlint.capture.keys import ask_key
from crrlint.capture.organizations import ask_organizations
from crrlint.capture.roles import ask_role
from crrlint.loaders.aws.shapes import bucket_of_arn

_REGIONS: Final = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


def is_directory(bucket: str) -> bool:
    """Tell whether a name is that of a directory bucket, which answers another set of calls."""
    return bucket.endswith("--x-s3")


class _Key(NamedTuple):
    """A key as a bucket spells it: a bare id is one of an `owner`'s account, `where` another is."""

    text: str
    owner: str
    where: str


class Walk:
    """What has been asked so far, and what is still to be asked."""

    def __init__(self, callers: Sequence[Caller], at: datetime) -> None:
        self._asker = Asker(callers, at)
        self._regions: dict[str, str] = {}
        self._owners: dict[str, str] = {}
        self._claimed: dict[str, dict[str, None]] = {}
        self._partitions: dict[str, str] = {}
        self._replication: dict[str, Reply] = {}
        self._missing: set[str] = set()
        self._roles: dict[str, None] = {}
        self._keys: dict[_Key, None] = {}
        self._unasked: dict[str, None] = {}
        self._unlisted: list[str] = []
        for caller in callers:
            self._account(caller)

    def _account(self, caller: Caller) -> None:
        """Ask what is so for an account as a whole."""
        self._asker.note(caller, calls.IDENTITY, caller.identity)
        home, account = caller.home, caller.account
        listed = self._asker.ask(calls.LIST_BUCKETS, [caller], home, {}, account=account)
        for bucket in (listed.result or {}).get("Buckets", ()):
            self._owners[bucket["Name"]] = account
            if bucket.get("BucketRegion"):
                self._regions[bucket["Name"]] = bucket["BucketRegion"]
        if listed.result is None:
            self._unlisted.append(account)
        params = {"AccountId": account}
        self._asker.ask(calls.ACCOUNT_BLOCK, [caller], home, params, account=account)

    def follow(self, bucket: str) -> None:
        """Ask about a bucket, those that it replicates to, those that they replicate to..."""
        pending = [bucket]
        while pending:
            name = pending.pop(0)
            if name not in self._replication:
                self._replication[name] = self._bucket(name)
                pending.extend(self._destinations(name))

    def look_at(self, bucket: str, key: str) -> None:
        """Ask about an object of a bucket that has been followed."""
        callers = self._callers(bucket)
        if bucket in self._missing or not callers:
            return
        for call in calls.OBJECT:
            reply = self._ask(call, callers, bucket, Key=key)
            if reply.absent:
                self._unasked[f"object s3://{bucket}/{key} does not exist"] = None
                return

    def finish(self) -> None:
        """Ask about the roles, keys and organizations that the buckets led to."""
        accounts = dict.fromkeys(caller.account for caller in self._asker.callers)
        accounts.update(
            dict.fromkeys(self._owners[b] for b in self._replication if b in self._owners)
        )
        for role in self._roles:
            accounts.setdefault(role.split(":")[4])
            self._unasked.update(dict.fromkeys(ask_role(self._asker, role)))
        for key in self._keys:
            account, region = self._owners.get(key.owner), self._regions.get(key.where)
            found = ask_key(self._asker, key.text, account, region)
            if found is None:
                self._unasked[f"key {key.text}: whose it is, or where, is not known"] = None
            elif found:
                accounts.setdefault(found)
        ask_organizations(self._asker, accounts)

    def _bucket(self, name: str) -> Reply:
        """Ask all about one bucket; return the answer about its replication."""
        callers = self._callers(name)
        if not callers:
            partition = self._partitions[name]
            self._unasked[f"bucket {name}: no profile is of partition {partition}"] = None
            return Reply(None, "NobodyAsked")
        located = self._locate(name, callers)
        if located.code in _GONE:
            self._missing.add(name)
            return located
        if located.result is not None:
            self._find_owner(name, callers)
            callers = self._callers(name)
        replication = Reply(None, "NobodyAsked")
        for call in calls.BUCKET:
            reply = self._ask(call, callers, name)
            if reply.code == "NoSuchBucket":
                self._missing.add(name)
                return reply
            if call is calls.REPLICATION:
                replication = reply
            elif call is calls.ENCRYPTION:
                self._note_default_key(name, reply)
        return replication

    def _callers(self, name: str) -> list[Caller]:
        """Return whom to ask about a bucket: first whoever it belongs to."""
        partition = self._partitions.get(name)
        claimed = next(iter(self._claimed.get(name, ())), None)
        nearest = self._asker.nearest(self._owners.get(name, claimed))
        return [caller for caller in nearest if partition in (None, caller.partition)]

    def _ask(self, call: calls.Call, callers: Sequence[Caller], name: str, **more: str) -> Reply:
        region = self._regions.get(name, callers[0].home)
        return self._asker.ask(call, callers, region, {"Bucket": name, **more})

    def _locate(self, name: str, callers: Sequence[Caller]) -> Reply:
        """Find the bucket's Region, which S3 tells even to those that it refuses."""
        located = self._ask(calls.LOCATION, callers, name)
        if located.result is not None:
            constraint = located.result.get("LocationConstraint")
            self._regions[name] = _REGIONS.get(constraint) or str(constraint)
            return located
        if located.code in _GONE:
            return located
        told = located.region
        if told is None and name not in self._regions:
            head = self._ask(calls.HEAD, callers, name)
            if head.code in _GONE:
                return head
            told = (head.result or {}).get("BucketRegion") or head.region
        if told is not None:
            self._regions[name] = told
        return located

    def _find_owner(self, name: str, callers: Sequence[Caller]) -> None:
        """Prove whose a bucket is: S3 answers those only who expect the right owner."""
        if name in self._owners:
            return
        for account in dict.fromkeys([*self._claimed.get(name, ()), *self._unlisted]):
            expected = self._ask(calls.LOCATION, callers, name, ExpectedBucketOwner=account)
            if expected.result is not None:
                self._owners[name] = account
                return

    def _note_default_key(self, name: str, reply: Reply) -> None:
        body = (reply.result or {}).get("ServerSideEncryptionConfiguration", {})
        for rule in body.get("Rules", ()):
            key = rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
            if key:
                self._keys[_Key(key, name, name)] = None

    def _destinations(self, name: str) -> Iterator[str]:
        """Yield the buckets that a bucket replicates to; keep its role and its keys in mind."""
        configuration = (self._replication[name].result or {}).get("ReplicationConfiguration", {})
        if configuration.get("Role"):
            self._roles[configuration["Role"]] = None
        for rule in configuration.get("Rules", ()):
            destination = rule.get("Destination", {})
            arn = destination.get("Bucket")
            bucket = bucket_of_arn(arn)
            if bucket is None or is_directory(bucket):
                self._unasked[f"destination {arn}: not the ARN of a general purpose bucket"] = None
                continue
            self._partitions.setdefault(bucket, arn.split(":")[1])
            if destination.get("Account"):
                self._claimed.setdefault(bucket, {})[destination["Account"]] = None
            key = destination.get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID")
            if key:
                self._keys[_Key(key, name, bucket)] = None
            yield bucket

    def text(self) -> str:
        """Return the records, one to a line."""
        return "".join(map(self._line, self._asker.records))

    def _line(self, record: Record) -> str:
        account, region = record.account, record.region
        bucket = record.params.get("Bucket")
        if bucket is not None:
            # Which Region and whose bucket may have come out after the call.
            account = self._owners.get(bucket)
            region = self._regions.get(bucket)
        return line(record, self._asker.at, account, region)

    def notes(self) -> Iterator[str]:
        """Yield what is to be told about the capture: how much, and what is not in it."""
        open_ones = [r for r in self._asker.unanswered() if not self._is_beside(r)]
        count, accounts = (
            len(self._asker.records),
            dict.fromkeys(caller.account for caller in self._asker.callers),
        )
        yield f"{count} calls as {' and '.join(accounts)}, {len(open_ones)} without an answer"
        yield from map(refusal, open_ones)
        yield from self._unasked
        for name, reply in self._replication.items():
            if reply.code == "ReplicationConfigurationNotFoundError":
                yield f"bucket {name} has no replication configuration"

    def _is_beside(self, record: Record) -> bool:
        """Tell whether the answer was only one way to what was found otherwise."""
        bucket = record.params.get("Bucket")
        if record.call is calls.HEAD:
            return bucket in self._regions
        return "ExpectedBucketOwner" in record.params

    def failures(self, buckets: Sequence[str]) -> Iterator[str]:
        """Yield why nothing can be said of a bucket that was asked for."""
        for name in dict.fromkeys(buckets):
            reply = self._replication[name]
            if name in self._missing:
                yield f"bucket {name} does not exist"
            elif not reply.answered:
                yield f"the replication of bucket {name} could not be read: {reply.code}"


_GONE: Final = frozenset({"NoSuchBucket", "404"})
