"""Expressions and files of HCL, and what Terraform 1.11 says of them.

`expressions.json` holds expressions with the value that `terraform console` prints for
`jsonencode(…)` of them, `layouts.json` those that need several lines.
"""
