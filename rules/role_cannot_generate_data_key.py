from collections.abc import Iterator

from crrlint.api import (
    ENCRYPT_PLAIN_OBJECTS,
    ENCRYPT_REPLICAS,
    Counterexample,
    Doubt,
    Finding,
    Key,
    Node,
    Note,
    Route,
    Severity,
    Undecided,
    allow,
    grant_to_role,
    granted,
    nearest_notes,
    nearest_place,
    plain_objects,
    policies_place,
    refused,
    rule,
    scope,
    uses_replica_key,
)

_ENCRYPTED_SINCE = "2023-01-05"
"""Since then S3 encrypts every new object."""


@rule(
    "CRR704",
    each=Route,
    severity="warning",
    failure="DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
)
def role_cannot_generate_data_key(route: Route) -> Iterator[Finding]:
    """Role may not encrypt replicas of plain objects.

    Replicas are encrypted as their objects are; only those of objects without any encryption
    get the destination's default.  Where that is KMS, the role needs `kms:GenerateDataKey` on
    the key of the destination's default encryption.  S3 encrypts all new objects since January
    2023, so this is about older ones, as Batch Replication copies them.  It is a warning where
    the input shows such an object, and a note where the source is old enough to hold some.

    ```yaml bad
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Encrypt
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    also:
      accounts/111111111111/buckets.json: |
        {"Buckets": [{"Name": "acme-source", "CreationDate": "2019-05-01T12:00:00+00:00"}],
         "Owner": {"ID": "a11ce"}}
    ```

    ```yaml bad
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Encrypt
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    also:
      accounts/111111111111/s3/acme-source/objects/app.log.head.json: |
        {"LastModified": "2019-07-02T08:15:00+00:00", "ContentLength": 5120, "Metadata": {}}
    ```

    ```yaml undecided
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: kms:Encrypt
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
            - {Effect: Allow, Action: kms:GenerateDataKey, Resource: !Ref Unset}
    also:
      accounts/111111111111/buckets.json: |
        {"Buckets": [{"Name": "acme-source", "CreationDate": "2019-05-01T12:00:00+00:00"}],
         "Owner": {"ID": "a11ce"}}
    ```

    ## Fix

    Grant the action on that key, in the role's policy; across accounts the key's policy has to
    grant it too.

    ```yaml good
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: arn:aws:kms:eu-west-1:222222222222:key/*
    also:
      accounts/111111111111/buckets.json: |
        {"Buckets": [{"Name": "acme-source", "CreationDate": "2019-05-01T12:00:00+00:00"}],
         "Owner": {"ID": "a11ce"}}
    ```
    """
    if not route.enabled:
        return
    evidence = _evidence(route)
    if evidence is None:
        return
    severity, note, what = evidence
    try:
        key = route.destination_key
        if key is None or _is_told(route, key):
            return
        refusal = refused(route, ENCRYPT_PLAIN_OBJECTS)
    except Undecided as gap:
        gap.stake = gap.stake or severity
        raise
    if refusal is not None:
        action = refusal.need.action
        by_key = refusal.clause.layer == "resource"
        yield Finding(
            nearest_place(refusal) or policies_place(route),
            f"role {route.role} is not granted {action} on {key}, the default key of "
            f"{route.destination}, and {what}",
            notes=(*nearest_notes(refusal), note),
            fix=f"add to the key's policy: {grant_to_role(route, refusal.need)}"
            if by_key
            else allow([action], scope(route, refusal.need)),
            severity=severity,
            counterexample=Counterexample(action, refusal.failing_resource),
        )


def _evidence(route: Route) -> tuple[Severity, Note, str] | None:
    """Return what tells that plain objects are, or may be, at the source."""
    example = next(plain_objects(route), None)
    if example is not None:
        what = f"object {example.key} of {route.source} is not encrypted"
        return "warning", Note(example.at, "an object without encryption"), what
    created = _created(route)
    if created is None:
        return None
    what = f"bucket {route.source} may hold objects that are not encrypted"
    return "note", Note(created.at, f"it was made before {_ENCRYPTED_SINCE}"), what


def _created(route: Route) -> Node | None:
    """Return when the source was made, where that is stated and old enough."""
    with Doubt():
        created = route.source.node("created")
        is_old = isinstance(created.value, str) and created.value[:10] < _ENCRYPTED_SINCE
        return created if is_old else None
    return None


def _is_told(route: Route, key: Key) -> bool:
    """Tell whether the role cannot use the key at all: that is the fault of other rules."""
    replica_key = route.replica_key if uses_replica_key(route) else None
    if replica_key is None or replica_key.arn != key.arn:
        return False
    return not granted(route, ENCRYPT_REPLICAS)
