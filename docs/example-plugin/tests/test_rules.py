import pytest

from crrlint import examples, ruleset
from crrlint.rule import Rule

RULES = ruleset.load()
OURS = [rule for rule in RULES if rule.id.startswith("ACME")]


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.name)
def test_the_examples_show_the_rule(rule: Rule) -> None:
    assert [] == examples.faults(rule, RULES)
