"""What S3 says when replication fails, and where to look: failure reasons and API errors.

Failure reasons stand in the events `s3:Replication:OperationFailedReplication`, which only
rules with metrics raise, and in the completion report of Batch Replication.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Failure(NamedTuple):
    """One failure reason or error code.

    `look` is what to look at.  `like` are reasons with the same causes, whose rules are
    listed as well; `see` are ids of rules that name another reason or none, and bear on it.
    `runtime`: no configuration predicts it.
    """

    means: str
    look: str
    like: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    runtime: bool = False


_DST_PUT = ("DstPutObjectNotPermitted",)
_SRC_READ = ("SrcGetObjectNotPermitted",)

FAILURES: Final[dict[str, Failure]] = {
    "AssumeRoleNotPermitted": Failure(
        "S3 could not assume the role that the replication configuration names (or Batch "
        "Operations the role of its job).",
        "whether the role exists; its trust policy: the service s3.amazonaws.com, the action "
        "sts:AssumeRole, conditions, a Deny. A job's role trusts batchoperations.s3.amazonaws.com "
        "instead.",
    ),
    "DstBucketInvalidRegion": Failure(
        "Batch Replication: the destination bucket is not in the Region that the job expects.",
        "the Region of the job and get-bucket-location of the destination.",
        see=("CRR104",),
    ),
    "DstBucketNotFound": Failure(
        "The destination bucket is gone, or its name is wrong.",
        "Destination.Bucket of the rule against the buckets of the destination's account.",
        see=("CRR110",),
    ),
    "DstBucketObjectLockConfigMissing": Failure(
        "An object carries a retention or a legal hold, and the destination has no Object Lock.",
        "get-object-lock-configuration of both buckets.",
    ),
    "DstBucketUnversioned": Failure(
        "Versioning of the destination is off or suspended.",
        "get-bucket-versioning of the destination.",
    ),
    "DstDelObjNotPermitted": Failure(
        "A delete marker could not be written: s3:ReplicateDelete is missing or denied.",
        "the role's policies, and in another account the destination's bucket policy; whether "
        "delete markers are to replicate at all (a rule without Filter always replicates them).",
        see=("CRR411", "CRR412", "CRR413"),
    ),
    "DstKmsKeyInvalidState": Failure(
        "The key for the replicas cannot be used: disabled, pending deletion, pending import.",
        "describe-key of the key that ReplicaKmsKeyID names.",
    ),
    "DstKmsKeyNotFound": Failure(
        "The key for the replicas does not exist where S3 looks for it: wrong id, wrong Region, "
        "wrong account.",
        "ReplicaKmsKeyID: its Region has to be the destination's; a multi-Region key is named by "
        "the ARN of its replica there.",
        see=("CRR227", "CRR709"),
    ),
    "DstMultipartCompleteNotPermitted": Failure(
        "The multipart upload of a large replica could not be completed: s3:ReplicateObject.",
        "the same as for DstPutObjectNotPermitted.",
        like=_DST_PUT,
    ),
    "DstMultipartInitNotPermitted": Failure(
        "The multipart upload of a large replica could not be started: s3:ReplicateObject.",
        "the same as for DstPutObjectNotPermitted.",
        like=_DST_PUT,
    ),
    "DstMultipartUploadNotPermitted": Failure(
        "A part of a large replica could not be uploaded: s3:ReplicateObject. Older pages spell "
        "it DstMultipartPartUploadNotPermitted.",
        "the same as for DstPutObjectNotPermitted.",
        like=_DST_PUT,
    ),
    "DstObjectHardDeleted": Failure(
        "Batch Replication: this version was deleted by its id at the destination; replication "
        "cannot make it again.",
        "who deletes versions at the destination, its lifecycle among them. Copy the object to "
        "itself at the source: the new version replicates.",
        runtime=True,
    ),
    "DstPutAclNotPermitted": Failure(
        "The ACL of a replica could not be written: s3:ReplicateObject.",
        "the same as for DstPutObjectNotPermitted; whether the destination blocks public ACLs "
        "that objects carry.",
        like=_DST_PUT,
        see=("CRR606",),
    ),
    "DstPutLegalHoldNotPermitted": Failure(
        "The legal hold of an object could not be set on its replica.",
        "Denies of s3:PutObjectLegalHold and s3:ReplicateObject in the destination's policy. The "
        "pages on permissions do not ask for more than the two Get actions on the source.",
        see=("CRR407", "CRR511", "CRR801"),
    ),
    "DstPutObjectNotPermitted": Failure(
        "A replica could not be written: s3:ReplicateObject or, with an owner override, "
        "s3:ObjectOwnerOverrideToBucketOwner is missing or denied, or the role may not use the "
        "key of the replicas.",
        "the role's policies, boundary and service control policies; in another account the "
        "destination's bucket policy, principal and path of the role first; the policy of the "
        "key and the role's kms actions on it.",
        see=("CRR411", "CRR412", "CRR413"),
    ),
    "DstPutRetentionNotPermitted": Failure(
        "The retention of an object could not be set on its replica.",
        "limits on s3:object-lock-remaining-retention-days in the destination's policy, and "
        "Denies of s3:PutObjectRetention. The pages on permissions do not ask for more than the "
        "two Get actions on the source.",
        see=("CRR407", "CRR511", "CRR801", "CRR802"),
    ),
    "DstPutTaggingNotPermitted": Failure(
        "The tags of a replica could not be written: s3:ReplicateObject, which covers tags, is "
        "missing, or s3:ReplicateTags is denied.",
        "the same as for DstPutObjectNotPermitted; a Deny of s3:ReplicateTags, which is the "
        "documented way to leave tags behind.",
        like=_DST_PUT,
    ),
    "DstPutObjectAnnotationNotPermitted": Failure(
        "An annotation could not be written: s3:ReplicateObjectAnnotation is denied, or "
        "s3:ReplicateObject is missing.",
        "Denies in the destination's policy; a Deny of that action is the documented way to "
        "leave annotations behind.",
        like=_DST_PUT,
    ),
    "DstVersionNotFound": Failure(
        "The replica whose metadata was to be changed is not at the destination any more.",
        "the destination's lifecycle, and who deletes versions there.",
        see=("CRR903",),
        runtime=True,
    ),
    "InitiateReplicationNotPermitted": Failure(
        "Batch Replication: the role of the job lacks s3:InitiateReplication on the object.",
        "the policies of the job's role, which is another one than the replication role: "
        "s3:InitiateReplication on the source's objects.",
    ),
    "SrcBucketInvalidRegion": Failure(
        "Batch Replication: the source bucket is not in the Region of the job.",
        "the Region of the job; it has to run where the source bucket is.",
    ),
    "SrcBucketNotFound": Failure(
        "The source bucket is gone, or cannot be reached.",
        "whether the bucket was deleted; a list of the account's buckets.",
        runtime=True,
    ),
    "SrcBucketReplicationConfigMissing": Failure(
        "The source bucket has no replication configuration (any more).",
        "get-bucket-replication of the source; crrlint routes shows what it sees of it.",
        see=("CRR238", "CRR953"),
    ),
    "SrcGetAclNotPermitted": Failure(
        "The ACL of an object could not be read: s3:GetObjectVersionAcl is missing, or the object "
        "belongs to another account and does not let the bucket's owner read it.",
        "the role's policies; the source's Object Ownership (BucketOwnerEnforced cures it) and "
        "get-object-acl of the object.",
        see=("CRR411", "CRR412", "CRR413", "CRR510", "CRR601"),
    ),
    "SrcGetLegalHoldNotPermitted": Failure(
        "The legal hold of an object could not be read: s3:GetObjectLegalHold is missing.",
        "the role's policies, where the source has Object Lock.",
        see=("CRR411", "CRR412", "CRR413", "CRR510"),
    ),
    "SrcGetObjectNotPermitted": Failure(
        "An object could not be read: s3:GetObjectVersionForReplication is missing or denied, or "
        "the role may not decrypt with the source's key.",
        "the role's policies, boundary and service control policies; Denies in the source's "
        "policy; the policy of the source's key and kms:Decrypt of the role.",
        see=("CRR411", "CRR412", "CRR413"),
    ),
    "SrcGetObjectAnnotationNotPermitted": Failure(
        "The annotations of an object could not be read: "
        "s3:GetObjectVersionAnnotationForReplication is missing. The object itself replicates.",
        "the role's policies, if annotations are used.",
    ),
    "SrcAnnotationNotFound": Failure(
        "An annotation went away between the scheduling and the copy.",
        "nothing, unless it happens often: then who deletes annotations.",
        runtime=True,
    ),
    "SrcAnnotationEncryptionUnsupported": Failure(
        "The object is encrypted in a way that the replication of annotations does not support.",
        "head-object of the object: its ServerSideEncryption.",
        runtime=True,
    ),
    "AnnotationLimitExceeded": Failure(
        "The replica would have more than 1,000 annotations. Deletions of annotations are not "
        "replicated, so they add up at the destination.",
        "the annotations of the replica; delete there what was deleted at the source.",
        runtime=True,
    ),
    "SrcGetRetentionNotPermitted": Failure(
        "The retention of an object could not be read: s3:GetObjectRetention is missing.",
        "the role's policies, where the source has Object Lock.",
        see=("CRR411", "CRR412", "CRR413", "CRR510"),
    ),
    "SrcGetTaggingNotPermitted": Failure(
        "The tags of an object could not be read: s3:GetObjectVersionTagging is missing on the "
        "source's objects.",
        "the role's policies; the action has to be granted on the source, not on the destination.",
        see=("CRR411", "CRR412", "CRR413", "CRR510"),
    ),
    "SrcHeadObjectNotPermitted": Failure(
        "The head of an object could not be read: s3:GetObjectVersionForReplication.",
        "the same as for SrcGetObjectNotPermitted.",
        like=_SRC_READ,
    ),
    "SrcKeyNotFound": Failure(
        "The KMS key of a source object cannot be found.",
        "head-object of the object: its SSEKMSKeyId; the key of the source's default encryption.",
        see=("CRR702", "CRR707"),
    ),
    "SrcKmsKeyInvalidState": Failure(
        "The KMS key of a source object cannot be used: disabled, pending deletion, pending "
        "import.",
        "describe-key of the source's key; objects written before a change of keys keep the old "
        "one.",
        see=("CRR707",),
    ),
    "SrcObjectNotEligible": Failure(
        "The storage class or the tags of the object are not what the rule allows: it is archived, "
        "or the tag that the rule selects by was added later.",
        "head-object of the object: its StorageClass; transitions of the source's lifecycle; the "
        "rule's tag filter. Restore and copy what is archived; put tags with the object.",
        see=("CRR904",),
    ),
    "SrcObjectNotFound": Failure(
        "The source object does not exist any more.",
        "whether it was deleted before it was copied, by the source's lifecycle perhaps.",
        runtime=True,
    ),
    "SrcReplicationNotPending": Failure(
        "The copy is not pending any more: it is done already, or a change of the configuration "
        "called it off.",
        "the object's ReplicationStatus (head-object), and when the configuration was changed.",
        runtime=True,
    ),
    "SrcVersionNotFound": Failure(
        "This version of the source object does not exist any more.",
        "the source's lifecycle: an expiry of noncurrent versions after a day can be quicker than "
        "replication.",
        runtime=True,
    ),
}

ERRORS: Final[dict[str, Failure]] = {
    "InvalidArgument": Failure(
        "S3 refuses a value of the replication configuration: an ARN, an id, an account, minutes.",
        "the rest of the message: crrlint explain takes the whole text.",
    ),
    "InvalidRequest": Failure(
        "S3 refuses the replication configuration: its parts do not go together, or a bucket is "
        "not ready for it.",
        "the rest of the message: crrlint explain takes the whole text.",
    ),
    "MalformedXML": Failure(
        "S3 refuses the form of the replication configuration: an element is missing, unknown or "
        "in the wrong place, or a word is misspelt. SDKs say 'Parameter validation failed'.",
        "which elements the rule has, and at which level.",
    ),
    "AccessDenied": Failure(
        "Whoever applies the configuration may not: s3:PutReplicationConfiguration on the source "
        "or iam:PassRole on the role is missing, the role is another account's, or "
        "ExpectedBucketOwner is not the owner.",
        "the policies of the deployer; the account in the role's ARN.",
        see=("CRR961",),
    ),
    "NoSuchBucket": Failure(
        "The source bucket does not exist, or not under this name in this partition.",
        "the name in the call; create the bucket before its replication.",
    ),
    "ReplicationConfigurationNotFoundError": Failure(
        "The bucket has no replication configuration; crrlint reads this answer as just that.",
        "whether the configuration was ever applied, or deleted since.",
    ),
    "InvalidToken": Failure(
        "The Object Lock token of the request is not valid. None is needed any more.",
        "leave out the token (x-amz-bucket-object-lock-token, `token` in Terraform).",
    ),
}

SPELLINGS: Final = {"DstMultipartPartUploadNotPermitted": "DstMultipartUploadNotPermitted"}
"""Failure reasons under names that older pages have."""
