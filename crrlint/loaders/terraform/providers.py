"""Whose credential and which Region stand behind each provider configuration.

One configuration has one credential and one Region, so an instance that shows its own
tells those of all others under the same configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from crrlint.loaders.terraform.instances import Provider
from crrlint.values import Symbol, Text, symbolic

# Resources that are always in the account of their provider's credential, so that
# their ARN names it; the Region too, where the ARN has one.
TELLING: Final = frozenset(
    {
        "aws_cloudtrail",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_log_group",
        "aws_dynamodb_table",
        "aws_ecr_repository",
        "aws_iam_group",
        "aws_iam_instance_profile",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_user",
        "aws_instance",
        "aws_kms_alias",
        "aws_kms_external_key",
        "aws_kms_key",
        "aws_kms_replica_external_key",
        "aws_kms_replica_key",
        "aws_lambda_function",
        "aws_secretsmanager_secret",
        "aws_security_group",
        "aws_sfn_state_machine",
        "aws_sns_topic",
        "aws_sqs_queue",
        "aws_ssm_parameter",
        "aws_vpc",
        "awscc_iam_role",
        "awscc_kms_key",
        "awscc_kms_replica_key",
        "data.aws_iam_role",
    }
)
CALLER: Final = "data.aws_caller_identity"
REGION: Final = "data.aws_region"

_CONFIGURATION = re.compile(
    r"(?P<module>.*\.)?provider(?:\[\"(?:[^\"/]*/)*(?P<source>[^\"/]+)\"\]|\.(?P<type>[\w-]+))"
    r"(?P<alias>\..+)?\Z"
)

_DOMAIN = re.compile(r"\.s3\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\Z")


class Telling(NamedTuple):
    """What one instance tells of its provider configuration.

    `asked` when the provider was asked for just that, by a data source.
    """

    provider: str
    account: str | None = None
    region: str | None = None
    asked: bool = False


def configuration(text: object) -> str:
    """Return a provider configuration as people write it (`aws.dr`), however it is spelled."""
    if not isinstance(text, str):
        return "aws"
    parts = _CONFIGURATION.match(text)
    if parts is None:
        return text
    return "".join((parts["module"] or "", parts["source"] or parts["type"], parts["alias"] or ""))


def telling(
    kind: str, provider: str, attributes: Mapping[str, Any], identity: Mapping[str, Any]
) -> Telling:
    """Return what an instance tells, by its identity, its ARN or by what it was asked for."""
    if kind == CALLER:
        account = _text(attributes, "account_id") or _text(attributes, "id")
        return Telling(provider, account, asked=True)
    if kind == REGION:
        region = _text(attributes, "region") or _text(attributes, "name") or _text(attributes, "id")
        return Telling(provider, region=region, asked=True)
    account = _text(identity, "account_id")
    if kind == "aws_s3_bucket":
        return Telling(provider, account, _text(attributes, "region"))
    if kind == "awscc_s3_bucket":
        domain = _DOMAIN.search(_text(attributes, "regional_domain_name") or "")
        return Telling(provider, account, domain[1] if domain else None)
    fields = (_text(attributes, "arn") or "").split(":", 5) if kind in TELLING else []
    if len(fields) == 6 and len(fields[4]) == 12 and fields[4].isdecimal():
        return Telling(provider, fields[4], fields[3] or None)
    return Telling(provider, account)


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and value else None


def providers(
    told: Iterable[Telling], account: str | None, region: str | None, where: str, needs: str
) -> dict[str, Provider]:
    """Return the account and Region of each configuration, a symbol where nothing tells it.

    `account` and `region` hold where nothing else does; `where` is unlike that of any
    other configuration's origin, `needs` says what to give instead of --account.
    """
    sure: dict[tuple[str, str], str] = {}
    seen: dict[tuple[str, str], set[str]] = {}
    names: dict[str, None] = {}
    for one in told:
        names[one.provider] = None
        for what, text in (("account", one.account), ("region", one.region)):
            if text is None:
                continue
            if one.asked:
                sure[one.provider, what] = text
            seen.setdefault((one.provider, what), set()).add(text)

    def find(name: str, what: str, bound: str | None) -> Text:
        found = seen.get((name, what), ())
        return (
            sure.get((name, what))
            # Since version 6 a resource can be in another Region than its provider's.
            or (next(iter(found)) if len(found) == 1 else bound)
            or _symbol(name, what, where, needs)
        )

    return {
        name: Provider(find(name, "account", account), find(name, "region", region))
        for name in names
    }


def _symbol(provider: str, what: str, where: str, needs: str) -> Text:
    return symbolic(
        Symbol(
            f"{where} {provider}",
            what,
            f"the {what} of provider {provider}",
            form="account" if what == "account" else "region",
            needs=f"--{what}, {needs}",
        )
    )
