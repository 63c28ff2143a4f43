variable "regions" {
  type    = map(number)
  default = { "ap-south-1" = 1, "eu-west-1" = 2 }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

module "copy" {
  source   = "./modules/copy"
  for_each = var.regions

  name   = "acme-logs-${each.key}"
  region = each.key
}

resource "aws_s3_bucket_replication_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  role   = aws_iam_role.replicate.arn

  dynamic "rule" {
    for_each = var.regions

    content {
      id       = "to-${rule.key}"
      status   = "Enabled"
      priority = rule.value

      filter {
        prefix = ""
      }

      delete_marker_replication {
        status = "Enabled"
      }

      destination {
        bucket = module.copy[rule.key].arn

        metrics {
          status = "Enabled"
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.logs, module.copy]
}
