"""Terraform: states, and what its resources mean."""
