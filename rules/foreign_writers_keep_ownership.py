from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Node, Note, Text, parse_arn, rule

_SAFEGUARDS = ("s3:x-amz-acl", "s3:x-amz-grant-full-control")


@rule(
    "CRR603",
    each=Configuration,
    severity="warning",
    failure="SrcGetAclNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html",
)
def foreign_writers_keep_ownership(configuration: Configuration) -> Iterator[Finding]:
    """Others write objects that stay their own.

    The source's policy lets another account write, its Object Ownership leaves such
    objects with their writer, and nothing makes the writer grant the bucket's owner
    control.  S3 cannot replicate an object that the bucket's owner may not read.

    ```yaml bad
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: s3:PutObject
              Resource: arn:aws:s3:::acme-source/*
    ```

    ```yaml undecided
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: !Ref Unset}]}
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: s3:PutObject
              Resource: arn:aws:s3:::acme-source/*
    ```

    ## Fix

    Set Object Ownership to `BucketOwnerEnforced`, or let others write only under the
    canned ACL `bucket-owner-full-control`.

    ```yaml good
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: s3:PutObject
              Resource: arn:aws:s3:::acme-source/*
    ```

    ```yaml good
    Source:
      Properties:
        OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerPreferred}]}
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: !Ref Source
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::333333333333:root"}
              Action: s3:PutObject
              Resource: arn:aws:s3:::acme-source/*
              Condition: {StringEquals: {"s3:x-amz-acl": bucket-owner-full-control}}
    ```
    """
    source = configuration.bucket
    policy = source.node("policy").settled()
    if policy.value is None or not any(r.status == "Enabled" for r in configuration.rules):
        return
    found = policy.get("Statement")
    statements = [] if found is None else found.items()
    writes = [statement for statement in statements if _is_of_writing(statement)]
    if any(s.leaf("Effect") == "Deny" and _safeguarded(s) for s in writes):
        return
    allowing = [s for s in writes if s.leaf("Effect") == "Allow" and not _safeguarded(s)]
    for statement in allowing:
        writer = next(_foreign(statement, source.account), None)
        if writer is not None and source.value("ownership") != "BucketOwnerEnforced":
            yield Finding(
                statement.at,
                f"policy of source bucket {source} lets {writer} write objects "
                "without granting the bucket's owner control",
                notes=(Note(source.at("ownership"), f"ownership is {source.value('ownership')}"),),
                fix="ObjectOwnership: BucketOwnerEnforced",
            )


def _is_of_writing(statement: Node) -> bool:
    from fnmatch import fnmatchcase

    actions = statement.get("Action")
    patterns = [] if actions is None else actions.items()
    return any(fnmatchcase("s3:putobject", str(pattern.value).lower()) for pattern in patterns)


def _safeguarded(statement: Node) -> bool:
    """Tell whether the statement looks at what the writer grants."""
    condition = statement.get("Condition")
    operators = [] if condition is None else condition.members().values()
    return any(key.lower() in _SAFEGUARDS for tests in operators for key in tests.members())


def _foreign(statement: Node, account: Text) -> Iterator[str]:
    """Yield the other accounts that the statement names; everybody counts if nothing limits it."""
    principal = statement.get("Principal")
    if principal is None:
        return
    named = principal if principal.value == "*" else principal.get("AWS")
    for node in [] if named is None else named.items():
        if node.value == "*":
            if statement.get("Condition") is None:
                yield "everybody"
            continue
        fields = parse_arn(node.value)
        owner = node.value if fields is None else fields.account
        # A unique id names nobody's account.
        if fields is None and not (len(owner) == 12 and owner.isdigit()):
            continue
        if owner != account:
            yield f"account {owner}"
