"""How far apart two names are, to tell a slip from another name."""

from __future__ import annotations

from collections.abc import Iterable


def slip(name: str, others: Iterable[str], most: int = 2) -> str | None:
    """Return the nearest of the others that is at most so many edits away."""
    near = [
        (distance(name, other), other) for other in others if abs(len(name) - len(other)) <= most
    ]
    found = min(near, default=(most + 1, ""))
    return found[1] if found[0] <= most else None


def distance(a: str, b: str) -> int:
    """Return how many characters have to be added, dropped or changed to make one the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]
