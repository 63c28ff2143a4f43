"""Plans that delete, replace, forget or leave alone what a state beside them still has.

`tests/going/` holds one set-up that works and its states, and under the name of each change
the plan that Terraform made of it, as JSON and as it is saved.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.running import ROOT, crrlint

GOING: Final = ROOT / "tests" / "going"
STATE: Final = "terraform.tfstate"
SHOWN: Final = "state.json"
PLAN: Final = "plan.json.gz"
SAVED: Final = "plan.tfplan"
NO_GRANT: Final = ("CRR401", "CRR402", "CRR403", "CRR405", "CRR408", "CRR409", "CRR703")

DELETED = {
    "s3_bucket": ("CRR108",),
    "s3_bucket_policy": ("CRR501",),
    "s3_bucket_versioning": ("CRR102",),
    "iam_role": ("CRR301",),
    "iam_role_policy": NO_GRANT,
    "kms_key": ("CRR707",),
}
"""What is wrong once a resource is gone."""
KINDS = (*DELETED, "s3_bucket_replication_configuration")


class Told(NamedTuple):
    verdicts: list[str]
    errors: tuple[str, ...]
    needs: str


def told(folder: Path, *names: str) -> Told:
    """Lint some of the files of a change; every route has to be told without a crash."""
    for name in names:
        own = GOING / folder.name / name
        shutil.copy(own if own.exists() else GOING / name, folder)
    run = crrlint(".", "--format", "json", "--allow-empty", cwd=folder)
    report = json.loads(run.out)
    assert [] == report["errors"]
    return Told(
        [route["verdict"] for route in report["routes"]],
        tuple(sorted({f["rule"] for f in report["findings"] if f["severity"] == "error"})),
        " ".join(open_["needs"] or "" for open_ in report["undecided"]),
    )


def at(tmp_path: Path, change: str) -> Path:
    folder = tmp_path / change
    folder.mkdir()
    return folder


@pytest.mark.parametrize("names", [(STATE,), (PLAN,), (SAVED,), (PLAN, SAVED, STATE)])
def test_the_setup_works(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert ["works"] == told(at(tmp_path, "nothing"), *names).verdicts


@pytest.mark.parametrize("beside", [(), (STATE,), (SHOWN,), (SAVED,), (SAVED, STATE)])
@pytest.mark.parametrize("kind", DELETED)
def test_what_a_plan_deletes_is_gone(tmp_path: Path, kind: str, beside: tuple[str, ...]) -> None:
    found = told(at(tmp_path, f"delete-{kind}"), PLAN, *beside)

    if kind == "iam_role_policy" and SHOWN in beside:
        # Which account a policy is in, a state as it is shown does not tell.
        assert ["undecided"] == found.verdicts
    else:
        assert (["broken"], DELETED[kind]) == (found.verdicts, found.errors)


@pytest.mark.parametrize("beside", [(), (STATE,), (SHOWN,), (SAVED,), (SAVED, STATE)])
def test_a_configuration_that_is_deleted_makes_no_route(
    tmp_path: Path, beside: tuple[str, ...]
) -> None:
    folder = at(tmp_path, "delete-s3_bucket_replication_configuration")

    assert [] == told(folder, PLAN, *beside).verdicts


@pytest.mark.parametrize("beside", [(), (STATE,)])
@pytest.mark.parametrize("kind", DELETED)
def test_what_a_saved_plan_lacks_may_be_deleted(
    tmp_path: Path, kind: str, beside: tuple[str, ...]
) -> None:
    found = told(at(tmp_path, f"delete-{kind}"), SAVED, *beside)

    assert (["undecided"], ()) == (found.verdicts, found.errors)
    if kind not in ("s3_bucket", "iam_role"):
        assert "the plan as JSON beside it: terraform show -json" in found.needs


@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,), (SAVED, STATE)])
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_plan_forgets_stays(tmp_path: Path, kind: str, names: tuple[str, ...]) -> None:
    found = told(at(tmp_path, f"forget-{kind}"), *names)
    # Whose account a bucket is in that the configuration has no more, and which key a
    # configuration means by its id, the state tells.
    alone = {("s3_bucket", PLAN), ("s3_bucket_replication_configuration", SAVED)}
    verdict = "undecided" if len(names) == 1 and (kind, *names) in alone else "works"

    assert ([verdict], ()) == (found.verdicts, found.errors)


@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,), (SAVED, STATE)])
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_plan_replaces_is_there(tmp_path: Path, kind: str, names: tuple[str, ...]) -> None:
    found = told(at(tmp_path, f"replace-{kind}"), *names)

    assert (["works"], ()) == (found.verdicts, found.errors)


@pytest.mark.parametrize("beside", [(), (STATE,), (SHOWN,), (SAVED, STATE)])
def test_nothing_is_left_of_what_is_destroyed(tmp_path: Path, beside: tuple[str, ...]) -> None:
    assert [] == told(at(tmp_path, "destroy"), PLAN, *beside).verdicts


@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,)])
def test_a_plan_that_only_refreshes_leaves_everything(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    assert ["works"] == told(at(tmp_path, "refresh"), *names).verdicts


@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,), (SAVED, STATE)])
def test_what_a_plan_of_some_things_does_not_look_at_is_no_proof(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    found = told(at(tmp_path, "target"), *names)

    assert () == found.errors
    assert set(found.verdicts) <= {"undecided", "works"}


@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,), (SAVED, STATE)])
def test_a_moved_block_keeps_what_would_be_deleted(tmp_path: Path, names: tuple[str, ...]) -> None:
    assert ["works"] == told(at(tmp_path, "moved-s3_bucket_policy"), *names).verdicts


@pytest.mark.parametrize("kind", ["s3_bucket_policy", "iam_role_policy"])
@pytest.mark.parametrize("names", [(PLAN,), (PLAN, STATE), (SAVED,), (PLAN, SAVED)])
def test_what_is_deleted_and_made_in_no_order_is_no_proof(
    tmp_path: Path, kind: str, names: tuple[str, ...]
) -> None:
    found = told(at(tmp_path, f"renamed-{kind}"), *names)

    assert (["undecided"], ()) == (found.verdicts, found.errors)


def test_another_state_does_not_bring_back_what_is_deleted(tmp_path: Path) -> None:
    folder = at(tmp_path, "delete-s3_bucket")
    state = json.loads((GOING / STATE).read_text(encoding="utf-8"))
    kept = [r for r in state["resources"] if r["type"] != "aws_s3_bucket"]
    others = [r for r in state["resources"] if r["type"] == "aws_s3_bucket"]
    (folder / "one.tfstate").write_text(json.dumps({**state, "resources": kept}))
    (folder / "other.tfstate").write_text(
        json.dumps({**state, "lineage": "other", "resources": others})
    )

    assert ["broken"] == told(folder, PLAN).verdicts


def test_locked_objects_keep_their_versions(tmp_path: Path) -> None:
    folder = at(tmp_path, "delete-s3_bucket_versioning")
    text = gzip.decompress((GOING / folder.name / PLAN).read_bytes()).decode()
    (folder / "locked.json").write_text(
        text.replace('"object_lock_enabled":false', '"object_lock_enabled":true')
    )

    assert "CRR102" not in told(folder).errors
