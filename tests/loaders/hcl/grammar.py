"""Random expressions, most of them well typed, and values for the variables in them."""

from __future__ import annotations

import json
import random
import re
from typing import Any, Final

VARIABLES: Final = {
    "s": "string",
    "s2": "string",
    "e": "string",
    "n": "number",
    "m": "number",
    "b": "bool",
    "c": "bool",
    "y": "any",
    "ls": "list(string)",
    "ls2": "list(string)",
    "ln": "list(number)",
    "lo": "list(object({a = string, b = optional(number, 1)}))",
    "ss": "set(string)",
    "ss2": "set(string)",
    "ms": "map(string)",
    "mls": "map(list(string))",
    "o": "object({a = string, b = number, c = optional(string), d = optional(list(string), [])})",
    "mo": "map(object({a = string, b = optional(number, 1)}))",
    "t": "tuple([string, number, bool])",
}
STAGES: Final = ["dev", "prod"]
"""What a validation allows `e`."""

# A production a line.  `<kind>` is an expression of that kind; `@` names what a loop goes
# through, and `@k` its keys, which are texts.
_GRAMMAR: Final = {
    "any": """
        <string>
        <number>
        <bool>
        <list>
        <set>
        <map>
        <object>
        <tuple>
        var.y
    """,
    "plain": """
        <string>
        <number>
        <bool>
    """,
    "collection": """
        <list>
        <set>
        <map>
        <object>
        <tuple>
        <objects>
    """,
    "string": """
        "<word>-${<string>}"
        "${<string>}${<plain>}"
        (<bool> ? <string> : <string>)
        (<bool> ? <string> : <plain>)
        (<bool> ? <string> : null)
        "%{ if <bool> }<word>%{ else }${<string>}%{ endif }"
        "%{ for @ in <list> }${<string>},%{ endfor }"
        "%{ for @k, @ in <map> ~} ${<string>}, %{ endfor ~} "
        upper(<string>)
        title(<string>)
        trimspace(<string>)
        trimprefix(<string>, <string>)
        trimsuffix(<string>, <string>)
        trim(<string>, "ab")
        replace(<string>, "-", <string>)
        replace(<string>, "/[a-c]+/", <string>)
        join("-", <list>)
        join(",", <tuple>)
        format("%s-%s", <string>, <plain>)
        format("%v/%q", <plain>, <string>)
        format("%d", <number>)
        substr(<string>, <digit>, <digit>)
        strrev(<string>)
        coalesce(<string>, <string>)
        coalesce(<string>, null, <string>)
        try(<string>, <string>)
        try(<any>.a, <string>)
        try(<any>[<digit>], <string>)
        try(<any>[<string>], <string>)
        element(<list>, abs(<number>))
        <list>[<digit>]
        <map>[<string>]
        <object>.a
        lookup(<map>, <string>, <string>)
        coalesce(one(<list>), <string>)
        jsonencode(<any>)
        yamlencode(<any>)
        jsondecode(jsonencode(<object>)).a
        tostring(<plain>)
        regex("[a-z]+", <string>)
        split("-", <string>)[0]
        sort(<list>)[0]
        keys(<map>)[0]
        values(<map>)[0]
        md5(<string>)
        base64decode(base64encode(<string>))
        cidrsubnet("10.0.0.0/8", <digit>, <number>)
    """,
    "number": """
        (<number> + <number>)
        (<number> - <number>)
        (<number> * 2)
        (<number> / <number>)
        (<number> % <number>)
        (<bool> ? <number> : <number>)
        length(<collection>)
        length(<string>)
        max(<number>, <number>)
        max(<numbers>...)
        floor(<number>)
        abs(<number>)
        tonumber(<plain>)
        try(tonumber(<string>), <number>)
        parseint(<string>, 10)
        index(<list>, <string>)
        sum(<numbers>)
        coalesce(<number>, <number>)
        <numbers>[<digit>]
    """,
    "bool": """
        (<string> == <string>)
        (<string> != <string>)
        (<any> == <any>)
        (<list> == <list>)
        (<set> == <set>)
        (<map> == <map>)
        (<any> != null)
        (<number> < <number>)
        (<number> >= <number>)
        (<bool> && <bool>)
        (<bool> || <bool>)
        !<bool>
        can(<any>)
        can(<any>.a)
        can(<any>[0])
        can(tonumber(<string>))
        contains(<list>, <string>)
        contains(<set>, <string>)
        contains(keys(<map>), <string>)
        startswith(<string>, <string>)
        endswith(<string>, <string>)
        strcontains(<string>, <string>)
        alltrue([for @ in <list> : <bool>])
        anytrue([<bool>, <bool>])
        tobool(<plain>)
        (length(<collection>) > 0)
        (<bool> ? <bool> : <bool>)
        try(<bool>, <bool>)
    """,
    "list": """
        tolist(<tuple>)
        tolist(<set>)
        concat(<list>, <list>)
        concat(<list>, [<string>])
        sort(<list>)
        sort(<set>)
        distinct(<list>)
        distinct(<tuple>)
        compact(<list>)
        reverse(<list>)
        slice(<list>, 0, <digit>)
        keys(<map>)
        values(<map>)
        split("-", <string>)
        flatten([<list>, <set>])
        flatten([<list>, <string>])
        formatlist("%s-%s", <list>, <string>)
        (<bool> ? <list> : [])
        (<bool> ? <list> : <list>)
        coalescelist(<list>, <list>)
        chunklist(<list>, 2)[0]
        matchkeys(<list>, <list>, <list>)
        [for @ in setproduct(<list>, <set>) : join("-", @)]
        try(<list>, <list>)
        regexall("[a-z]", <string>)
        [for @ in <list> : <string>]
        [for @ in <set> : <string>]
        [for @ in <list> : @ if <bool>]
        [for @k, @ in <map> : "${@k}-${<string>}"]
        [for @ in <objects> : @.a]
        <objects>[*].a
        <string>[*]
        <any>[*]
        values(<mapped>)[*].a
        lookup(<lists>, <string>, <list>)
        jsondecode(jsonencode(<list>))
    """,
    "tuple": """
        [<string>, <string>]
        [<plain>]
        [<any>, <string>]
        [<string>, <any>]
        []
    """,
    "numbers": """
        [<number>, <number>]
        tolist([<number>])
        range(<number>)
        [for @ in <list> : length(@)]
        reverse(<numbers>)
        tolist(toset([<number>, <number>]))
    """,
    "set": """
        toset(<list>)
        toset(<tuple>)
        toset(keys(<map>))
        setunion(<set>, <list>)
        setintersection(<set>, <set>)
        setsubtract(<set>, <list>)
        (<bool> ? <set> : [])
        (<bool> ? <set> : toset([]))
        toset([for @ in <list> : upper(@)])
        try(<set>, <set>)
    """,
    "map": """
        tomap(<object>)
        merge(<map>, <map>)
        merge(<map>, null, <object>)
        zipmap(<list>, <list>)
        (<bool> ? <map> : {})
        (<bool> ? <map> : <object>)
        try(<map>, <map>)
        {a = <string>, (<string>) = <string>}
        {for @ in <list> : @ => <string>}
        {for @k, @ in <map> : @k => <string> if <bool>}
        {for @ in <list> : <string> => @...}
        merge([for @ in <list> : {(@) = <string>}]...)
        jsondecode(jsonencode(<map>))
    """,
    "lists": """
        {a = <list>}
        transpose(<lists>)
        {for @ in <list> : @ => <list>}
    """,
    "object": """
        {a = <string>}
        {a = <string>, b = <number>}
        {b = <any>, k = <string>}
        {}
        merge(<object>, <object>)
        (<bool> ? <object> : <object>)
        try(<any>, <object>)
        <objects>[0]
        <mapped>[<string>]
    """,
    "objects": """
        [{a = <string>, b = <number>}]
        [for @ in <list> : {a = @, b = 1}]
        values(<mapped>)
        concat(<objects>, <objects>)
        [for @ in <objects> : merge(@, {a = <string>})]
    """,
    "mapped": """
        {for @ in <objects> : @.a => @}
        {for @k, @ in <mapped> : @k => @ if <bool>}
        merge(<mapped>, {z = {a = <string>, b = 2}})
    """,
}
_LEAVES: Final = {
    "string": ["var.s", "var.s2", "var.e", "var.o.a", "var.o.c", "var.t[0]", '"dev"', '"a"', '""'],
    "number": ["var.n", "var.m", "var.o.b", "var.t[1]", "0", "1", "2", "1.5", '"2"'],
    "bool": ["var.b", "var.c", "var.t[2]", "true", "false"],
    "list": ["var.ls", "var.ls2", "var.o.d", 'tolist(["a", "b"])', '["a", "dev"]'],
    "tuple": ["var.t", '["a", 1]', "[]"],
    "numbers": ["var.ln", "[1, 2]"],
    "set": ["var.ss", "var.ss2", 'toset(["a", "b"])'],
    "map": ["var.ms", '{a = "x", b = "y"}', 'tomap({dev = "x"})'],
    "lists": ["var.mls", '{a = ["x"], b = ["x", "y"]}'],
    "object": ["var.o", '{a = "x", b = 1}', "{}"],
    "objects": ["var.lo", '[{a = "x", b = 1}, {a = "y", b = 2}]'],
    "mapped": ["var.mo", '{k = {a = "x", b = 1}}'],
}
_WORDS: Final = ["a", "b", "c", "dev", "prod", "x/y", "a-b", "", "1", "true", "A", "k1"]
_PRODUCTIONS: Final = {
    kind: [line.strip() for line in text.strip().splitlines()] for kind, text in _GRAMMAR.items()
}
_PART: Final = re.compile(r"<(\w+)>|@k?")
_ILL_TYPED: Final = 0.03


