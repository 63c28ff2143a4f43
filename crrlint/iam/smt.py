"""The search put to an SMT solver, for formulas that take the automaton too many states.

The solver is cvc5, an optional extra.  Its answer "there is none" is taken; a text that it
finds is checked by our own matcher first.
"""

from __future__ import annotations

from typing import Any, Final

from crrlint.iam.globs import FIRST_SYMBOL, RESERVED, SEPARATORS, Glob
from crrlint.iam.logic import Formula, Leaf
from crrlint.iam.search import TooComplex, leaves_of, others

MILLISECONDS: Final = 500
_POSITIONS: Final = 4000
_SHORTER: Final = 6
_LAST_CHARACTER: Final = chr(0x2FFFF)
"""The end of the alphabet of SMT-LIB's strings."""


def find(goal: Formula, least: int, most: int) -> str | None:
    """Return a text of `least` to `most` characters that makes the goal true.

    It is a short one, not always the shortest.  Raises `TooComplex` when cvc5 is not
    installed, or does not know in time.
    """
    try:
        import cvc5
    except ImportError:
        raise TooComplex from None
    leaves = leaves_of(goal, [])
    if sum(leaf.glob.size for leaf in leaves) > _POSITIONS:
        raise TooComplex
    search = _Search(cvc5, leaves)
    found: str | None = search.solve(goal, least, most)
    if found is None:
        return None
    if not holds(goal, found):
        raise TooComplex
    for _ in range(_SHORTER if len(found) > least else 0):
        try:
            shorter = search.solve(goal, least, len(found) - 1)
        except TooComplex:
            break
        if shorter is None or not holds(goal, shorter):
            break
        found = shorter
    return found


def holds(formula: Formula, text: str) -> bool:
    """Tell whether a text makes a formula true, one glob at a time."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Leaf):
        state = formula.start
        for c in text:
            state = formula.glob.step(state, c)
        return bool(state & formula.glob.end)
    if formula.op == "!":
        return not holds(formula.items[0], text)
    answers = (holds(item, text) for item in formula.items)
    return any(answers) if formula.op == "|" else all(answers)


def _bars_separators(glob: Glob) -> bool:
    in_name = glob.any_in_name | glob.loops_in_name
    return bool(in_name | glob.any_in_field | glob.loops_in_field)


class _Search:
    """A formula as assertions about one string, over the characters that it tells apart."""

    def __init__(self, cvc5: Any, leaves: list[Leaf]) -> None:
        self._cvc5 = cvc5
        self._terms = cvc5.TermManager()
        named = {c for leaf in leaves for c in leaf.glob.edges if c < RESERVED}
        if any(_bars_separators(leaf.glob) for leaf in leaves):
            named |= SEPARATORS
        if any(c > _LAST_CHARACTER for c in named):
            raise TooComplex
        # One other character stands for all that no glob names.
        self._alphabet = [*sorted(named), next(c for c in others() if c not in named)]
        self._text = self._terms.mkConst(self._terms.getStringSort(), "key")
        self._memo: dict[tuple[int, int], Any] = {}

    def solve(self, goal: Formula, least: int, most: int) -> str | None:
        terms, kind = self._terms, self._cvc5.Kind
        solver = self._cvc5.Solver(terms)
        solver.setLogic("QF_SLIA")
        solver.setOption("produce-models", "true")
        solver.setOption("tlimit-per", str(MILLISECONDS))
        length = terms.mkTerm(kind.STRING_LENGTH, self._text)
        solver.assertFormula(terms.mkTerm(kind.GEQ, length, terms.mkInteger(least)))
        solver.assertFormula(terms.mkTerm(kind.LEQ, length, terms.mkInteger(most)))
        solver.assertFormula(self._in(self._star(self._alphabet)))
        solver.assertFormula(self._term(goal))
        answer = solver.checkSat()
        if answer.isUnsat():
            return None
        if not answer.isSat():
            raise TooComplex
        found: str = solver.getValue(self._text).getStringValue()
        return found

    def _term(self, formula: Formula) -> Any:
        terms, kind = self._terms, self._cvc5.Kind
        if isinstance(formula, bool):
            return terms.mkBoolean(formula)
        if isinstance(formula, Leaf):
            return self._in(self._language(formula.glob, formula.start))
        items = [self._term(item) for item in formula.items]
        if formula.op == "!":
            return terms.mkTerm(kind.NOT, items[0])
        if len(items) == 1:
            return items[0]
        return terms.mkTerm(kind.OR if formula.op == "|" else kind.AND, *items)

    def _in(self, language: Any) -> Any:
        return self._terms.mkTerm(self._cvc5.Kind.STRING_IN_REGEXP, self._text, language)

    def _language(self, glob: Glob, start: int) -> Any:
        """Return the texts that lead from any of the positions in `start` to the end."""
        key = (id(glob), start)
        if key not in self._memo:
            self._memo[key] = self._union(
                [self._from(glob, p) for p in range(glob.size) if start >> p & 1]
            )
        return self._memo[key]

    def _from(self, glob: Glob, position: int) -> Any:
        parts: list[Any] = []
        bit = 1 << position
        while bit <= glob.end:
            if glob.loops & bit:
                parts.append(self._star(self._alphabet))
            elif glob.loops_in_field & bit:
                parts.append(self._star([c for c in self._alphabet if c != ":"]))
            elif glob.loops_in_name & bit:
                parts.append(self._star([c for c in self._alphabet if c not in SEPARATORS]))
            if bit < glob.end:
                parts.append(self._one(self._passing(glob, bit)))
            bit <<= 1
        terms, kind = self._terms, self._cvc5.Kind
        if not parts:
            return terms.mkTerm(kind.STRING_TO_REGEXP, terms.mkString(""))
        return parts[0] if len(parts) == 1 else terms.mkTerm(kind.REGEXP_CONCAT, *parts)

    def _passing(self, glob: Glob, bit: int) -> list[str]:
        """Return the characters that move a glob on; no key holds a symbol."""
        if glob.any & bit:
            return self._alphabet
        if glob.any_in_field & bit:
            return [c for c in self._alphabet if c != ":"]
        if glob.any_in_name & bit:
            return [c for c in self._alphabet if c not in SEPARATORS]
        return [c for c, mask in glob.edges.items() if mask & bit and ord(c) < FIRST_SYMBOL]

    def _star(self, characters: list[str]) -> Any:
        return self._terms.mkTerm(self._cvc5.Kind.REGEXP_STAR, self._one(characters))

    def _one(self, characters: list[str]) -> Any:
        terms, kind = self._terms, self._cvc5.Kind
        return self._union(
            [terms.mkTerm(kind.STRING_TO_REGEXP, terms.mkString(c, False)) for c in characters]
        )

    def _union(self, languages: list[Any]) -> Any:
        terms, kind = self._terms, self._cvc5.Kind
        if not languages:
            return terms.mkRegexpNone()
        return languages[0] if len(languages) == 1 else terms.mkTerm(kind.REGEXP_UNION, *languages)
