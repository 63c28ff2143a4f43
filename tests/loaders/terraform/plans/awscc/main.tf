terraform {
  required_providers {
    awscc = {
      source = "hashicorp/awscc"
    }
  }
}

provider "awscc" {
  region = "us-east-1"
}

provider "awscc" {
  alias  = "copy"
  region = "eu-west-1"
}

resource "awscc_s3_bucket" "copy" {
  provider                 = awscc.copy
  versioning_configuration = { status = "Enabled" }
}

resource "awscc_s3_bucket" "other" {
  provider                 = awscc.copy
  bucket_name              = "acme-other"
  versioning_configuration = { status = "Enabled" }
}

resource "awscc_kms_key" "copy" {
  provider = awscc.copy
}

resource "awscc_kms_alias" "copy" {
  provider      = awscc.copy
  alias_name    = "alias/copy"
  target_key_id = awscc_kms_key.copy.key_id
}

resource "awscc_iam_role" "replicate" {
  assume_role_policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "s3.amazonaws.com" } }]
  })
}

resource "awscc_iam_role_policy" "replicate" {
  policy_name = "replicate"
  role_name   = awscc_iam_role.replicate.role_name
  policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "awscc_s3_bucket_policy" "copy" {
  provider = awscc.copy
  bucket   = awscc_s3_bucket.copy.id
  policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "s3:DeleteBucket", Resource = "*", Principal = "*" }]
  })
}

resource "awscc_s3_bucket" "logs" {
  bucket_name              = "acme-logs"
  versioning_configuration = { status = "Enabled" }
  replication_configuration = {
    role = awscc_iam_role.replicate.arn
    rules = [{
      id                        = "all"
      status                    = "Enabled"
      priority                  = 1
      filter                    = { prefix = "" }
      delete_marker_replication = { status = "Disabled" }
      destination = {
        bucket                   = awscc_s3_bucket.copy.arn
        encryption_configuration = { replica_kms_key_id = awscc_kms_key.copy.arn }
      }
    }]
  }
  bucket_encryption = {
    server_side_encryption_configuration = [{
      server_side_encryption_by_default = { sse_algorithm = "aws:kms", kms_master_key_id = awscc_kms_key.copy.arn }
    }]
  }
}

resource "awscc_s3_bucket" "fan" {
  bucket_name              = "acme-fan"
  versioning_configuration = { status = "Enabled" }
  replication_configuration = {
    role = awscc_iam_role.replicate.arn
    rules = [
      { id = "a", status = "Enabled", priority = 1, filter = { prefix = "a" }, delete_marker_replication = { status = "Disabled" }, destination = { bucket = awscc_s3_bucket.copy.arn } },
      { id = "b", status = "Enabled", priority = 2, filter = { prefix = "b" }, delete_marker_replication = { status = "Disabled" }, destination = { bucket = "arn:aws:s3:::${awscc_s3_bucket.other.bucket_name}" } },
    ]
  }
}
