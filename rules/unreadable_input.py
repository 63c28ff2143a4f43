from collections.abc import Iterator

from crrlint.api import Finding, Problem, rule

# What a problem's message begins with when the file itself is its subject.
_PREDICATES = ("is ", "are ", "has ", "holds ", "declares ", "ends ", "cannot ", "could not ")


@rule(
    "CRR001",
    each=Problem,
    severity="error",
    source="https://docs.aws.amazon.com/cli/latest/reference/s3api/get-bucket-replication.html",
)
def unreadable_input(problem: Problem) -> Iterator[Finding]:
    """File cannot be read as what it claims to be.

    A file is truncated, is not valid in its own format, refers to something that it
    does not hold, or exceeds a limit.  Nothing is concluded from the part that could
    not be read, so a route that needs it stays undecided; all other files are read.

    ```yaml bad
    also:
      broken.yaml: "Resources: ["
    ```

    ## Fix

    Repair the file, or leave it out of the paths that are checked.

    ```yaml good
    also:
      whole.yaml: "Resources: {Topic: {Type: AWS::SNS::Topic}}"
    ```
    """
    separator = " " if problem.message.startswith(_PREDICATES) else ": "
    yield Finding(problem, f"{problem.path}{separator}{problem.message}")
