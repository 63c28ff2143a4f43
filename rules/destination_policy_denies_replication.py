from collections.abc import Iterator

from crrlint.api import Finding, Route, denied, rule


@rule(
    "CRR511",
    each=Route,
    severity="error",
    failure="DstPutObjectNotPermitted; DstDelObjNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def destination_policy_denies_replication(route: Route) -> Iterator[Finding]:
    """Destination's bucket policy denies replication.

    A Deny in the bucket's policy hits what S3 does there as the replication role.  S3 comes
    through no VPC endpoint, from no address of yours and without MFA, and it is neither
    the service principal nor a call on your behalf: the usual exemptions for AWS services
    (`aws:PrincipalIsAWSService`, `aws:ViaAWSService`) do not spare the role.

    To deny `s3:ReplicateTags` or annotations is a documented way to leave them behind, and
    a Deny of `s3:ReplicateDelete` is no fault where delete markers do not replicate.

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Sid: OnlyFromOurNetwork
              Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-replica, arn:aws:s3:::acme-replica/*]
              Condition: {StringNotEquals: {aws:SourceVpce: vpce-1a2b3c4d}}
    ```

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-replica, arn:aws:s3:::acme-replica/*]
              Condition:
                ArnNotLike: {aws:PrincipalArn: "arn:aws:sts::111111111111:assumed-role/replicate/*"}
    ```

    ```yaml undecided
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-replica, arn:aws:s3:::acme-replica/*]
              Condition: {StringNotEquals: {aws:PrincipalAccount: !Ref UnsetReplica}}
    ```

    ## Fix

    Exempt the role: `aws:PrincipalArn` is the ARN of the role with its path, never
    that of a session.

    ```yaml good
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-replica, arn:aws:s3:::acme-replica/*]
              Condition:
                StringNotEquals: {aws:SourceVpce: vpce-1a2b3c4d}
                ArnNotEquals: {aws:PrincipalArn: "arn:aws:iam::111111111111:role/replicate"}
            - Effect: Deny
              Principal: "*"
              Action: [s3:PutObject, s3:GetObject, "s3:DeleteObject*", s3:ReplicateTags]
              Resource: arn:aws:s3:::acme-replica/*
    ```
    """
    if route.enabled and route.destination.value("policy") is not None:
        what = f"policy of bucket {route.destination}"
        yield from denied(route, ("destination objects",), layer="resource", what=what)
