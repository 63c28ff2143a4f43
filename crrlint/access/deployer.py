"""What S3 and IAM ask of whoever puts a replication configuration, and whether he may.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from crrlint.access.policies import boundary, bucket_policy, identity_policies, organization
from crrlint.access.requests import MULTIVALUED, principal
from crrlint.access.tags import tags_of_role
from crrlint.iam import ABSENT, PRESENT, Clause, Decision, Request, World, decide
from crrlint.routes.route import Configuration
from crrlint.values import Text, Undecided
from crrlint.world import Role


class Refused(NamedTuple):
    """A request of the deployer's that fails, and the clause of the decision that fails it."""

    action: str
    resource: Text
    clause: Clause


def putting(configuration: Configuration, deployer: Role) -> Iterator[Refused]:
    """Yield why the deployer cannot put a configuration on its bucket."""
    source = configuration.bucket
    context = {
        "kms:*": ABSENT,
        "aws:RequestedRegion": source.region,
        "s3:ResourceAccount": source.account,
    }
    asked = _request(
        deployer, "s3:PutReplicationConfiguration", source.arn, source.account, context
    )
    world = _world(deployer)._replace(
        rcps=organization(deployer.world, "RCP", source.account),
        resource_policy=bucket_policy(source),
    )
    yield from _refused(asked, world)


def passing(configuration: Configuration, deployer: Role) -> Iterator[Refused]:
    """Yield why the deployer cannot pass the configuration's role to S3."""
    role = configuration.role
    context = {
        "kms:*": ABSENT,
        "s3:*": ABSENT,
        "iam:PassedToService": "s3.amazonaws.com",
        **tags_of_role(role, "aws:ResourceTag/"),
        **tags_of_role(role, "iam:ResourceTag/"),
    }
    asked = _request(deployer, "iam:PassRole", role.arn, role.account, context)
    # Resource control policies have no say in IAM itself.
    yield from _refused(asked, _world(deployer))


def _request(
    deployer: Role, action: str, resource: Text, owner: Text, context: dict[str, Any]
) -> Request:
    """Return a request of the deployer's, of whose network and session nothing is known."""
    organizations = {
        "aws:PrincipalOrgID": deployer.world.organization_of(deployer.account),
        "aws:ResourceOrgID": deployer.world.organization_of(owner),
    }
    return Request(
        principal(deployer)._replace(session=None),
        action,
        resource,
        None,
        owner,
        {
            "aws:PrincipalArn": deployer.arn,
            "aws:PrincipalAccount": deployer.account,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            "aws:SecureTransport": "true",
            "aws:ResourceAccount": owner,
            "aws:username": ABSENT,
            "aws:userid": PRESENT,
            "aws:CurrentTime": PRESENT,
            "aws:EpochTime": PRESENT,
            "aws:TokenIssueTime": PRESENT,
            **tags_of_role(deployer, "aws:PrincipalTag/"),
            **{key: value for key, value in organizations.items() if value is not None},
            **context,
        },
        MULTIVALUED,
    )


def _world(deployer: Role) -> World:
    return World(
        identity=identity_policies(deployer),
        boundary=boundary(deployer),
        scps=organization(deployer.world, "SCP", deployer.account),
    )


def _refused(asked: Request, world: World) -> Iterator[Refused]:
    decision = decide(asked, world)
    if decision.verdict == "unknown":
        what = f"whether the deployer is allowed {asked.action} on {asked.resource}"
        raise Undecided("external_reference", what, _needs(decision))
    failing = [clause for clause in decision.clauses if clause.outcome == "fails"]
    for clause in failing:
        if clause.layer == decision.layer:
            yield Refused(asked.action, asked.resource, clause)
            return


def _needs(decision: Decision) -> str:
    remedies = [need.partition(": ")[2] or need for need in decision.needs]
    return "; ".join(dict.fromkeys(remedies))
