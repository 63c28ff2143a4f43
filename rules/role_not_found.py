from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Note, Role, parse_arn, rule, slip


@rule(
    "CRR301",
    each=Configuration,
    severity="error",
    failure="AssumeRoleNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html",
)
def role_not_found(configuration: Configuration) -> Iterator[Finding]:
    """Replication role does not exist.

    The input holds a complete list of the account's roles (or IAM's answer that there is
    no such role), and the one that the replication configuration names is not among
    them.  S3 can assume no role then, and no object is replicated.  A role that was
    deleted and made again under another path is another one: an account has one role of
    a name, and the path is part of its ARN.

    ```yaml bad
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    Role:
      Properties: {RoleName: replicator}
    also:
      accounts/111111111111/iam/roles/replicate/role.err: |
        An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name
        replicate cannot be found.
    ```

    ```yaml bad
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    Role:
      Properties: {Path: /service-role/}
    ```

    ```yaml undecided
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    Role:
      Properties: {RoleName: replicator}
    ```

    ## Fix

    Name the role by the ARN that IAM shows, or create the role before the replication
    configuration.

    ```yaml good
    configuration: {Role: "arn:aws:iam::111111111111:role/replicate"}
    ```
    """
    role = configuration.role
    if role.declared or not any(rule.status == "Enabled" for rule in configuration.rules):
        return
    namesake = _namesake(role)
    evidence = _evidence(role) if namesake is None else namesake
    if evidence is None:
        # Policies that are bound to a role by name speak of one that is there.
        if not role.facts:
            raise role.not_stated("trust policy")
        return
    if _is_elsewhere(configuration, role):
        return
    near = _near(role) if namesake is None else None
    meant = namesake or near
    yield Finding(
        configuration.at("Role"),
        f"role {role.arn} does not exist",
        notes=tuple(note for note in (evidence, near) if note is not None),
        fix="" if meant is None else f"Role: {meant.message.partition(' ')[0]}",
    )


def _is_elsewhere(configuration: Configuration, role: Role) -> bool:
    """Tell whether the role cannot be the bucket's, wherever it exists: faults of other rules."""
    source, fields = configuration.bucket, parse_arn(role.arn)
    return role.account != source.account or (
        fields is not None and fields.partition != source.partition
    )


def _namesake(role: Role) -> Note | None:
    """Return the role of this name and another path: an account has one role of a name."""
    for fact in role.same_name:
        if fact.account == role.account:
            return Note(fact.at, f"{fact.arn} is the account's role of this name")
    return None


def _evidence(role: Role) -> Note | None:
    """Return what proves that the role is missing; None for no proof."""
    model = role.world.model
    names = (f"arn:aws:iam::{role.account}:role/{role.name}", role.arn)
    for missing in model.missing:
        if missing.kind == "role" and any(missing.name == name for name in names):
            return Note(missing.at, missing.why or "IAM answered NoSuchEntity")
    for listed in model.inventories:
        if listed.kind == "roles" and listed.account == role.account:
            return Note(listed.at, f"all roles of account {role.account}")
    return None


def _near(role: Role) -> Note | None:
    known = {
        str(fact.name): fact
        for fact in role.world.model.roles
        if fact.declared and fact.account == role.account
    }
    name = slip(str(role.name), known)
    return Note(known[name].at, f"{known[name].arn} is meant, perhaps") if name else None
