"""Writes folders of Terraform source of any size, always the same."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

_PROVIDERS = dedent(
    """\
    terraform {
      required_providers {
        aws = {
          source  = "hashicorp/aws"
          version = "~> 5.0"
        }
      }
    }

    variable "name" {
      type    = string
      default = "acme-{n}"
    }

    variable "tags" {
      type    = map(string)
      default = { Team = "storage", Environment = "production" }
    }

    locals {
      prefix = "${var.name}-data"
    }

    provider "aws" {
      region              = "us-east-1"
      allowed_account_ids = ["111111111111"]
    }

    provider "aws" {
      alias               = "replica"
      region              = "eu-west-1"
      allowed_account_ids = ["111111111111"]
    }

    """
)

_ROUTE = dedent(
    """\
    resource "aws_s3_bucket" "source" {
      bucket = "${local.prefix}-source"
      tags   = var.tags
    }

    resource "aws_s3_bucket" "replica" {
      provider = aws.replica
      bucket   = "${local.prefix}-replica"
      tags     = var.tags
    }

    resource "aws_s3_bucket_versioning" "source" {
      bucket = aws_s3_bucket.source.id
      versioning_configuration {
        status = "Enabled"
      }
    }

    resource "aws_s3_bucket_versioning" "replica" {
      provider = aws.replica
      bucket   = aws_s3_bucket.replica.id
      versioning_configuration {
        status = "Enabled"
      }
    }

    data "aws_iam_policy_document" "trust" {
      statement {
        actions = ["sts:AssumeRole"]
        principals {
          type        = "Service"
          identifiers = ["s3.amazonaws.com"]
        }
      }
    }

    resource "aws_iam_role" "replication" {
      name               = "${local.prefix}-replication"
      assume_role_policy = data.aws_iam_policy_document.trust.json
    }

    resource "aws_iam_role_policy" "replication" {
      name = "replication"
      role = aws_iam_role.replication.id
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          {
            Effect   = "Allow"
            Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
            Resource = aws_s3_bucket.source.arn
          },
          {
            Effect   = "Allow"
            Action   = "s3:GetObjectVersion*"
            Resource = "${aws_s3_bucket.source.arn}/*"
          },
          {
            Effect   = "Allow"
            Action   = "s3:Replicate*"
            Resource = "${aws_s3_bucket.replica.arn}/*"
          },
        ]
      })
    }

    resource "aws_s3_bucket_replication_configuration" "source" {
      bucket = aws_s3_bucket_versioning.source.bucket
      role   = aws_iam_role.replication.arn

      rule {
        id       = "everything"
        priority = 1
        status   = "Enabled"
        filter {}
        delete_marker_replication {
          status = "Enabled"
        }
        destination {
          bucket = aws_s3_bucket.replica.arn
          metrics {
            status = "Enabled"
          }
        }
      }

      depends_on = [aws_s3_bucket_versioning.replica]
    }

    """
)

_OTHER = dedent(
    """\
    # What else such folders hold.
    resource "aws_security_group" "service_{n}" {
      name        = "${var.name}-service-{n}"
      description = "Lets clients reach service {n}"
      vpc_id      = data.aws_vpc.main.id

      dynamic "ingress" {
        for_each = toset(["443", "8443"])
        content {
          from_port   = tonumber(ingress.value)
          to_port     = tonumber(ingress.value)
          protocol    = "tcp"
          cidr_blocks = [for block in var.networks : cidrsubnet(block, 8, {n})]
        }
      }

      tags = merge(var.tags, { Name = "service-{n}", Index = format("%03d", {n}) })
    }

    resource "aws_lambda_function" "service_{n}" {
      count         = var.enabled ? 1 : 0
      function_name = "${var.name}-service-{n}"
      role          = aws_iam_role.service_{n}.arn
      runtime       = "python3.12"
      handler       = "service.main"
      filename      = "${path.module}/build/service_{n}.zip"

      environment {
        variables = {
          QUEUE_URL = aws_sqs_queue.service_{n}.url
          LOG_LEVEL = lookup(var.log_levels, "service-{n}", "INFO")
        }
      }
    }

    resource "aws_iam_role" "service_{n}" {
      name = "${var.name}-service-{n}"

      assume_role_policy = <<-POLICY
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Effect": "Allow",
              "Principal": {"Service": "lambda.amazonaws.com"},
              "Action": "sts:AssumeRole"
            }
          ]
        }
      POLICY
    }

    resource "aws_sqs_queue" "service_{n}" {
      name                       = "${var.name}-service-{n}"
      visibility_timeout_seconds = 30 * {n}
      redrive_policy = jsonencode({
        deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
        maxReceiveCount     = 5
      })
    }

    """
)

_DECLARED = dedent(
    """\
    variable "networks" {
      type    = list(string)
      default = ["10.0.0.0/8"]
    }

    variable "enabled" {
      type    = bool
      default = true
    }

    variable "log_levels" {
      type    = map(string)
      default = {}
    }

    data "aws_vpc" "main" {
      default = true
    }

    resource "aws_sqs_queue" "dead_letters" {
      name = "${var.name}-dead-letters"
    }

    """
)

_FILES_OF_A_ROOT = 25
_KILOBYTES = 10


def source(folder: Path, files: int) -> Path:
    """Write so many files of ten kilobytes, a replicated bucket in each of their folders."""
    for number in range(files):
        root = folder / f"root-{number // _FILES_OF_A_ROOT}"
        root.mkdir(parents=True, exist_ok=True)
        first = number % _FILES_OF_A_ROOT == 0
        text = ""
        if first:
            name = str(number // _FILES_OF_A_ROOT)
            text = _PROVIDERS.replace("{n}", name) + _DECLARED + _ROUTE
        other = 0
        while len(text) < _KILOBYTES * 1024:
            text += _OTHER.replace("{n}", str(number * 100 + other))
            other += 1
        (root / f"file_{number:03}.tf").write_text(text)
    return folder
