"""Each rule's form, and each example of each rule under all rules together."""

from __future__ import annotations

import os
import re
import textwrap

import pytest

from crrlint.authoring.examples import Example, examples, run, wrong
from crrlint.documents.ignores import Ignore
from crrlint.documents.source import Problem
from crrlint.run import config, ruleset
from crrlint.run.rule import SEVERITIES, Rule

RULES = ruleset.load()

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}-{example.kind}-{number}")
    for rule in RULES
    for number, example in enumerate(examples(rule), 1)
]


def by_name(rule: Rule) -> str:
    return rule.name


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_rule_is_named_as_its_file(rule: Rule) -> None:
    assert rule.name.replace("-", "_") + ".py" == os.path.basename(rule.path)


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_rule_cites_aws(rule: Rule) -> None:
    assert rule.source.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_rule_says_what_is_wrong_and_how_to_mend_it(rule: Rule) -> None:
    assert 0 < len(rule.title) < 60
    assert "\n## Fix\n" in rule.text
    assert rule.severity in SEVERITIES


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_rule_shows_every_outcome(rule: Rule) -> None:
    # An input can be read or it cannot, an ignore does something or not: nothing is open.
    settled = rule.each in (Problem, Ignore)
    outcomes = {"bad", "good"} if settled else {"bad", "good", "undecided"}

    assert outcomes == {example.kind for example in examples(rule)}


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_examples_run_under_options_that_the_rule_has(rule: Rule) -> None:
    fence = re.search(r"^```yaml options\n(.*?)^```$", rule.text, re.DOTALL | re.MULTILINE)
    written = textwrap.indent(fence[1] if fence else "severity: note", "    ")
    text = f"crrlint: 1\nrules:\n  {rule.id}:\n{written}\n"
    found = config.load("crrlint.yaml", text, str, str)

    config.check_rules(found, ruleset.options([rule]))


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_shows_its_rule_and_no_other(rule: Rule, example: Example) -> None:
    assert "" == wrong(example, rule, run(example, rule, RULES))
