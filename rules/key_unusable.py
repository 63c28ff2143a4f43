from collections.abc import Iterator

from crrlint.api import Finding, Key, Note, Route, proved, rule, uses_replica_key, uses_source_key

_UNUSABLE = {
    "Disabled": "enable it: aws kms enable-key --key-id {key}",
    "PendingDeletion": "aws kms cancel-key-deletion --key-id {key}, then enable-key",
    "PendingReplicaDeletion": "aws kms cancel-key-deletion --key-id {key}, then enable-key",
    "PendingImport": "import its key material: aws kms import-key-material --key-id {key} ...",
    "Unavailable": "connect the custom key store of the key again",
}


@rule(
    "CRR707",
    each=Route,
    severity="error",
    failure="SrcKmsKeyInvalidState; DstKmsKeyInvalidState",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html",
)
def key_unusable(route: Route) -> Iterator[Finding]:
    """Key is disabled, or cannot be used for another reason.

    KMS refuses to decrypt or encrypt with a key that is disabled, waits for its deletion,
    lacks its key material or is in a key store that cannot be reached.  With the source's key
    S3 cannot read the objects, with the replica key it cannot write the replicas.

    ```yaml bad
    ReplicaKey:
      Properties: {Enabled: false}
    ```

    ```yaml bad
    SourceKey:
      Properties: {Enabled: false}
    ```

    ```yaml undecided
    ReplicaKey:
      Properties: {Enabled: !Ref UnsetReplica}
    ```

    ## Fix

    Enable the key, or take back its deletion while the waiting period lasts.

    ```yaml good
    ReplicaKey:
      Properties: {Enabled: true}
    ```
    """
    if not route.enabled:
        return
    yield from proved(
        lambda: _source_key(route),
        lambda: _replica_key(route),
    )


def _source_key(route: Route) -> Iterator[Finding]:
    if uses_source_key(route):
        yield from _state(route, route.source_key, "source", "SrcKmsKeyInvalidState")


def _replica_key(route: Route) -> Iterator[Finding]:
    if uses_replica_key(route):
        yield from _state(route, route.replica_key, "replica", "DstKmsKeyInvalidState")


def _state(route: Route, key: Key | None, side: str, reason: str) -> Iterator[Finding]:
    # Nobody can disable a key that AWS manages.
    if key is None or key.managed_by_aws:
        return
    stated = key.node("state")
    for state, remedy in _UNUSABLE.items():
        if stated.value == state:
            yield Finding(
                stated.at,
                f"{side} key {key} is in state {state}",
                notes=(Note(route.rule.at(), f"replication rule of {route.source} that needs it"),),
                fix=remedy.format(key=key.arn),
                reason=reason,
            )
