terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "deployer" {
  type    = string
  default = "arn:aws:iam::444455556666:role/deploy"
}

variable "secret_policy" {
  type      = string
  sensitive = true
  default   = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"hunter2\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"
}

variable "sites" {
  type    = map(string)
  default = { eu = "eu-west-1", ap = "ap-south-1" }
}

locals {
  prefix = "acme"
}

provider "aws" {
  region              = var.region
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias  = "copy"
  region = "eu-west-1"

  assume_role {
    role_arn = var.deployer
  }

  default_tags {
    tags = { team = "logs" }
  }
}

provider "aws" {
  alias = "bare"
}

data "aws_caller_identity" "bare" {
  provider = aws.bare
}

# Names that AWS makes up, whole and in part.

resource "aws_s3_bucket" "unnamed" {}

resource "aws_s3_bucket" "prefixed" {
  provider      = aws.copy
  bucket_prefix = "acme-"
}

resource "aws_s3_bucket" "made" {
  bucket = "${local.prefix}-${aws_kms_key.k.key_id}"
}

# What refers to them, in the ways that people write.

resource "aws_s3_bucket_versioning" "by_id" {
  bucket = aws_s3_bucket.unnamed.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_versioning" "by_bucket" {
  provider = aws.copy
  bucket   = aws_s3_bucket.prefixed.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_request_payment_configuration" "by_satellite" {
  bucket = aws_s3_bucket_versioning.by_id.bucket
  payer  = "Requester"
}

resource "aws_s3_bucket_request_payment_configuration" "by_part_of_the_arn" {
  bucket = split(":", aws_s3_bucket.made.arn)[5]
  payer  = "Requester"
}

resource "aws_s3_bucket" "counted" {
  count = 1
}

resource "aws_s3_bucket_versioning" "by_index" {
  bucket = aws_s3_bucket.counted[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "by_splat" {
  bucket = one(aws_s3_bucket.counted[*].id)

  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket" "each" {
  for_each = var.sites
  region   = each.value
}

resource "aws_s3_bucket_versioning" "by_each_key" {
  for_each = var.sites
  bucket   = aws_s3_bucket.each[each.key].id
  region   = each.value

  versioning_configuration {
    status = "Enabled"
  }
}

module "site" {
  source   = "./site"
  for_each = var.sites
  name     = "acme-site-${each.key}"
  role     = aws_iam_role.r.arn
  payer    = "Requester"
  target   = aws_s3_bucket.unnamed.arn
}

resource "aws_s3_bucket_request_payment_configuration" "by_module" {
  bucket = module.site["eu"].bucket
  payer  = "BucketOwner"
}

resource "aws_s3_bucket_versioning" "by_module_and_key" {
  for_each = var.sites
  bucket   = module.site[each.key].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

# Roles, policies and what attaches them.

resource "aws_iam_role" "r" {
  name_prefix          = "replicate-"
  path                 = "/service/"
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [] })
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_role" "other" {
  name               = "other"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })

  inline_policy {
    name   = "open"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = aws_s3_bucket.made.arn }] })
  }

  inline_policy {
    name   = "known"
    policy = jsonencode({ Version = "2012-10-17", Statement = [] })
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = data.aws_iam_policy_document.d.json
}

resource "aws_iam_policy" "joined" {
  name   = "joined"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = aws_s3_bucket.made.arn }] })
}

resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.joined.arn
}

resource "aws_iam_policy_attachment" "both" {
  name       = "both"
  roles      = [aws_iam_role.r.name, aws_iam_role.other.name]
  policy_arn = aws_iam_policy.boundary.arn
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Base"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]

  statement {
    sid     = "Read"
    actions = ["s3:GetObject", "s3:ListBucket"]
    resources = [
      "${aws_s3_bucket.unnamed.arn}/*",
      "arn:aws:s3:::acme-known/&{aws:username}",
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = ["111122223333"]
    }
  }
}

# Keys.

resource "aws_kms_key" "k" {
  multi_region = true
}

resource "aws_kms_replica_key" "replica" {
  provider        = aws.copy
  primary_key_arn = aws_kms_key.k.arn
}

resource "aws_kms_alias" "k" {
  name          = "alias/acme"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_kms_key_policy" "k" {
  key_id = aws_kms_key.k.id
  policy = var.secret_policy
}

resource "aws_s3_bucket_server_side_encryption_configuration" "by_alias" {
  bucket = aws_s3_bucket.unnamed.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_alias.k.target_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "secret" {
  bucket = aws_s3_bucket.unnamed.id
  policy = var.secret_policy
}

resource "aws_s3_bucket_policy" "bare" {
  provider = aws.bare
  bucket   = "acme-known"
  policy   = templatefile("${path.module}/policy.tftpl", { arn = aws_iam_role.r.arn })
}

# Routes: one rule that is written, those of a `dynamic` block, and a conditional.

resource "aws_s3_bucket_replication_configuration" "routes" {
  bucket = aws_s3_bucket_versioning.by_id.id
  role   = aws_iam_role.r.arn

  rule {
    id     = "written"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket = aws_s3_bucket.prefixed.arn

      encryption_configuration {
        replica_kms_key_id = aws_kms_replica_key.replica.arn
      }
    }
  }

  dynamic "rule" {
    for_each = var.sites

    content {
      id     = rule.key
      status = "Enabled"

      filter {
        prefix = "${rule.key}/"
      }

      delete_marker_replication {
        status = "Disabled"
      }

      destination {
        bucket = aws_s3_bucket.each[rule.key].arn
      }
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "conditional" {
  bucket = aws_s3_bucket.made.id
  role   = "arn:aws:iam::111122223333:role/${aws_iam_role.r.name}"

  rule {
    id     = "one"
    status = "Enabled"

    destination {
      bucket = var.region == "us-east-1" ? aws_s3_bucket.prefixed.arn : aws_s3_bucket.unnamed.arn
    }
  }
}
