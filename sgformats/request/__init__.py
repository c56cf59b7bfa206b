"""Calls of the API as values: from a URL and a body to a `Request`, and back.

In: URLs, bodies, verbs. Out: `Request`, its problems, its redacted form.
Captures, the contract and the command line use it; the core does not.
"""

from sgformats.request.paging import next_page
from sgformats.request.request import Encoded, Request

__all__ = ["Encoded", "Request", "next_page"]
