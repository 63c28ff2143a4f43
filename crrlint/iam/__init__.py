"""IAM's authorization, decided for every object key at once.

    decision = decide(Request(...), World(...))

answers `allowed`, `denied` with a refused key, or `unknown` with what is missing.
"""

from crrlint.iam.context import ABSENT, PRESENT, UNKNOWN, ContextValue, OneOfValues
from crrlint.iam.decide import Decision, decide
from crrlint.iam.judge import CALLER, OWNER, Clause
from crrlint.iam.layers import World
from crrlint.iam.policy import Condition, Policy, Statement
from crrlint.iam.principals import Principal
from crrlint.iam.question import Request

__all__ = [
    "ABSENT",
    "CALLER",
    "OWNER",
    "PRESENT",
    "UNKNOWN",
    "Clause",
    "Condition",
    "ContextValue",
    "Decision",
    "OneOfValues",
    "Policy",
    "Principal",
    "Request",
    "Statement",
    "World",
    "decide",
]
