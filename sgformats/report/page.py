"""What the HTML pages share: templates whose text is visible, and hashes for the security policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sgformats.contract.showing import visible
from sgformats.errors import MissingPackageError

if TYPE_CHECKING:
    import jinja2


def page_template(
    text: str, title: str, filters: Mapping[str, Callable[..., Any]]
) -> jinja2.Template:
    """The template of a page. Raises `MissingPackageError` without Jinja2."""
    try:
        import jinja2
    except ImportError:
        raise MissingPackageError(title, "Jinja2", "reports") from None
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visibly,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count="{:,}".format, of=count_of, **filters)
    return environment.from_string(text)


def visibly(value: Any) -> Any:
    """A value of the template, with its text made visible.

    Markup stays as it is: it comes from the page, or from text that was made visible.
    """
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def count_of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def part(name: str, package: str = "sgformats.report") -> str:
    """A file of a package, as text."""
    return (files(package) / name).read_text("utf-8")


def hash_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
