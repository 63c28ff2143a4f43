from collections.abc import Iterator

from crrlint.api import Finding, Key, Note, Route, Undecided, rule, slip, uses_replica_key

_KEY = ("Destination", "EncryptionConfiguration", "ReplicaKmsKeyID")


@rule(
    "CRR706",
    each=Route,
    severity="error",
    failure="DstKmsKeyNotFound",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html",
)
def replica_key_not_found(route: Route) -> Iterator[Finding]:
    """Replica key does not exist.

    The input holds a complete list of the KMS keys of the key's account and Region (or KMS's
    answer that there is no such key), and the replica key is not among them.  S3 takes the
    configuration all the same, and then objects fail to replicate.  A multi-Region key is in
    another Region only once it has been replicated there.

    ```yaml bad
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID:
            arn:aws:kms:eu-west-1:222222222222:key/12345678-1234-1234-1234-123456789012
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [kms:Encrypt, kms:GenerateDataKey], Resource: "*"}
    also:
      accounts/222222222222/kms/eu-west-1/keys.json: |
        {"Keys": [{
          "KeyId": "0987dcba-09fe-87dc-65ba-ab0987654321",
          "KeyArn": "arn:aws:kms:eu-west-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321"
        }]}
    ```

    ```yaml undecided
    rule:
      Destination:
        EncryptionConfiguration:
          ReplicaKmsKeyID:
            arn:aws:kms:eu-west-1:222222222222:key/12345678-1234-1234-1234-123456789012
    AllowEncrypt:
      Properties:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [kms:Encrypt, kms:GenerateDataKey], Resource: "*"}
    ```

    ## Fix

    Correct the ARN, or make the key.  `aws kms list-keys --region <destination's Region>`
    lists what is there.

    ```yaml good
    also:
      accounts/222222222222/kms/eu-west-1/keys.json: |
        {"Keys": [{
          "KeyId": "0987dcba-09fe-87dc-65ba-ab0987654321",
          "KeyArn": "arn:aws:kms:eu-west-1:222222222222:key/0987dcba-09fe-87dc-65ba-ab0987654321"
        }]}
    ```
    """
    if not route.enabled or not uses_replica_key(route):
        return
    key = route.replica_key
    if key is None or key.managed_by_aws or key.declared:
        return
    evidence = _evidence(route, key)
    if evidence is None:
        if not key.facts:
            what = f"key {key.arn} is not among the inputs"
            raise Undecided("external_reference", what, "describe-key")
        return
    if key.region != route.destination.region:
        return
    meant, near = _meant(route, key)
    yield Finding(
        route.rule.at(*_KEY),
        f"replica key {key} does not exist",
        notes=(evidence, *meant),
        fix=f"ReplicaKmsKeyID: {near}" if near else "",
    )


def _evidence(route: Route, key: Key) -> Note | None:
    """Return what proves that a key is missing; None for no proof."""
    model = route.world.model
    for missing in model.missing:
        if missing.kind == "key" and (missing.name == key.arn or missing.name == key.id):
            return Note(missing.at, "KMS answered NotFoundException")
    for listed in model.inventories:
        if listed.kind != "keys" or listed.account != key.account or listed.region != key.region:
            continue
        # A key of which not all is known, as behind an alias, may be any of those listed.
        if not any(fact.layer == "live" and fact.arn == key.arn for fact in model.keys):
            return Note(listed.at, f"all keys of account {key.account} in {key.region}")
    return None


def _meant(route: Route, key: Key) -> tuple[tuple[Note, ...], str]:
    """Return what may have been meant: a key of a similar name, or the same one elsewhere."""
    known = {str(fact.arn): fact for fact in route.world.model.keys if fact.declared and fact.arn}
    near = slip(str(key.arn), known)
    if near:
        return (Note(known[near].at, f"key {near} is meant, perhaps"),), near
    for fact in route.world.key_facts_of_id(key.id):
        if fact.declared and fact.region is not None:
            told = f"the key of that id is in {fact.region}, and not replicated to {key.region}"
            return (Note(fact.at, told),), ""
    return (), ""
