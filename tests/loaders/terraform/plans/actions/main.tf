terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_s3_bucket" "kept" {
  bucket_prefix = "acme-"
}

removed {
  from = aws_s3_bucket.forgotten

  lifecycle {
    destroy = false
  }
}

resource "aws_s3_bucket" "replaced" {
  bucket = "acme-replaced"
}

resource "aws_s3_bucket_versioning" "updated" {
  bucket = aws_s3_bucket.kept.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_kms_key" "kept" {}
