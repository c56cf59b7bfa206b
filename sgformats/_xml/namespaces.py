"""Namespaces in XML: resolves names with prefixes and checks namespace declarations."""

from __future__ import annotations

from sgformats._model.node import Fault
from sgformats._xml.tokens import match_name
from sgformats.errors import quote

_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_RESERVED = (_XML_NAMESPACE, "http://www.w3.org/2000/xmlns/")

_LONGEST = 256

Bound = dict[str, list[str]]
"""The namespaces of each bound prefix, the innermost last."""


def shortened(namespace: str) -> str:
    """A namespace for use in names; a long one is cut and made unique by its digest.

    Otherwise a namespace of a million characters could be in the names of a million elements.
    """
    if len(namespace) <= _LONGEST:
        return namespace
    from hashlib import sha256  # Slow to import, and rarely needed.

    digest = sha256(namespace.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{namespace[:_LONGEST]}…{digest}"


def is_declaration(attribute: str) -> bool:
    return attribute == "xmlns" or attribute.startswith("xmlns:")


def resolve(bound: Bound, written: str, index: int) -> str:
    """The full name of an element or attribute: `{namespace}local`, or `local` without one."""
    prefix, colon, local = written.partition(":")
    if colon and (not prefix or not match_name(local) or ":" in local):
        raise Fault(index, "a name of one or two parts", quote(written))
    if not colon:
        prefix, local = "", written
    if prefix == "xml":
        return f"{{{_XML_NAMESPACE}}}{local}"
    if prefix in bound:
        namespace = bound[prefix][-1]
        return f"{{{namespace}}}{local}" if namespace else local
    if colon:
        raise Fault(index, "a prefix that is declared", quote(written))
    return local


def check_binding(name: str, index: int, value: str) -> None:
    """Raise `Fault` for a declaration that XML does not allow."""
    prefix = name[6:]
    if prefix == "xml" and value == _XML_NAMESPACE:
        return
    empty = name != "xmlns" and (not prefix or not value)
    found = match_name(prefix)
    one_part = name == "xmlns" or (":" not in prefix and found is not None and found[0] == prefix)
    if empty or not one_part or prefix in ("xml", "xmlns") or value in _RESERVED:
        raise Fault(index, "a namespace that may be declared", quote(name))
