"""Proves whether Amazon S3 cross-region replication will work before it is deployed."""

__version__ = "0.1.0"
