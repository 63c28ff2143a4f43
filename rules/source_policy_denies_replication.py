from collections.abc import Iterator

from crrlint.api import Finding, Route, denied, rule


@rule(
    "CRR510",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted; SrcHeadObjectNotPermitted",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-troubleshoot.html",
)
def source_policy_denies_replication(route: Route) -> Iterator[Finding]:
    """Source's bucket policy denies replication.

    A Deny in the bucket's policy hits what S3 does there as the replication role.  S3 comes
    through no VPC endpoint, from no address of yours and without MFA, and it is neither
    the service principal nor a call on your behalf: the usual exemptions for AWS services
    (`aws:PrincipalIsAWSService`, `aws:ViaAWSService`) do not spare the role.

    ```yaml bad
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: acme-source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Sid: OnlyFromOurNetwork
              Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-source, arn:aws:s3:::acme-source/*]
              Condition: {StringNotEquals: {aws:SourceVpce: vpce-1a2b3c4d}}
    ```

    ```yaml bad
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: acme-source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-source, arn:aws:s3:::acme-source/*]
              Condition:
                ArnNotLike: {aws:PrincipalArn: "arn:aws:sts::111111111111:assumed-role/replicate/*"}
    ```

    ```yaml undecided
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: acme-source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-source, arn:aws:s3:::acme-source/*]
              Condition: {StringNotEquals: {aws:PrincipalAccount: !Ref Unset}}
    ```

    ## Fix

    Exempt the role: `aws:PrincipalArn` is the ARN of the role with its path, never
    that of a session.

    ```yaml good
    SourcePolicy:
      Type: AWS::S3::BucketPolicy
      Properties:
        Bucket: acme-source
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
            - Effect: Deny
              Principal: "*"
              Action: "s3:*"
              Resource: [arn:aws:s3:::acme-source, arn:aws:s3:::acme-source/*]
              Condition:
                StringNotEquals: {aws:SourceVpce: vpce-1a2b3c4d}
                ArnNotEquals: {aws:PrincipalArn: "arn:aws:iam::111111111111:role/replicate"}
            - Effect: Deny
              Principal: "*"
              Action: [s3:PutObject, s3:GetObject, "s3:DeleteObject*", s3:ReplicateTags]
              Resource: arn:aws:s3:::acme-source/*
    ```
    """
    if route.enabled and route.source.value("policy") is not None:
        what = f"policy of bucket {route.source}"
        yield from denied(route, ("source", "source objects"), layer="resource", what=what)
