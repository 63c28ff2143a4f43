"""The proof of a route, for scripts: the contract of `schemas/why.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crrlint import __version__
from crrlint.access.citations import Cited
from crrlint.documents.places import Places
from crrlint.report.json import as_finding, as_open, as_route, place
from crrlint.report.proof import Answer, Case, Check, Proof, Step, Unneeded
from crrlint.run.lint import Report

if TYPE_CHECKING:
    from crrlint.report import Style


def render(proofs: Sequence[Proof], report: Report, style: Style) -> str:
    data = {
        "version": 1,
        "tool": {"name": "crrlint", "version": __version__},
        "proofs": [_proof(proof, report.places) for proof in proofs],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _proof(proof: Proof, places: Places) -> dict[str, Any]:
    return {
        "route": as_route(proof.result, places),
        "given": list(proof.given),
        "requirements": [_step(step, places) for step in proof.steps],
        "not_required": [_unneeded(one) for one in proof.unneeded],
        "findings": [as_finding(reported, places) for reported in proof.faults],
        "undecided": [as_open(open_, places) for open_ in proof.undecided],
    }


def _step(step: Step, places: Places) -> dict[str, Any]:
    return {
        "purpose": step.purpose,
        "side": step.need.on,
        **_answer(step.answer, places),
        "otherwise": step.loss or None,
        "cases": [_case(case, places) for case in step.cases],
    }


def _unneeded(one: Unneeded) -> dict[str, Any]:
    return {
        "purpose": one.purpose,
        "side": one.need.on,
        "action": one.need.action,
        "reason": one.why,
    }


def _case(case: Case, places: Places) -> dict[str, Any]:
    answer = None if case.answer is None else _answer(case.answer, places)
    return {"condition": case.condition, "answer": answer}


def _answer(answer: Answer, places: Places) -> dict[str, Any]:
    failing = answer.failing
    return {
        "action": answer.action,
        "resource": answer.resource,
        "verdict": answer.verdict,
        "counterexample": (
            None if failing is None else {"action": answer.action, "resource": failing}
        ),
        "reason": answer.reason or None,
        "needs": answer.needs or None,
        "checks": [_check(check, places) for check in answer.checks],
    }


def _check(check: Check, places: Places) -> dict[str, Any]:
    return {
        "layer": check.layer,
        "policies": check.where,
        "kind": check.kind,
        "outcome": check.outcome,
        "statements": [_cited(cited, places) for cited in check.statements],
        "nearest": [{**_cited(c, places), "lacks": c.lacks} for c in check.nearest],
        "needs": check.needs or None,
    }


def _cited(cited: Cited, places: Places) -> dict[str, Any]:
    return {
        "layer": cited.layer,
        "policy": cited.policy,
        "sid": cited.sid,
        "index": cited.position,
        "location": None if cited.at is None else place(cited.at, places),
    }
