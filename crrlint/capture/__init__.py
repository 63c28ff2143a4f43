"""Asks a live account what crrlint has to know, with calls that only read, for one file of answers.

The file stands for itself: each line is one call with its parameters, what AWS answered,
whom it is about and when it was asked.  `crrlint.loaders.aws` reads it like any other dump.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from crrlint.capture.callers import CaptureError, callers_of
from crrlint.capture.walk import Walk, is_directory

__all__ = ["CaptureError", "Captured", "Object", "bucket_name", "capture", "object_at"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")
_ARN: Final = re.compile(r"arn:[a-z0-9-]+:s3:::")


class Captured(NamedTuple):
    """The lines of a capture, what is to be told of it, and what it could not give."""

    text: str
    notes: tuple[str, ...]
    failures: tuple[str, ...]


def bucket_name(text: str) -> str:
    """Return the bucket that a name or an ARN names; raises `CaptureError` for anything else."""
    name = _ARN.sub("", text, count=1)
    if not _NAME.match(name):
        raise CaptureError(f"--bucket takes the name or the ARN of a bucket, not {text!r}")
    if is_directory(name):
        raise CaptureError(f"{name} is a directory bucket, and those do not replicate")
    return name


class Object(NamedTuple):
    """One object, by its bucket and its whole key."""

    bucket: str
    key: str


def object_at(text: str) -> Object:
    """Return the object that `s3://BUCKET/KEY` names; raises `CaptureError`."""
    bucket, slash, key = text.removeprefix("s3://").partition("/")
    if not text.startswith("s3://") or not slash or not key:
        raise CaptureError(f"--object takes s3://BUCKET/KEY, not {text!r}")
    return Object(bucket_name(bucket), key)


def capture(
    profiles: Sequence[str | None],
    buckets: Sequence[str],
    region: str | None,
    objects: Sequence[Object] = (),
) -> Captured:
    """Ask everything about the buckets, and about what their replication leads to.

    Of objects only those that are named are asked about.  What the first profile is refused,
    the second is asked.  Raises `CaptureError` where nothing can be asked at all.
    """
    from datetime import UTC, datetime

    walk = Walk(callers_of(profiles, region), datetime.now(UTC))
    for bucket in buckets:
        walk.follow(bucket)
    for bucket, key in objects:
        walk.look_at(bucket, key)
    walk.finish()
    return Captured(walk.text(), tuple(walk.notes()), tuple(walk.failures(buckets)))
