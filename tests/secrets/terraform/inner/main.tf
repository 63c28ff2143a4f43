variable "document" {
  type      = string
  sensitive = true
}

variable "given" {}

resource "aws_s3_bucket_policy" "logs" {
  bucket = "acme-logs"
  policy = var.document
}
