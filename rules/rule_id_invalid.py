from collections.abc import Iterator

from crrlint.api import Finding, Route, literals, rule

_LONGEST = 255


@rule(
    "CRR206",
    each=Route,
    severity="error",
    failure="InvalidArgument",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
def rule_id_invalid(route: Route) -> Iterator[Finding]:
    """Id of a replication rule is one that S3 does not take.

    An id has at most 255 characters, all of them ASCII: no umlauts, accents, dashes
    or quotes that a word processor puts in.  S3 refuses the configuration.  Without an
    id, S3 makes one up.

    ```yaml bad
    rule: {Id: logs für das Archiv}
    ```

    ```yaml undecided
    rule: {Id: !If [Perhaps, logs für das Archiv, logs]}
    ```

    ## Fix

    Write a shorter id, or another.

    ```yaml good
    rule: {Id: logs fuer das Archiv}
    ```
    """
    identifier = route.rule.id
    # What a symbol stands for is taken to be in order: only what is written counts.
    written = "".join(literals(identifier))
    name = f"replication rule {route.rule.index + 1} of bucket {route.source}"
    if len(written) > _LONGEST:
        yield Finding(
            route.rule.at("ID"),
            f"id of {name} has {len(written)} characters, S3 takes {_LONGEST}",
            fix=f"ID: {written[:40].rstrip()}",
        )
        return
    foreign = next((letter for letter in written if not letter.isascii()), None)
    if foreign is not None:
        yield Finding(
            route.rule.at("ID"),
            f"id {identifier} of {name} holds {foreign}, which is not ASCII",
            fix=f"ID: {_in_ascii(written)}" if isinstance(identifier, str) else "",
        )


def _in_ascii(text: str) -> str:
    """Return the text without accents, and with hyphens for what has no letter of its own."""
    from unicodedata import combining, normalize

    bare = (letter for letter in normalize("NFKD", text) if not combining(letter))
    return "".join(letter if letter.isascii() else "-" for letter in bare)
