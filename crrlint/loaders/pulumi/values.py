"""Values that Pulumi writes for what it does not know, or keeps secret.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""

from __future__ import annotations

from typing import Any, Final

from crrlint.values import Unknown

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_REDACTED: Final = "[secret]"
"""What a preview shows for a secret."""

_UNKNOWN: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # text
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a truth value
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)


def is_unknown(value: Any) -> bool:
    return isinstance(value, str) and value in _UNKNOWN


def opened(value: Any, of: str, name: str = "a value", *, planned: bool) -> Any:
    """Return plain data in which what is not known or secret is unknown; `of` tells whose."""
    if isinstance(value, dict):
        signature = value.get(_SIGNATURE)
        if isinstance(signature, str):
            return _special(signature, value, of, name, planned)
        return {key: opened(item, of, str(key), planned=planned) for key, item in value.items()}
    if isinstance(value, list):
        return [opened(item, of, name, planned=planned) for item in value]
    if is_unknown(value):
        return _deferred(of, name)
    if planned and value == _REDACTED:
        return _secret(of, name)
    return value


def _special(signature: str, value: dict[str, Any], of: str, name: str, planned: bool) -> Any:
    if signature == _SECRET or (signature == _OUTPUT and value.get("secret") is True):
        return _secret(of, name)
    if signature == _OUTPUT:
        if "value" not in value:
            return _deferred(of, name)
        return opened(value["value"], of, name, planned=planned)
    return Unknown("unsupported_expression", f"{name} {of} is a file or a resource")


def _secret(of: str, name: str) -> Unknown:
    needs = "what the AWS CLI prints of it: the stack keeps it secret"
    return Unknown("sensitive", f"{name} {of} is a secret", needs)


def _deferred(of: str, name: str) -> Unknown:
    what = f"{name} {of} is not known before the update"
    return Unknown("deferred", what, "pulumi stack export after the update")
