from collections.abc import Iterator

from crrlint.api import Finding, Route, rule

CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
)


@rule(
    "CRR228",
    each=Route,
    severity="error",
    failure="MalformedXML",
    source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html",
)
def storage_class_invalid(route: Route) -> Iterator[Finding]:
    """Storage class is none that replicas can have.

    Replicas can be stored in eight classes; without one they take the class of their
    source.  The SDKs know more (`OUTPOSTS`, `EXPRESS_ONEZONE`, `SNOW`, ...), which are
    not for buckets that replicate.

    ```yaml bad
    rule:
      Destination: {StorageClass: GLACIER_DEEP_ARCHIVE}
    ```

    ```yaml bad
    rule:
      Destination: {StorageClass: EXPRESS_ONEZONE}
    ```

    ```yaml undecided
    rule:
      Destination: {StorageClass: !Ref Unset}
    ```

    ## Fix

    Name one of the classes, as the API writes it.

    ```yaml good
    rule:
      Destination: {StorageClass: GLACIER_IR}
    ```
    """
    storage = route.rule.value("Destination", "StorageClass")
    if storage is not None and not any(storage == name for name in CLASSES):
        yield Finding(
            route.rule.at("Destination", "StorageClass"),
            f"storage class {storage} of replication rule {route} is none for replicas",
            fix=f"StorageClass: {_near(str(storage))}",
        )


def _near(name: str) -> str:
    """Return the classes that may be meant."""
    from difflib import get_close_matches

    return " or ".join(get_close_matches(name.upper(), CLASSES, 2) or CLASSES)
