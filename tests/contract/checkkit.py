"""Captures to check, and ways to check them."""

from __future__ import annotations

import io
import json
from typing import Any

from sgformats.contract import CheckOptions, CheckSummary, Outcome, check_captures

KEYS = "api_user=***&api_key=***"
GET = f"/api/invalidemails.get.json?{KEYS}"


def line(url: str | None = GET, body: str | None = "[]", **more: Any) -> bytes:
    said = {"url": url, "body": body, "status": 200, **more}
    return json.dumps({key: value for key, value in said.items() if value is not None}).encode()


def run(path: Any, **options: Any) -> tuple[list[Outcome], CheckSummary]:
    summary = CheckSummary()
    return list(check_captures([path], CheckOptions(**options), summary)), summary


def lines(*given: bytes) -> io.BytesIO:
    return io.BytesIO(b"\n".join((line(), *given)))
