"""What `tfparse` says of a root module, by address, and what it is known to get wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from crrlint.loaders.terraform.folders import inside

UNNAMED: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What stands for the id of everything, and for a reference to something without a name."""

NAMELESS: Final = re.compile(r"arn:aws:s3:::(/.*)?", re.DOTALL)
"""The ARN of a bucket of which they do not know the name."""

HABITS: Final = {
    "null": "what they do not know is null, or says which attribute it stands for",
    "random id": "a resource stands for a random id where its own id, name or ARN is not known",
    "nameless bucket": "the ARN of a bucket whose name they do not know has no name",
    "made-up Region": "the Region of a provider is `current-region`",
    "as written": "a text with a part that they do not know is left as it is written",
    "guessed": "a text of which a part is open has another part left out, or null in it",
    "empty list": "what has no instances is an empty list, with for_each too",
    "unconverted": "a value is not made of the declared type of its variable, nor null typed",
    "arguments": "a whole resource or module is what its block says, not what it exports",
    "large number": "a whole number of more than 63 bits is the largest that has 63",
    "derived": "made of something that they do not know or get wrong, which counts as null",
    "lost blocks": "blocks of a dynamic one are left out when one value in them is not known",
    "not expanded": "a block stands without a key for the instances of what they do not know",
    "stale instances": "one instance is there although they do not know its count, or know it is 0",
    "lost modules": "nothing is said of what is in a module, though its folder is there",
    "lost instances": "what is made for each of something that they do not know is not there",
}


class Block(NamedTuple):
    """A block with its arguments, at its place."""

    values: dict[str, Any]
    at: str


def statements(root: str, values: list[str]) -> dict[str, Block]:
    """Return what they say by address; the blocks of one address (`locals`) are one."""
    import tfparse

    loaded: dict[str, list[dict[str, Any]]] = tfparse.load_from_path(root, vars_paths=values)
    found: dict[str, Block] = {}
    for blocks in loaded.values():
        for block in blocks:
            meta = block["__tfmeta"]
            path = inside(str(Path(root)), meta.get("filename", ""))
            address = meta.get("path") or ""
            at = f"{path}:{meta.get('line_start', 0)}"
            said = members(block)
            if address.endswith("locals") and address in found:
                said = {**found[address].values, **said}
            found.setdefault(address, Block(said, at)).values.update(said)
    return found


def members(block: dict[str, Any]) -> dict[str, Any]:
    """Return what is written in a block; each has an `id`, whether it says so or not."""
    made = isinstance(block.get("id"), str) and UNNAMED.fullmatch(block["id"])
    return {k: v for k, v in block.items() if k != "__tfmeta" and not (k == "id" and made)}


def is_unknown(value: Any) -> bool:
    """Tell whether a value is what stands for something that they do not know."""
    return value is None or (isinstance(value, dict) and "__attribute__" in value)


def is_stale(address: str, block: Block) -> bool:
    """Tell whether an instance is there although nothing says so."""
    count = block.values.get("count")
    return address.endswith("[0]") and (is_unknown(count) or count == 0)
