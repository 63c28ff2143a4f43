"""Everything that a rule may import, and the promise not to break it."""

from crrlint.arn import Arn, parse_arn, partition_of
from crrlint.denials import blocked, denied
from crrlint.evidence import grant_to_role, nearest_notes
from crrlint.faults import (
    excluding_key_policy,
    failing_condition,
    failing_key_condition,
    missing,
    missing_grant,
    missing_resource_grant,
    proved,
    unattached,
)
from crrlint.grammar import Flaw, dotted, flaws, meant
from crrlint.graph import Configuration, Graph, Route, default_encryption
from crrlint.ownership import unreadable
from crrlint.permissions import Refusal, decision, granted, names_role, place, refusals
from crrlint.replication import ReplicationRule
from crrlint.requests import (
    ASSUME_ROLE,
    DECRYPT_SOURCE,
    ENCRYPT_REPLICAS,
    GENERATE_DATA_KEY,
    LIST_SOURCE,
    OVERRIDE_OWNER,
    READ_ACLS,
    READ_CONFIGURATION,
    READ_LEGAL_HOLD,
    READ_OBJECTS,
    READ_OBJECTS_LEGACY,
    READ_RETENTION,
    READ_TAGS,
    REPLICATE_DELETES,
    REPLICATE_OBJECTS,
    Need,
    Side,
)
from crrlint.requirements import (
    EVERYWHERE,
    keeps_foreign_owners,
    locks_objects,
    uses_replica_key,
    uses_source_key,
)
from crrlint.rule import Counterexample, Finding, Note, Severity, rule
from crrlint.selection import all_hold, selects_all_of
from crrlint.source import Location, Node, Problem, Span
from crrlint.spelling import slip
from crrlint.values import Symbolic, Text, Undecided, Unknown
from crrlint.world import Bucket, Key, Role, World

__all__ = [
    "ASSUME_ROLE",
    "DECRYPT_SOURCE",
    "ENCRYPT_REPLICAS",
    "EVERYWHERE",
    "GENERATE_DATA_KEY",
    "LIST_SOURCE",
    "OVERRIDE_OWNER",
    "READ_ACLS",
    "READ_CONFIGURATION",
    "READ_LEGAL_HOLD",
    "READ_OBJECTS",
    "READ_OBJECTS_LEGACY",
    "READ_RETENTION",
    "READ_TAGS",
    "REPLICATE_DELETES",
    "REPLICATE_OBJECTS",
    "Arn",
    "Bucket",
    "Configuration",
    "Counterexample",
    "Finding",
    "Flaw",
    "Graph",
    "Key",
    "Location",
    "Need",
    "Node",
    "Note",
    "Problem",
    "Refusal",
    "ReplicationRule",
    "Role",
    "Route",
    "Severity",
    "Side",
    "Span",
    "Symbolic",
    "Text",
    "Undecided",
    "Unknown",
    "World",
    "all_hold",
    "blocked",
    "decision",
    "default_encryption",
    "denied",
    "dotted",
    "excluding_key_policy",
    "failing_condition",
    "failing_key_condition",
    "flaws",
    "grant_to_role",
    "granted",
    "keeps_foreign_owners",
    "locks_objects",
    "meant",
    "missing",
    "missing_grant",
    "missing_resource_grant",
    "names_role",
    "nearest_notes",
    "parse_arn",
    "partition_of",
    "place",
    "proved",
    "refusals",
    "rule",
    "selects_all_of",
    "slip",
    "unattached",
    "unreadable",
    "uses_replica_key",
    "uses_source_key",
]
