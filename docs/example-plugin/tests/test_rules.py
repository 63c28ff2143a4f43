import pytest

from crrlint.authoring import examples
from crrlint.run import ruleset
from crrlint.run.rule import Rule

RULES = ruleset.load()
OURS = [rule for rule in RULES if rule.id.startswith("ACME")]


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.name)
def test_the_examples_show_the_rule(rule: Rule) -> None:
    assert [] == examples.faults(rule, RULES)
