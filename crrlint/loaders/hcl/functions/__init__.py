"""The functions of Terraform and OpenTofu: which there are, and where each is written."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

from crrlint.values.symbols import Form


class Function(NamedTuple):
    """A function and what it asks for.

    `parameters` name kinds of arguments (crrlint.loaders.hcl.calls); the last `optional` of
    them may be left out, and `rest` is the kind of any more.  `text` tells that the result is
    a text: of symbols it is a symbol, of the `form`.  `files` that it reads files.
    """

    implementation: Callable[..., Any]
    parameters: tuple[str, ...] = ()
    rest: str | None = None
    optional: int = 0
    text: bool = False
    form: Form = "any"
    files: bool = False

    def kinds(self, count: int) -> tuple[str, ...] | None:
        """Return the kinds of so many arguments; None when it does not take so many."""
        missing = len(self.parameters) - count
        if missing > self.optional or (missing < 0 and self.rest is None):
            return None
        more = () if self.rest is None else (self.rest,) * max(0, -missing)
        return (*self.parameters[:count], *more)


_MODULES: Final = {
    "conversion": (
        "ephemeralasnull issensitive nonsensitive sensitive tobool tolist tomap tonumber toset "
        "tostring"
    ),
    "encoding": (
        "base64decode base64encode base64gunzip base64gzip csvdecode jsondecode jsonencode "
        "textdecodebase64 textencodebase64 urldecode urlencode yamldecode yamlencode "
        "provider::terraform::decode_tfvars provider::terraform::encode_expr "
        "provider::terraform::encode_tfvars"
    ),
    "files": (
        "abspath basename dirname file filebase64 filebase64sha256 filebase64sha512 fileexists "
        "filemd5 fileset filesha1 filesha256 filesha512 pathexpand templatefile templatestring"
    ),
    "hashing": "base64sha256 base64sha512 md5 sha1 sha256 sha512 uuidv5",
    "lists": (
        "alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element "
        "flatten index length list matchkeys one range reverse slice sort sum"
    ),
    "maps": "keys lookup map merge transpose values zipmap",
    "names": (
        "provider::aws::arn_build provider::aws::arn_parse provider::aws::trim_iam_role_path"
    ),
    "network": "cidrcontains cidrhost cidrnetmask cidrsubnet cidrsubnets",
    "numeric": "abs ceil floor log max min parseint pow signum",
    "regexes": "regex regexall",
    "sets": "setintersection setproduct setsubtract setunion",
    "text": (
        "chomp endswith format formatlist indent join lower replace split startswith "
        "strcontains strrev substr title trim trimprefix trimspace trimsuffix upper"
    ),
    "times": "formatdate timeadd timecmp",
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names.split()}

IMPURE: Final = {
    "bcrypt": "bcrypt() gives another text each time",
    "plantimestamp": "plantimestamp() is not known before the plan",
    "rsadecrypt": "rsadecrypt() is not evaluated here",
    "timestamp": "timestamp() is not known before the plan is applied",
    "uuid": "uuid() gives another text each time",
}


def find(name: str) -> Function | None:
    """Return the function of that name; None for one that cannot be evaluated."""
    module = _MODULE_OF.get(name)
    if module is None:
        return None
    functions: dict[str, Function] = import_module(f"{__name__}.{module}").FUNCTIONS
    return functions[name]
