terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "none"
}

variable "secrets" {
  type      = map(string)
  sensitive = true
  default   = {}
}

variable "passing" {
  type      = string
  ephemeral = true
  default   = "none"
}

locals {
  document = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = var.secret, Effect = "Deny", Action = "s3:*", Resource = "*", Principal = "*" }] })
}

provider "aws" {
  region     = "us-east-1"
  secret_key = var.passing
}

provider "aws" {
  alias  = "copy"
  region = "eu-west-1"
}

data "aws_caller_identity" "here" {}

data "aws_caller_identity" "copy" {
  provider = aws.copy
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
  tags   = { owner = var.secret, kept = "open" }
}

resource "aws_s3_bucket" "copy" {
  provider = aws.copy
  bucket   = "acme-logs-copy"
  tags     = var.secrets
}

resource "aws_s3_bucket" "named" {
  bucket = "acme-${var.secret}"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_versioning" "copy" {
  provider = aws.copy
  bucket   = aws_s3_bucket.copy.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_policy" "copy" {
  provider = aws.copy
  bucket   = aws_s3_bucket.copy.id
  policy   = local.document
}

resource "aws_iam_role" "replicate" {
  name = "replicate"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  inline_policy {
    name   = var.secret
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
  }
}

resource "aws_iam_role" "named" {
  name               = "role-${var.secret}"
  assume_role_policy = local.document
}

resource "aws_iam_role_policy" "replicate" {
  name   = "replicate"
  role   = aws_iam_role.replicate.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = var.secret, Effect = "Allow", Action = "s3:List*", Resource = "arn:aws:s3:::${var.secret}" }] })
}

module "inner" {
  source   = "./inner"
  document = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = var.secret, Effect = "Deny", Action = "s3:PutBucketTagging", Resource = "*", Principal = "*" }] })
  given    = nonsensitive("plain")
}

resource "aws_s3_bucket_replication_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  role   = aws_iam_role.replicate.arn

  rule {
    id       = "all"
    status   = "Enabled"
    priority = 1
    filter {
      prefix = ""
    }
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket = aws_s3_bucket.copy.arn
    }
  }

  rule {
    id       = "secret"
    status   = "Enabled"
    priority = 2
    filter {
      prefix = var.secret
    }
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket = "arn:aws:s3:::acme-${var.secret}"
    }
  }

  token = var.secret
}

output "told" {
  value     = var.secret
  sensitive = true
}
