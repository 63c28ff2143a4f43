"""What goes wrong in a function, before it is known where."""

from __future__ import annotations


class BadArgument(ValueError):  # noqa: N818 - the input's, not ours
    """What a function cannot work with; whoever calls it adds the name and the place."""
