"""What `crrlint explain` answers to somebody who holds a failure reason or an error's text."""

from __future__ import annotations

import pytest

from crrlint.report.explain import explain
from crrlint.report.failures import ERRORS, FAILURES
from crrlint.run import ruleset
from tests.running import crrlint

RULES = ruleset.load()
IDS = {rule.id for rule in RULES}

# What PutBucketReplication says, and the rules that know it beforehand.
MESSAGES = {
    "Versioning must be 'Enabled' on the bucket to apply a replication configuration": {"CRR101"},
    "Destination bucket must have versioning enabled.": {"CRR102", "CRR108"},
    "Destination bucket cannot be the same as the source bucket.": {"CRR109"},
    "Invalid bucket ARN": {"CRR110"},
    "Invalid Role specified in replication configuration": {"CRR203"},
    "Rule Id must be unique": {"CRR207"},
    "Duplicate Tag Keys are not allowed.": {"CRR211"},
    "Priority must be specified for this version of Cross Region Replication configuration "
    "schema": {"CRR213"},
    "Priority cannot be used for this version of Cross Region Replication configuration schema": {
        "CRR214"
    },
    "Found duplicate priority 1": {"CRR215"},
    "DeleteMarkerReplication must be specified for this version of Cross Region Replication "
    "configuration schema": {"CRR217"},
    "DeleteMarkerReplication cannot be used for this version of Cross Region Replication "
    "configuration schema": {"CRR218"},
    "Delete marker replication is not supported if any Tag filter is specified.": {"CRR219"},
    "Number of distinct destination bucket ARNs cannot exceed 1": {"CRR220"},
    "ReplicationTime cannot be used for this version of the replication configuration schema": {
        "CRR221"
    },
    "SourceSelectionCriteria cannot be empty.": {"CRR222"},
    "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.": {"CRR224"},
    "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.": {"CRR225"},
    "Invalid ReplicaKmsKeyID ARN.": {"CRR227"},
    "Account must be specified if the Owner in AccessControlTranslation has a value": {"CRR229"},
    "ReplicationMetrics must contain an event threshold": {"CRR233"},
    "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled": {
        "CRR235"
    },
}


@pytest.mark.parametrize("message", MESSAGES)
def test_an_error_of_the_api_leads_to_the_rules_that_know_it(message: str) -> None:
    call = "when calling the PutBucketReplication operation"
    told = explain(RULES, f"An error occurred (InvalidRequest) {call}: {message}")
    assert told is not None
    listed = {rule for rule in IDS if f"  {rule}  " in told}
    assert MESSAGES[message] <= listed
    assert len(listed) <= len(MESSAGES[message]) + 1


@pytest.mark.parametrize("reason", FAILURES)
def test_every_failure_reason_is_answered(reason: str) -> None:
    told = explain(RULES, reason)
    assert told is not None
    assert told.startswith(f"{reason}\n")
    assert "\nLook at " in told
    listed = any(f"  {rule}  " in told for rule in IDS)
    assert listed or "no configuration predicts it" in told or "No rule looks for it" in told


def test_all_failure_reasons_of_the_user_guide_are_there() -> None:
    assert 39 == len(FAILURES)


# Those that only Batch Replication and annotations have.
UNASKED = {
    "InitiateReplicationNotPermitted",
    "SrcBucketInvalidRegion",
    "SrcGetObjectAnnotationNotPermitted",
}


def test_what_configuration_can_predict_has_a_rule() -> None:
    alone = {name for name in FAILURES if "No rule looks" in (explain(RULES, name) or "")}
    assert UNASKED == alone


def test_what_a_failure_names_exists() -> None:
    for failure in (*FAILURES.values(), *ERRORS.values()):
        assert set(failure.see) <= IDS
        assert set(failure.like) <= set(FAILURES)


def test_a_rule_fails_with_what_is_known() -> None:
    known = {*FAILURES, *ERRORS}
    for rule in RULES:
        for piece in rule.failure.split("; ") if rule.failure else ():
            assert " " in piece or piece in known, f"{rule.id}: {piece}"


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("DstPutObjectNotPermited", "DstPutObjectNotPermitted"),
        ("role-cannot-replicate-object", "role-cannot-replicate-objects"),
    ],
)
def test_what_is_misspelt_is_suggested(asked: str, meant: str) -> None:
    run = crrlint("explain", asked)
    assert 2 == run.code
    assert f"did you mean {meant}?" in run.err


def test_an_older_spelling_is_known() -> None:
    told = explain(RULES, "DstMultipartPartUploadNotPermitted")
    assert told is not None
    assert told.startswith("DstMultipartUploadNotPermitted\n")
