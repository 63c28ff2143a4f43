import re
from collections.abc import Iterator

from crrlint.api import Finding, Route, Symbolic, rule

_SYMBOL = "\0"
_WAYS = (("Filter", "And", "Prefix"), ("Filter", "Prefix"), ("Prefix",))

# What people write who take the prefix for a pattern.  Parentheses, brackets and other
# characters by themselves are in real names: `Report (2).pdf`, `[draft]/`, `a_$folder$`.
_PATTERNS = (
    ("a wildcard", r"\*"),
    # `page?id=1` is the name of something that was fetched from the web.
    ("a wildcard", r"\?(?=.)(?![A-Za-z_][\w.-]*=)"),
    ("a variable", r"\$\{[^{}]+\}|\{\{[^{}]*\}\}"),
    ("an expression", r"\A\^|\.\+(?=\Z|[/)$])"),
    ("an expression", r"\[\^?(?:0-9|a-z|A-Z)|\([^()]*\|[^()]*\)|\{[^{}]*,[^{}]*\}"),
)


@rule(
    "CRR240",
    each=Route,
    severity="warning",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
)
def prefix_never_matches(route: Route) -> Iterator[Finding]:
    """Prefix is written as keys never are.

    S3 compares the prefix with the start of the key, letter by letter: there are no
    wildcards, no expressions and no variables in it.  Keys do not begin with a slash
    either: the object that the console shows in the folder `logs` is `logs/...`.  A
    prefix of another form selects nothing, and S3 does not complain: the objects get
    no replication status.

    A key can hold any character, so this is no error.  Where the input holds an object
    whose key does begin with the prefix, nothing is said.

    ```yaml bad
    rule:
      Filter: {Prefix: /logs/}
    ```

    ```yaml bad
    rule:
      Filter: {Prefix: "logs/*"}
    ```

    ```yaml bad
    rule:
      Filter: {Prefix: "${AWS::AccountId}/logs/"}
    ```

    ```yaml undecided
    rule:
      Filter: {Prefix: !Ref Unset}
    ```

    ## Fix

    Write the start of the keys as it is.  It needs no `*` at the end, and an empty
    prefix selects everything.

    ```yaml good
    rule:
      Filter: {Prefix: logs/}
    ```

    ```yaml good
    rule:
      Filter: {Prefix: !Sub "${AWS::AccountId}/logs/"}
    ```
    """
    if not route.enabled:
        return
    prefix = route.rule.prefix
    if not isinstance(prefix, str | Symbolic):
        # Raises for what is not known; another rule reports what is no text.
        _ = prefix == ""
        return
    text = _literally(prefix)
    fault = _fault(text)
    if fault is None and isinstance(prefix, Symbolic) and _is_open(prefix):
        raise prefix.undecided()
    if fault is None or _holds_such_a_key(route, text):
        return
    way = next((way for way in _WAYS if route.rule.has(*way)), ())
    message, fix = fault
    yield Finding(
        route.rule.at(*way),
        f"prefix {prefix} of replication rule {route} {message}",
        fix=fix,
    )


def _literally(prefix: str | Symbolic) -> str:
    """Return the text with a sign of no meaning for each symbol."""
    if isinstance(prefix, str):
        return prefix
    return "".join(part if isinstance(part, str) else _SYMBOL for part in prefix.parts)


def _is_open(prefix: Symbolic) -> bool:
    return any(symbol.form == "any" for symbol in prefix.symbols)


def _fault(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a prefix, and what to write; None where it is in order."""
    _, what, written = min(_patterns(text), default=(0, "", ""))
    if what == "a variable":
        return f"holds {written} literally", f"the value of {written}; in CloudFormation, !Sub"
    if text.startswith("/"):
        return "begins with a slash, which keys do not", _fix(text)
    return (f"holds {what}, which S3 takes literally", _fix(text)) if what else None


def _patterns(text: str) -> Iterator[tuple[int, str, str]]:
    for what, pattern in _PATTERNS:
        for match in re.finditer(pattern, text):
            yield match.start(), what, match[0]


def _fix(text: str) -> str:
    """Return what stands before the first pattern."""
    text = text.lstrip("^/")
    end, _, _ = min(_patterns(text), default=(len(text), "", ""))
    if end == 0 or _SYMBOL in text[:end]:
        return "the letters that the keys begin with"
    return f'Prefix: "{text[:end]}"'


def _holds_such_a_key(route: Route, text: str) -> bool:
    """Tell whether the input proves that keys can be so."""
    start = text.partition(_SYMBOL)[0]
    return any(fact.key.startswith(start) for fact in route.source.objects)
