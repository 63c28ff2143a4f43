terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}
variable "name" {
  type    = string
  default = "acme-logs"
}

locals {
  account = "111122223333"
  copy    = "${var.name}-copy"
  source  = "arn:aws:s3:::${var.name}"
  target  = "arn:aws:s3:::${local.copy}"
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias               = "copy"
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

data "aws_caller_identity" "copy" {
  provider = aws.copy
}
