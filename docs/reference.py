"""Generates the API reference: every public name with its docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import sgformats

_GROUPS = {
    "Payloads": (
        *("parse", "validate", "salvage", "iter_records", "encode", "convert", "compare"),
        *("classify", "Salvage", "Difference", "Classification"),
    ),
    "HTTP": ("parse_response", "reply_or_raise", "may_retry", "Request", "next_page"),
    "Replies": ("Listing", "Success", "Failure", "Count", "ErrorDetail", "Json", "Reply"),
    "Records": ("InvalidEmail", "Bounce", "Block", "SpamReport", "Unsubscribe", "Record"),
    "Captures": ("read_captures", "check", "Exchange", "Source"),
    "Problems": ("Problem", "Problems", "Location", "Rule", "RULES"),
    "Errors": tuple(name for name in sgformats.__all__ if name.endswith("Error")),
    "Operations and options": ("OPERATIONS", "METHODS", "Operation", "MAX_BYTES", "Format", "Mode"),
}
_MEANINGS = {
    "Reply": "What a payload means: `Listing`, `Success`, `Failure` or `Count`.",
    "Record": "One entry of a list, of any of the five classes.",
    "RULES": "Every `Rule` by its name; [the rules](rules.md) shows them with examples.",
    "OPERATIONS": "Every `Operation` by its name, such as `invalidemails.get`.",
    "METHODS": "The five methods, with the fields of their records and the tasks that they have.",
    "MAX_BYTES": "How large a payload may be where a call does not say: 64 MiB.",
    "Format": '`"xml"`, `"json"`, or `"json-v3"` for the v3 API.',
    "Mode": '`"strict"` or `"lax"`: see [Reading](reading.md).',
}
_WIDTH = 92
_PACKAGES = re.compile(r"\b(?:sgformats|datetime|typing|collections)\.(?:\w+\.)*")
_DOCTEST = re.compile(r"(?:^>>> .*\n?(?:^(?!>>>|\s*$).*\n?)*)+", re.MULTILINE)


def page() -> Iterator[str]:
    """The lines of the page."""
    yield "# API reference"
    yield ""
    yield "Every public name of `sgformats`, with its docstring. A test runs the examples."
    yield ""
    for group, names in _GROUPS.items():
        links = ", ".join(f"[`{name}`](#{_anchor(name)})" for name in names)
        yield f"- {group}: {links}"
    yield ""
    for group, names in _GROUPS.items():
        yield f"## {group}"
        yield ""
        for name in names:
            yield from _entry(name)


def documented() -> set[str]:
    """The names on the page."""
    return {name for names in _GROUPS.values() for name in names}


def _title(name: str) -> str:
    return f"class `{name}`" if inspect.isclass(getattr(sgformats, name)) else f"`{name}`"


def _anchor(name: str) -> str:
    return _title(name).replace("`", "").replace(" ", "-").lower()


def _entry(name: str) -> Iterator[str]:
    thing = getattr(sgformats, name)
    yield f"### {_title(name)}"
    yield ""
    if name in _MEANINGS:
        yield _MEANINGS[name]
        yield ""
        return
    if inspect.isfunction(thing) or not name.endswith("Error"):
        yield from _signature(name, thing)
    yield from _text(thing)
    if inspect.isclass(thing):
        for method, found in sorted(vars(thing).items()):
            if not method.startswith("_") and (callable(found) or _is_other(found)):
                yield from _member(name, method, found)


def _is_other(found: Any) -> bool:
    return isinstance(found, (property, classmethod)) or type(found).__name__ == "cached_property"


def _member(owner: str, name: str, found: Any) -> Iterator[str]:
    function = getattr(found, "fget", None) or getattr(found, "func", None) or found
    function = getattr(function, "__func__", function)
    if not inspect.getdoc(function):
        return
    yield f"#### `{owner}.{name}`"
    yield ""
    if function is found or isinstance(found, classmethod):
        yield from _signature(name, function)
    yield from _text(function)


def _signature(name: str, thing: Any) -> Iterator[str]:
    try:
        signature = inspect.signature(thing)
    except (ValueError, TypeError):
        return
    parts = list(_parts(signature, _annotations(thing)))
    returned = signature.return_annotation
    returns = "" if returned in (inspect.Signature.empty, None) else f" -> {returned}"
    shown = f"{name}({', '.join(parts)}){returns}"
    if len(shown) > _WIDTH:
        shown = f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"
    yield "```python"
    yield shown
    yield "```"
    yield ""


def _annotations(thing: Any) -> dict[str, str]:
    """The types of the fields of a class, as written in its source."""
    classes = reversed(thing.__mro__) if inspect.isclass(thing) else ()
    return {n: t for each in classes for n, t in vars(each).get("__annotations__", {}).items()}


def _parts(signature: inspect.Signature, written: dict[str, str]) -> Iterator[str]:
    starred = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        kind = "" if parameter.annotation is inspect.Parameter.empty else parameter.annotation
        kind = written.get(parameter.name, kind)
        kind = kind if isinstance(kind, str) else inspect.formatannotation(kind)
        kind = _PACKAGES.sub("", kind)
        shown = f"{parameter.name}: {kind}" if kind else parameter.name
        given = parameter.default
        has = given is not inspect.Parameter.empty
        yield shown + ((f" = {given!r}" if kind else f"={given!r}") if has else "")


def _text(thing: Any) -> Iterator[str]:
    """Converts a docstring to Markdown, with its examples in blocks."""
    text = inspect.getdoc(thing) or ""
    at = 0
    for found in _DOCTEST.finditer(text):
        yield text[at : found.start()].rstrip() + "\n"
        yield f"```pycon\n{found[0].rstrip()}\n```\n"
        at = found.end()
    yield text[at:].strip() + "\n" if text[at:].strip() else ""
