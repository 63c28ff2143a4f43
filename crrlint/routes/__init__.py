"""Replication rules seen end to end, and compared with one another."""
