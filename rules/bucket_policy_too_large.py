import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from crrlint.api import Finding, Node, Note, Route, Symbolic, Undecided, rule

_LIMIT: Final = 20 * 1024

# The shortest and the longest text that a symbol can stand for, by its form; AWS lets no
# ARN be longer than 2,048 characters.
_LENGTHS: Final = {
    "account": (12, 12),
    "region": (9, 16),
    "partition": (3, 10),
    "name": (1, 128),
    "any": (0, 2048),
}


class _Size(NamedTuple):
    """The bytes of a policy: so many at least, so many at most."""

    least: int
    most: int


@rule(
    "CRR508",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
)
def bucket_policy_too_large(route: Route) -> Iterator[Finding]:
    """Bucket policy is larger than S3 takes.

    S3 refuses a bucket policy of more than 20 KB.  The bucket keeps the policy that it
    had, or none: what the new one grants to the replication role is not granted, and a
    stack that holds it is rolled back.  Counted is the least that the policy can be: without
    white space, and with lists of one element as a single text.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement: [
            {Effect: Allow,
             Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"},
             Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner],
             Resource: arn:aws:s3:::acme-replica/*},
            &team
            {Sid: TeamsReadReportsFromTheWarehouseAndNothingElse,
             Effect: Allow,
             Principal: {AWS: "arn:aws:iam::222222222222:role/teams/warehouse/report-reader"},
             Action: [s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging, s3:GetObjectAcl],
             Resource: arn:aws:s3:::acme-replica/warehouse/reports/daily/*,
             Condition: {StringLike: {aws:userid: "AROAEXAMPLEEXAMPLE123:report-reader-*"}}},
            *team, *team, *team, *team, *team, *team, *team, *team, *team, *team, *team,
            *team, *team, *team, *team, *team, *team, *team, *team, *team, *team, *team,
            *team, *team, *team, *team, *team, *team, *team, *team, *team, *team, *team,
            *team, *team, *team, *team, *team, *team, *team, *team, *team, *team, *team,
            *team, *team, *team, *team, *team, *team, *team, *team, *team, *team, *team,
          ]
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement: [
            {Effect: Allow,
             Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"},
             Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner],
             Resource: arn:aws:s3:::acme-replica/*},
            &some
            {Effect: Allow,
             Principal: {AWS: !Ref UnsetReplica},
             Action: s3:GetObject,
             Resource: arn:aws:s3:::acme-replica/*},
            *some, *some, *some, *some, *some, *some, *some, *some, *some, *some,
          ]
    ```

    ## Fix

    Say once what several statements say: principals, actions and resources can be lists, and
    `aws:PrincipalOrgID` or a pattern for `aws:PrincipalArn` stands for many roles.  Grants
    within one account belong into the policies of its roles.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:root"}
              Action: [s3:GetObject, s3:GetObjectVersion, s3:GetObjectTagging, s3:GetObjectAcl]
              Resource: arn:aws:s3:::acme-replica/warehouse/*
              Condition: {ArnLike: {aws:PrincipalArn: "arn:aws:iam::222222222222:role/teams/*"}}
    ```
    """
    if not route.enabled:
        return
    for bucket in (route.source, route.destination):
        # A policy that no file states is in force already, so S3 took it.
        stated = (fact.fields.get("policy") for fact in bucket.facts)
        policies = [node.settled() for node in stated if node is not None]
        policy = next((node for node in policies if isinstance(node.value, dict)), None)
        if policy is None:
            continue
        size = _size_of(policy)
        if size.least > _LIMIT:
            yield Finding(
                policy.at,
                f"policy of bucket {bucket} has {_told(size)} bytes, more than {_LIMIT}",
                notes=(Note(route.rule.at(), f"replication rule of {route.source}"),),
                fix="bring statements together, or move grants to the policies of roles",
            )
        elif size.most > _LIMIT:
            raise Undecided(
                "unbound_parameter",
                f"whether the policy of bucket {bucket} is larger than {_LIMIT} bytes",
                "the values of its parameters",
            )


def _told(size: _Size) -> str:
    return str(size.least) if size.least == size.most else f"at least {size.least}"


def _size_of(policy: Node) -> _Size:
    """Measure a policy, whatever white space it was written with."""
    symbols: list[str] = []

    def stand_in(value: Any) -> str:
        # What is unknown may be a whole list; it counts as one text.
        parts = value.parts if isinstance(value, Symbolic) else ()
        symbols.extend(part.form for part in parts if not isinstance(part, str))
        if not parts:
            symbols.append("any")
        return "".join(part for part in parts if isinstance(part, str))

    plain = _compact(policy.plain())
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False, default=stand_in)
    written = len(text.encode("utf-8", "surrogatepass"))
    return _Size(
        written + sum(_LENGTHS[form][0] for form in symbols),
        written + sum(_LENGTHS[form][1] for form in symbols),
    )


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _compact(below) for key, below in value.items()}
    if isinstance(value, list):
        return _compact(value[0]) if len(value) == 1 else [_compact(one) for one in value]
    return value
