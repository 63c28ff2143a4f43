"""What type the result of a function has, whatever it is given."""

from __future__ import annotations

from typing import Any, Final

from crrlint.loaders.hcl.types import ANY, BOOL, NUMBER, STRING, Collection

_LIST: Final = Collection("list", ANY)
_SET: Final = Collection("set", ANY)
_TEXTS: Final = Collection("list", STRING)

_NAMES: Final[tuple[tuple[Any, str], ...]] = (
    (BOOL, "alltrue anytrue cidrcontains contains endswith fileexists issensitive startswith "
           "strcontains tobool"),
    (NUMBER, "abs ceil floor index length log max min parseint pow signum sum timecmp tonumber"),
    (STRING, "file filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 "
             "filesha512 templatestring tostring"),
    (_LIST, "distinct matchkeys tolist"),
    (_SET, "setintersection setsubtract setunion toset"),
    (_TEXTS, "cidrsubnets compact formatlist sort split"),
    (Collection("list", _LIST), "chunklist"),
    (Collection("list", NUMBER), "range"),
    (Collection("map", ANY), "tomap"),
    (Collection("map", _TEXTS), "transpose"),
    (Collection("set", STRING), "fileset"),
)  # fmt: skip
RESULTS: Final = {name: type for type, names in _NAMES for name in names.split()}
