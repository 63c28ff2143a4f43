from collections.abc import Iterator

from crrlint.api import Finding, Route, misplaced, rule


@rule(
    "CRR107",
    each=Route,
    severity="error",
    failure="SrcGetObjectNotPermitted; DstPutObjectNotPermitted",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
)
def policy_arn_in_other_partition(route: Route) -> Iterator[Finding]:
    """Policy names ARNs of another partition of AWS.

    The Regions of China and of GovCloud are partitions of their own, and the partition is
    part of every ARN: `arn:aws-cn:s3:::acme-replica` is no bucket of `aws`, whatever its
    name.  A statement about it grants nothing here, although all else in it is right.
    Most often a policy was copied from an account of another partition.

    ```yaml bad
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: arn:aws-cn:s3:::acme-replica/*
    ```

    ```yaml bad
    ReplicaPolicy:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws-us-gov:iam::111111111111:role/replicate"}
              Action: ["s3:Replicate*", s3:ObjectOwnerOverrideToBucketOwner]
              Resource: arn:aws:s3:::acme-replica/*
    ```

    ```yaml bad
    ReplicaKey:
      Properties:
        KeyPolicy:
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::222222222222:root"}
              Action: kms:*
              Resource: "*"
            - Effect: Allow
              Principal: {AWS: "arn:aws-cn:iam::111111111111:role/replicate"}
              Action: [kms:Encrypt, kms:GenerateDataKey]
              Resource: "*"
    ```

    ```yaml undecided
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: arn:aws-cn:s3:::acme-replica/*
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: !Ref Unset
    ```

    ## Fix

    Write the partition of the account, in templates best as `${AWS::Partition}`.

    ```yaml good
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: !Sub "arn:${AWS::Partition}:s3:::acme-replica/*"
    ```

    ```yaml good
    AllowReplicateObjects:
      Properties:
        PolicyDocument:
          Statement:
            - Effect: Allow
              Action: s3:ReplicateObject
              Resource: ["arn:aws:s3:::acme-replica/*", "arn:aws-cn:s3:::acme-replica/*"]
    ```
    """
    if route.enabled:
        yield from misplaced(route)
