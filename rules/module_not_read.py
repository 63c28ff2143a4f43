import re
from collections.abc import Iterator

from crrlint.api import Finding, Unread, rule

_BUCKETS = re.compile(r"s3[-_]?bucket|s3[-_]?crr|replicat", re.IGNORECASE)


@rule(
    "CRR004",
    each=Unread,
    severity="note",
    source="https://docs.aws.amazon.com/prescriptive-guidance/latest/terraform-aws-provider-best-practices/community.html",
)
def module_not_read(module: Unread) -> Iterator[Finding]:
    """Module that may replicate is not read.

    A module from a registry or from another repository is not in the tree until
    `terraform init` brings it there.  What it makes of its arguments is not known
    then, so a bucket that it makes is open, and replication that it configures is not
    looked at.  Nothing is fetched for you.

    This is said of modules that are called after buckets or replication, and of those
    that are given an argument of such a name.

    ```yaml bad
    also:
      orders.tf: |
        module "orders" {
          source  = "terraform-aws-modules/s3-bucket/aws"
          version = "~> 4.0"
          bucket  = "acme-orders"
        }
    ```

    ```yaml bad
    also:
      orders.tf: |
        module "orders" {
          source                    = "git::https://example.com/modules.git//storage"
          replication_configuration = { role = "arn:aws:iam::111111111111:role/copy" }
        }
    ```

    ## Fix

    Run `terraform init` in the folder before crrlint, so that `.terraform/modules` holds
    the source; or save a plan with `terraform plan -out plan.tfplan` and check that: the
    source of all modules is in it.

    ```yaml good
    also:
      orders.tf: |
        module "orders" {
          source = "./modules/s3-bucket"
        }
      modules/s3-bucket/main.tf: |
        resource "aws_s3_bucket" "this" {
          bucket = "acme-orders"
        }
    ```

    ```yaml good
    also:
      network.tf: |
        module "network" {
          source = "terraform-aws-modules/vpc/aws"
          cidr   = "10.0.0.0/16"
        }
    ```
    """
    if any(map(_BUCKETS.search, (module.name, module.source, *module.arguments))):
        yield Finding(
            module.at,
            f"{module.name} is not read, its source is not available: {module.source}",
            fix=module.needs,
        )
