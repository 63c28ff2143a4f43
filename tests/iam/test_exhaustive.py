"""Answers and shortest keys, against every key and every context tried one by one."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crrlint.iam import ABSENT, UNKNOWN
from tests.iam.asking import OTHER_ACCOUNT, ask

LETTERS = "ab/"
LONGEST = 5
# One value at least for every way in which the patterns of two letters below can differ.
VALUES: tuple[str | None, ...] = (
    None,
    *("".join(letters) for length in (1, 2, 3) for letters in product("az", repeat=length)),
)


@cache
def glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return glob(pattern[1:], text) or (text != "" and glob(pattern, text[1:]))
    return text != "" and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def passes(operator: str, wanted: list[str], value: str | None) -> bool:
    if operator == "Null":
        return any((w == "true") == (value is None) for w in wanted)
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    negated = "Not" in operator
    if value is None:
        return if_exists or negated
    if operator.endswith("Like"):
        return any(glob(w, value) for w in wanted) != negated
    return (value in wanted) != negated


def applies(statement: dict[str, Any], key: str, context: dict[str, str | None]) -> bool:
    name = "arn:aws:s3:::dest/" + key
    if "Resource" in statement:
        if not any(glob(r, name) for r in statement["Resource"]):
            return False
    elif any(glob(r, name) for r in statement["NotResource"]):
        return False
    return all(
        passes(operator, values, context[k])
        for operator, keys in statement.get("Condition", {}).items()
        for k, values in keys.items()
    )


def refused(
    identity: list[Any], bucket: list[Any], same: bool, key: str, context: dict[str, str | None]
) -> bool:
    hits = [[s for s in ss if applies(s, key, context)] for ss in (identity, bucket)]
    if any(s["Effect"] == "Deny" for ss in hits for s in ss):
        return True
    allowed = [any(s["Effect"] == "Allow" for s in ss) for ss in hits]
    return not (any(allowed) if same else all(allowed))


def resources(longest: int) -> st.SearchStrategy[list[str]]:
    ends = st.text(alphabet="ab/*?", max_size=longest)
    return st.lists(ends.map("arn:aws:s3:::dest/".__add__), min_size=1, max_size=3)


words = st.lists(st.text(alphabet="a*?", min_size=1, max_size=2), min_size=1, max_size=2)
plain = st.lists(st.text(alphabet="az", min_size=1, max_size=2), min_size=1, max_size=2)
suffix = st.sampled_from(["", "IfExists"])
conditions = st.dictionaries(
    st.sampled_from(["k:one", "k:two"]),
    st.one_of(
        st.tuples(st.sampled_from(["StringLike", "StringNotLike"]), suffix, words),
        st.tuples(st.sampled_from(["StringEquals", "StringNotEquals"]), suffix, plain),
        st.tuples(st.just("Null"), st.just(""), st.sampled_from([["true"], ["false"]])),
    ),
    max_size=1,
).map(lambda found: {op + end: {k: values} for k, (op, end, values) in found.items()})


@st.composite
def statements(draw: st.DrawFn, longest: int) -> dict[str, Any]:
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        "Action": "s3:*",
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(resources(longest)),
        "Condition": draw(conditions),
    }


policies = st.lists(statements(4), max_size=4)
small = st.lists(statements(2), max_size=4)


def keys(prefix: str) -> list[str]:
    return [
        prefix + "".join(letters)
        for length in range(LONGEST + 1)
        for letters in product(LETTERS + "x", repeat=length)
        if prefix or letters
    ]


def shared(bucket: list[Any]) -> list[Any]:
    return [{**s, "Principal": "*"} for s in bucket]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(policies, policies, st.booleans(), st.sampled_from(["", "a", "ab", "a/"]), st.data())
def test_with_a_known_context_answer_and_shortest_key_are_right(
    identity: list[Any], bucket: list[Any], same: bool, prefix: str, data: st.DataObject
) -> None:
    context = {k: data.draw(st.sampled_from(VALUES)) for k in ("k:one", "k:two")}
    decision = ask(
        *identity,
        bucket=shared(bucket),
        prefix=prefix,
        owner="111111111111" if same else OTHER_ACCOUNT,
        context={k: ABSENT if v is None else v for k, v in context.items()},
    )
    found = [k for k in keys(prefix) if refused(identity, bucket, same, k, context)]
    if not found:
        # A refused key longer than those that were tried is one all the same.
        longer = decision.counterexample
        assert decision.verdict == "allowed" or (
            longer is not None
            and len(longer) > len(prefix) + LONGEST
            and refused(identity, bucket, same, longer, context)
        )
        return
    assert decision.verdict == "denied"
    shortest = [c.counterexample for c in decision.clauses if c.outcome == "fails"]
    assert min(len(k) for k in found) == min(len(k or "") for k in shortest)
    assert all(k is not None and refused(identity, bucket, same, k, context) for k in shortest)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(small, small, st.booleans(), st.sampled_from(["", "a"]))
def test_with_an_unknown_context_the_answer_is_right(
    identity: list[Any], bucket: list[Any], same: bool, prefix: str
) -> None:
    decision = ask(
        *identity,
        bucket=shared(bucket),
        prefix=prefix,
        owner="111111111111" if same else OTHER_ACCOUNT,
        context={"k:one": UNKNOWN},
    )
    worlds = [dict(zip(("k:one", "k:two"), v, strict=True)) for v in product(VALUES, repeat=2)]
    named = {k for s in identity + bucket for c in s["Condition"].values() for k in c}
    if len(named) < 2:
        worlds = worlds[:: len(VALUES)] if named == {"k:one"} else worlds[: len(VALUES)]
    short = [k for k in keys(prefix) if len(k) <= len(prefix) + 3]
    each = [{k for k in short if refused(identity, bucket, same, k, w)} for w in worlds]
    if decision.verdict == "allowed":
        assert not any(each)
    elif decision.verdict == "denied":
        key = decision.counterexample
        assert key is not None
        assert all(refused(identity, bucket, same, key, w) for w in worlds) or all(each)
    else:
        assert not all(each)
