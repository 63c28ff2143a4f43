"""The evaluator of Terraform source beside an independent one."""
