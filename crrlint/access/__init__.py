"""What S3 asks of IAM on a route, and which policies answer."""
