terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias  = "copy"
  region = "eu-west-1"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploy"
  }
}

data "aws_caller_identity" "copy" {
  provider = aws.copy
}
