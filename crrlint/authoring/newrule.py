"""Writes the files of a new rule: one that works, to be changed into what is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

from crrlint.authoring.examples import BASELINE
from crrlint.run.rule import Rule

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+\Z")
_ID: Final = re.compile(r"[A-Z]+[0-9]+\Z")
_PREFIX: Final = "LOCAL"

_RULE: Final = '''\
from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "{id}",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html",
)
def {function}(route: Route) -> Iterator[Finding]:
    """The fault in one line.

    Why it is one, and what will happen, for whoever is awake at three in the morning.
    The examples are changes to the set-up that crrlint has for them, by the name of a
    resource; `rule` stands for the replication rule.  All rules run on each of them.

    ```yaml bad
    rule: {{Destination: {{StorageClass: REDUCED_REDUNDANCY}}}}
    ```

    ```yaml undecided
    rule: {{Destination: {{StorageClass: !Ref Unset}}}}
    ```

    ## Fix

    What to do about it.

    ```yaml good
    rule: {{Destination: {{StorageClass: STANDARD_IA}}}}
    ```
    """
    # Write as if everything were known: a question that the input leaves open ends the
    # check by itself, and the route is undecided.
    if route.rule.value("Destination", "StorageClass") == "REDUCED_REDUNDANCY":
        yield Finding(
            route.rule.at("Destination", "StorageClass"),
            f"replicas in bucket {{route.destination}} are kept with reduced redundancy",
            notes=(Note(route.source.at(), "source bucket"),),
            fix="StorageClass: STANDARD",
        )
'''

_CONFIGURATION: Final = """\
crrlint: 1
deployments:
  - {template: source.yaml, account: "111111111111", region: us-east-1}
  - {template: replica.yaml, stack: replica, account: "222222222222", region: eu-west-1}
"""

_EXPECTED: Final = (
    "{place}: warning: replicas in bucket acme-replica are kept with reduced redundancy [{id}]\n"
)


class NewRuleError(Exception):
    """A rule that cannot be written, in a sentence."""


def write(name: str, folder: str, rules: Sequence[Rule], id: str | None = None) -> list[str]:
    """Write a rule into a folder and its fixtures beside the folder; return the new files.

    `rules` are those that are there already.  Nothing that exists is touched: raises
    `NewRuleError` for a name, an id or a file that is taken.
    """
    name = name.replace("_", "-")
    if not _NAME.match(name):
        raise NewRuleError(f"{name} is no name for a rule: several-words-that-state-the-fault")
    identifier = _free_id(rules) if id is None else id
    if not _ID.match(identifier):
        raise NewRuleError(f"{identifier} is no id for a rule: capitals and a number, as ACME001")
    for other in rules:
        for handle, taken in ((name, other.name), (identifier, other.id)):
            if handle == taken:
                raise NewRuleError(f"{handle} is taken by {other.path}")
    files = _files(name, folder, identifier)
    for path in files:
        if os.path.exists(path):
            raise NewRuleError(f"{path} is there already")
    for path, text in files.items():
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    return list(files)


def _free_id(rules: Sequence[Rule]) -> str:
    taken = [int(r.id.removeprefix(_PREFIX)) for r in rules if r.id.startswith(_PREFIX)]
    return f"{_PREFIX}{max(taken, default=0) + 1:03}"


def _files(name: str, folder: str, id: str) -> Mapping[str, str]:
    """Return the rule, a case that has its fault and one that has not, by path."""
    function = name.replace("-", "_")
    beside = os.path.dirname(os.path.normpath(folder))
    fixtures = os.path.join(beside, "tests", "fixtures", function)
    source, replica, state = map(_baseline, ("source.yaml", "replica.yaml", "terraform.tfstate"))
    bucket = "              Bucket: arn:aws:s3:::acme-replica\n"
    faulty = source.replace(bucket, f"{bucket}              StorageClass: REDUCED_REDUNDANCY\n")
    faulty_state = state.replace('"storage_class": ""', '"storage_class": "REDUCED_REDUNDANCY"')

    def expected(file: str, text: str) -> str:
        lead = text[: text.index("REDUCED_REDUNDANCY")].rpartition("\n")
        column = len(lead[2]) - len(lead[2].lstrip()) + 1
        place = f"{file}:{lead[0].count(chr(10)) + 2}:{column}"
        return _EXPECTED.format(place=place, id=id)

    cases = {
        "bad/crrlint.yaml": _CONFIGURATION,
        "bad/source.yaml": faulty,
        "bad/replica.yaml": replica,
        "bad/expected.txt": expected("source.yaml", faulty),
        "bad_terraform/terraform.tfstate": faulty_state,
        "bad_terraform/expected.txt": expected("terraform.tfstate", faulty_state),
        "good/crrlint.yaml": _CONFIGURATION,
        "good/source.yaml": source,
        "good/replica.yaml": replica,
    }
    return {
        os.path.join(folder, f"{function}.py"): _RULE.format(id=id, function=function),
        **{os.path.join(fixtures, *file.split("/")): text for file, text in cases.items()},
    }


def _baseline(name: str) -> str:
    """Return a file of the set-up for examples, without what its comments say of those."""
    with open(os.path.join(BASELINE, name), encoding="utf-8") as file:
        return "".join(line for line in file if not line.startswith("#"))