class Grammar:
    """Makes expressions; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names: list[str] = []
        self._count = 0

    def expression(self, depth: int) -> str:
        kind = self._random.choice(list(_LEAVES))
        return self._of(kind, depth)

    def of(self, kind: str, depth: int) -> str:
        return self._of(kind, depth)

    def _of(self, kind: str, depth: int) -> str:
        choose = self._random
        if kind == "word":
            return choose.choice(["p", "arn:aws:s3:::", "a/", ""])
        if kind == "digit":
            return choose.choice(["0", "1", "2", "3", "-1"])
        if kind in _LEAVES and choose.random() < _ILL_TYPED:
            kind = choose.choice(list(_LEAVES))
        if kind == "string" and self._names and choose.random() < 0.4:
            return choose.choice(self._names)
        if kind in _LEAVES and (depth <= 0 or choose.random() < 0.2):
            return choose.choice(_LEAVES[kind])
        return self._produced(choose.choice(_PRODUCTIONS[kind]), depth)

    def _produced(self, production: str, depth: int) -> str:
        self._count += 1
        value, key = f"v{self._count}", f"k{self._count}"
        before = list(self._names)
        made, at = [], 0
        for found in _PART.finditer(production):
            made.append(production[at : found.start()])
            at = found.end()
            if found[1] is not None:
                made.append(self._of(found[1], depth - 1))
                if "@" in production[: found.start()] and " in " in production[: found.start()]:
                    # The collection of a loop is made outside it, all that follows inside.
                    self._names = [*before, value, *([key] if "@k" in production else [])]
            else:
                made.append(key if found[0] == "@k" else value)
        self._names = before
        return "".join([*made, production[at:]])


def expressions(seed: int, count: int, depth: int) -> list[str]:
    grammar = Grammar(seed)
    made: list[str] = []
    while len(made) < count:
        text = grammar.expression(depth)
        if len(text) < 600:
            made.append(text)
    return made


def values(seed: int) -> dict[str, Any]:
    """Return a value for each variable."""
    choose = random.Random(seed)

    def word() -> str:
        return choose.choice(_WORDS)

    def number() -> float:
        return choose.choice([0, 1, 2, 3, -1, 1.5, 10])

    def words() -> list[str]:
        return [word() for _ in range(choose.choice([0, 1, 2, 2, 3]))]

    def keyed(make: Any) -> dict[str, Any]:
        keys = ["a", "b", "c", "dev", "k1"]
        return {choose.choice(keys): make() for _ in range(choose.choice([0, 1, 2, 2, 3]))}

    def one() -> dict[str, Any]:
        return choose.choice([{"a": word()}, {"a": word(), "b": number()}])

    return {
        "s": word(),
        "s2": word(),
        "e": choose.choice(STAGES),
        "n": number(),
        "m": number(),
        "b": choose.random() < 0.5,
        "c": choose.random() < 0.5,
        "y": choose.choice([word(), number(), True, words(), one(), [1, "a"], {}]),
        "ls": words(),
        "ls2": words(),
        "ln": [number() for _ in range(choose.choice([0, 1, 2, 3]))],
        "lo": [one() for _ in range(choose.choice([0, 1, 2]))],
        "ss": words(),
        "ss2": words(),
        "ms": keyed(word),
        "mls": keyed(words),
        "o": choose.choice(
            [
                {"a": word(), "b": number(), "c": word()},
                {"a": word(), "b": number(), "c": word(), "d": words()},
            ]
        ),
        "mo": keyed(one),
        "t": [word(), number(), choose.random() < 0.5],
    }


def declarations() -> str:
    made = [f'variable "{name}" {{\n  type = {type}\n}}\n' for name, type in VARIABLES.items()]
    stages = (
        f"  validation {{\n    condition     = contains({json.dumps(STAGES)}, var.e)\n"
        '    error_message = "no stage"\n  }\n}\n'
    )
    return "".join(
        text.removesuffix("}\n") + stages if text.startswith('variable "e"') else text
        for text in made
    )
