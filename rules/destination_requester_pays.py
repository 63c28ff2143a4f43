from collections.abc import Iterator

from crrlint.api import Finding, Note, Route, rule


@rule(
    "CRR112",
    each=Route,
    severity="error",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
)
def destination_requester_pays(route: Route) -> Iterator[Finding]:
    """Destination in another account makes requesters pay.

    A destination bucket that belongs to another account than the source must not be
    configured as Requester Pays.

    ```yaml bad
    also:
      accounts/222222222222/s3/acme-replica/request-payment.json: |
        {"Payer": "Requester"}
    ```

    ```yaml undecided
    also:
      accounts/222222222222/s3/acme-replica/request-payment.err: |
        An error occurred (AccessDenied) when calling the GetBucketRequestPayment operation
    ```

    ## Fix

    Let the bucket's owner pay:
    `aws s3api put-bucket-request-payment --request-payment-configuration Payer=BucketOwner`.

    ```yaml good
    also:
      accounts/222222222222/s3/acme-replica/request-payment.json: |
        {"Payer": "BucketOwner"}
    ```
    """
    destination = route.destination
    if destination.value("request_payer") == "Requester" and route.cross_account:
        yield Finding(
            destination.at("request_payer"),
            f"destination bucket {destination} of account {destination.account} is Requester Pays",
            notes=(Note(route.rule.at("Destination", "Bucket"), "replication goes there"),),
            fix=f"aws s3api put-bucket-request-payment --bucket {destination} "
            "--request-payment-configuration Payer=BucketOwner",
        )
