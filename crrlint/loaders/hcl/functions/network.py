"""Functions over IP networks."""

from __future__ import annotations

from typing import Any, Final

from crrlint.loaders.hcl.errors import BadArgument
from crrlint.loaders.hcl.functions import Function


def _network(text: str) -> Any:
    import ipaddress
    import re

    # A mask in dots is taken by Python only, leading zeros by Terraform only.
    text = re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9]+[./])", "", text)
    if not re.fullmatch(r"[^/%]+/(?:0|[1-9][0-9]*)", text):
        raise BadArgument(f"{text!r} is no network in CIDR notation")
    try:
        return ipaddress.ip_interface(text).network
    except ValueError:
        raise BadArgument(f"{text!r} is no network in CIDR notation") from None


def _shown(number: int, version: int) -> str:
    import ipaddress

    if version == 4:
        return str(ipaddress.IPv4Address(number))
    return str(ipaddress.IPv6Address(number))


def _host(prefix: str, number: int) -> str:
    network = _network(prefix)
    size = 1 << (network.max_prefixlen - network.prefixlen)
    position = size + number if number < 0 else number
    if not 0 <= position < size:
        raise BadArgument(f"{prefix} has no host {number}")
    return _shown(int(network.network_address) + position, network.version)


def _netmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise BadArgument("only IPv4 has netmasks")
    return str(network.netmask)


def _subnet(prefix: str, more: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + more
    if not 0 <= length <= network.max_prefixlen:
        raise BadArgument(f"{prefix} has no room for {more} more bits")
    if more >= 0 and number >= 1 << more:
        raise BadArgument(f"{more} bits cannot hold the number {number}")
    # Of what a negative number gives, Terraform takes the absolute value.
    start = abs(int(network.network_address) | (number << (network.max_prefixlen - length)))
    return f"{_shown(start, network.version)}/{length}"


def _subnets(prefix: str, *bits: int) -> list[str]:
    network = _network(prefix)
    made = []
    start = int(network.network_address)
    end = start + (1 << (network.max_prefixlen - network.prefixlen))
    for more in bits:
        length = network.prefixlen + more
        if more < 1 or length > network.max_prefixlen:
            raise BadArgument(f"{prefix} has no room for {more} more bits")
        if more > 32:
            raise BadArgument("may not extend a prefix by more than 32 bits")
        size = 1 << (network.max_prefixlen - length)
        start = -(-start // size) * size
        if start + size > end:
            raise BadArgument(f"{prefix} has no room for all these subnets")
        made.append(f"{_shown(start, network.version)}/{length}")
        start += size
    return made


def _contains(prefix: str, inner: str) -> bool:
    import ipaddress

    network = _network(prefix)
    try:
        other = _network(inner) if "/" in inner else ipaddress.ip_network(inner)
    except ValueError:
        raise BadArgument(f"{inner!r} is no address") from None
    return bool(other.version == network.version and other.subnet_of(network))


def _typed_subnets(prefix: str, *bits: int) -> Any:
    from crrlint.loaders.hcl.values import ListOf

    return ListOf(_subnets(prefix, *bits))  # type: ignore[arg-type]


FUNCTIONS: Final[dict[str, Function]] = {
    "cidrcontains": Function(_contains, ("str", "str")),
    "cidrhost": Function(_host, ("str", "int"), text=True),
    "cidrnetmask": Function(_netmask, ("str",), text=True),
    "cidrsubnet": Function(_subnet, ("str", "int", "int"), text=True),
    "cidrsubnets": Function(_typed_subnets, ("str",), rest="int"),
}
