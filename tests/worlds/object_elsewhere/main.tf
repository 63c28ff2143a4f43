# A bucket that nobody knows the name of, and what is in it: nothing of it is another bucket's.
resource "random_pet" "name" {}

resource "aws_s3_bucket" "pets" {
  bucket = random_pet.name.id
}

resource "aws_s3_bucket_policy" "pets" {
  bucket = aws_s3_bucket.pets.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_s3_object" "cat" {
  bucket  = aws_s3_bucket.pets.id
  key     = "cat"
  content = "miaow"
  acl     = "public-read"
}
