"""Hashes of texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function


def digest(kind: str, raw: bytes) -> bytes:
    import hashlib

    return hashlib.new(kind, raw, usedforsecurity=False).digest()


def _hex(kind: str) -> Callable[[str], str]:
    return lambda text: digest(kind, text.encode("utf-8", "surrogatepass")).hex()


def _base64(kind: str) -> Callable[[str], str]:
    from crrlint.loaders.hcl.functions.encoding import to_base64

    return lambda text: to_base64(digest(kind, text.encode("utf-8", "surrogatepass")))


_NAMESPACES: Final = {
    "dns": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "url": "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
    "oid": "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
    "x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
}


def _uuid(namespace: str, name: str) -> str:
    known = _NAMESPACES.get(namespace, namespace)
    try:
        space = bytes.fromhex(known.replace("-", ""))
    except ValueError:
        space = b""
    if len(space) != 16 or len(known) != 36:
        raise BadArgument("the namespace is no UUID")
    made = bytearray(digest("sha1", space + name.encode("utf-8", "surrogatepass"))[:16])
    made[6] = made[6] & 0x0F | 0x50
    made[8] = made[8] & 0x3F | 0x80
    text = made.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


FUNCTIONS: Final[dict[str, Function]] = {
    "base64sha256": Function(_base64("sha256"), ("str",), text=True),
    "base64sha512": Function(_base64("sha512"), ("str",), text=True),
    "md5": Function(_hex("md5"), ("str",), text=True, form="name"),
    "sha1": Function(_hex("sha1"), ("str",), text=True, form="name"),
    "sha256": Function(_hex("sha256"), ("str",), text=True, form="name"),
    "sha512": Function(_hex("sha512"), ("str",), text=True, form="name"),
    "uuidv5": Function(_uuid, ("str", "str"), text=True, form="name"),
}
