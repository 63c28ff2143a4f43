from collections.abc import Iterator

from crrlint.api import Configuration, Finding, Flaw, dotted, flaws, meant, rule, shown


@rule(
    "CRR201",
    each=Configuration,
    severity="error",
    failure="MalformedXML; The XML you provided was not well-formed or did not validate against "
    "our published schema",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_ReplicationRule.html",
)
def configuration_malformed(configuration: Configuration) -> Iterator[Finding]:
    """Replication configuration breaks S3's schema.

    A member that S3 requires is missing, or a value is of the wrong type or not one
    of the words that S3 takes; the words are case-sensitive.  S3 refuses the whole
    configuration.

    ```yaml bad
    rule: {Status: enabled}
    ```

    ```yaml bad
    rule:
      Destination: {Bucket: null}
    ```

    ```yaml bad
    configuration: {Role: null}
    ```

    ```yaml bad
    configuration: {Rules: []}
    ```

    ```yaml undecided
    rule: {Status: !Ref Unset}
    ```

    ## Fix

    Supply what is missing, and write values as the API documents them.

    ```yaml good
    rule: {Status: Enabled}
    ```
    """
    found = list(flaws(configuration.node))
    misspelt = [meant(flaw) for flaw in found if flaw.kind == "unknown"]
    faults = [flaw for flaw in found if flaw.kind not in ("unknown", "gap")]
    for flaw in faults:
        # The misspelt member is the fault then, and has a rule of its own.
        if flaw.way not in misspelt:
            yield Finding(flaw.at, _message(configuration, flaw), fix=_fix(flaw))
    gap = next((flaw for flaw in found if flaw.kind == "gap"), None)
    if gap is not None and not faults:
        raise gap.value.undecided()


def _message(configuration: Configuration, flaw: Flaw) -> str:
    if flaw.kind == "missing":
        parent = dotted(flaw.way[:-1])
        where = f"{parent} in the {configuration}" if parent else str(configuration)
        return f"{where} has no {flaw.way[-1]}"
    where = f"{dotted(flaw.way)} in the {configuration}"
    if flaw.kind == "empty":
        return f"{where} is empty"
    return f"{where} is {shown(flaw.value)}, not {' or '.join(flaw.allowed)}"


def _fix(flaw: Flaw) -> str:
    return f"{flaw.way[-1]}: {flaw.allowed[0]}" if flaw.kind == "value" else ""
