"""The one search for secrets in text.

It finds names in every spelling: other separators, other case, escaped, in a URL, JSON, a header, a
form, or the output of programs. It also finds the remains of names that damage has torn or joined
to their values. In doubt it hides more. All searches take time linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sgformats.secrets.calls import secrets_of_call
from sgformats.secrets.escapes import ESCAPE, unescape_names
from sgformats.secrets.names import (
    GROUPS,
    PLAIN,
    RUN,
    STEMS,
    WORDS,
    FoundKind,
    SecretKind,
    fold,
    is_random,
    kind_of,
    looks_like_a_key,
    plain_name,
    without_colours,
)
from sgformats.secrets.pairs import index_of_value, values_inside
from sgformats.secrets.users import find_users


class Secret(NamedTuple):
    """A part of a text that must be hidden; `name` is the index of its name."""

    start: int
    stop: int
    kind: FoundKind
    name: int


def find_secrets(text: str, *, prose: bool = False) -> list[Secret]:
    """The secrets in a text, in order and without overlaps.

    `prose`: the text is a message for people, in which only certain names count.

    >>> text = "GET /api/bounces.get.json?api_key=k3y&days=2"
    >>> [text[secret.start : secret.stop] for secret in find_secrets(text)]
    ['k3y']
    """
    if "/api/" in text and "?" in text:
        call = secrets_of_call(text)
        if call is not None:
            return [Secret(*secret) for secret in call]
    found = _Search(text, prose).run()
    if len(found) > 1:
        found = _merge(found)
    return found


def _merge(found: list[Secret]) -> list[Secret]:
    """The secrets in order; those that overlap become one."""
    kept: list[Secret] = []
    for secret in sorted(found):
        if kept and secret.start < kept[-1].stop:
            kept[-1] = kept[-1]._replace(stop=max(secret.stop, kept[-1].stop))
        else:
            kept.append(secret)
    return kept


# Names, and what separates them from values.
_CERTAIN = re.compile("apikey|apiuser|authorization")
_NAME_SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789_.;-"
_LONGEST_NAME = 64
_WHITE = r"\s{0,100}"
_ASSIGNED = re.compile(
    rf"""
    (?P<closed> (?:\\*["'`\]]|&quot;){{0,3}} )
    (?: {_WHITE}(?P<sign>=>?|->|:=?|>){_WHITE}
      | {_WHITE},{_WHITE}(?=\\*["'])
      | ;s:\d{{1,9}}:(?=\\*") | \r?\n\r?\n | (?:\\+r\\+n){{2}} )
    (?:string\(\d{{1,9}}\)\ )?
    """,
    re.VERBOSE,
)
_OPTION = re.compile(r"[ \t]{1,8}(?=[^\s-])")
_SCHEME = re.compile(r"([a-z][a-z0-9-]{1,30})[ \t]{1,8}(?=[^\s\"'-])")
_VALUE = re.compile(
    r"""
    "((?:[^"\\]|\\.)+) | '((?:[^'\\]|\\.)+) | \\+"([^"]+) | \\+'([^']+)
    | &quot;([^&]+) | (<(?!/)[^\s&"<>]+>?) | ([^\s&"<>]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_COOKIES = re.compile(r"""[^\r\n"'<>]+""")
_HEADER = re.compile(r"""(?:[^\r\n"'<\\]|<(?!/))+""")
_DIGEST = re.compile(r"(?=[\w-]{1,40}=)[^\r\n'<>&]+")

# Secrets that need no name: keys of v3, and JSON Web Tokens.
_BARE = re.compile(
    r"SG\.[\w-]{16,64}(?:\.[\w-]{0,64})?|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", re.ASCII
)
_AT_DOMAIN = re.compile(r"@[\w-]{1,64}\.\w")

# The remains of damaged names and values.
_NAME_REMAINS = re.compile(
    r"(api[;_.-]{0,4}k?e?y?|p?i[;_-]{0,4}key?|authori?z?a?t?i?o?n?|passw(?:or)?d|token|secret|b?earer|[_-]key)"
)
_REST = re.compile(r"[\w+/~.%=-]*")
_NAMED = re.compile(r"""(?:\A|[?&\s"'{,;])([A-Za-z_][\w-]{0,40})(?:["']?\s?:\s?["']?|=["']?)\Z""")
_NEARBY = 16
_PART = re.compile(r"[\w.-]{6,}")
_QUERY = re.compile(r"""[?&][^\s"'<>]*""")
_LIMIT = re.compile(r"""[\s"'<>]""")
_PLAIN = re.compile("|".join(sorted(PLAIN)))
_PIECE = re.compile(r"(?:^|[?&])(?:amp;|#0*38;)*([^?&=]*)(?:=([^?&]*))?")


class _Search:
    """The search in one text."""

    def __init__(self, text: str, prose: bool) -> None:
        self.text = without_colours(text)
        self.low = fold(self.text)
        self.prose = prose
        self.found: list[Secret] = []
        self._plain = (0, 0, 0)  # The last value without quotes: its span, and the end of its text.

    def run(self) -> list[Secret]:
        """The secrets, in any order and with overlaps."""
        at: Callable[[int], int] | None = None
        if ("%" in self.low or "\\u00" in self.low) and ESCAPE.search(self.text):
            self.text, at = unescape_names(self.text)
            self.low = fold(self.text)
        low = self.low
        hits = []
        for stem in STEMS:
            if stem in low:
                place = low.find(stem)
                while place >= 0:
                    hits.append(place)
                    place = low.find(stem, place + len(stem))
        self._names(sorted(hits))
        if "sg." in low or "eyj" in low:
            for match in _BARE.finditer(self.text):
                self._add(*match.span(), "secret", match.start())
        self.found += map(Secret._make, find_users(self.text, low, prose=self.prose))
        if not self.prose and ("&" in low or "?" in low):
            end = 0
            for match in _QUERY.finditer(self.text):
                head = self.text[end : match.start()]
                head = _LIMIT.split(head[max(head.rfind('"'), head.rfind("<")) + 1 :])[-1]
                end = match.end()
                self._query(head + match[0], match.start() - len(head))
        if at is None:
            return self.found
        return [Secret(at(s.start), at(s.stop), s.kind, at(s.name)) for s in self.found]

    def _add(self, start: int, stop: int, kind: FoundKind, name: int) -> None:
        if start < stop:
            self.found.append(Secret(start, stop, kind, name))

    def _names(self, hits: list[int]) -> None:
        low, done = self.low, 0
        for hit in hits:
            if hit < done:
                continue
            head = low[max(0, hit - _LONGEST_NAME, done) : hit]
            tail = low[hit : hit + _LONGEST_NAME]
            start = hit - len(head) + len(head.rstrip(_NAME_SIGNS))
            done = max(hit + 1, hit + len(tail) - len(tail.lstrip(_NAME_SIGNS)))
            self._name(start, done)
            if self.found:
                done = max(done, self.found[-1].stop)

    def _name(self, start: int, stop: int) -> None:
        kind = kind_of(self.low[start:stop])
        if self.prose and not _CERTAIN.search(plain_name(self.low[start:stop])):
            return
        value = None if kind is None else self._value_of(start, stop, kind)
        if value is not None and self._is_name(*value):
            return  # As in {"key":"api_key","value":"k3y"}.
        if kind is not None and value is not None:
            value = self._unquoted(*value, kind, start)
            self._add(*value, kind, start)
        if self.prose:
            return
        if kind != "user":
            self._joined(start, stop)
        if kind is not None:
            self._nearby(stop if value is None else value[1], start, 2 if kind == "user" else 1)

    def _is_name(self, start: int, stop: int) -> bool:
        """Whether a value is itself the name of another value."""
        is_secret = kind_of(self.low[start:stop]) is not None
        return is_secret and index_of_value(self.low, start, stop) is not None

    def _unquoted(self, start: int, stop: int, kind: SecretKind, name: int) -> tuple[int, int]:
        """The span of a value up to the quote that ends it."""
        quote = self.text.find("'", start, stop)
        if quote < 0:
            return start, stop
        rest = self.text[quote:stop]
        if looks_like_a_key(rest):
            self._add(quote + 1, stop, kind, name)
        return start, stop if rest.strip("')];,}\\") and not looks_like_a_key(rest) else quote

    def _value_of(self, start: int, stop: int, kind: SecretKind) -> tuple[int, int] | None:
        """The span of a name's value, if it has one."""
        low = self.low
        at = index_of_value(low, start, stop)
        word = "" if at is not None else low[start:stop].strip("_.;-")
        if at is None:
            match = _ASSIGNED.match(low, stop)
            if match is None:
                match = _OPTION.match(low, stop) if low.startswith("-", start) else None
            elif word in WORDS and not self._is_assigned(start, match):
                return None
            if match is None:
                return None
            at = match.end()
        inside = values_inside(self.text, at, objects=word not in GROUPS)
        if inside:
            for span in inside:
                self._add(*span, kind, start)
            return inside[-1]
        if kind == "cookie" and (value := _COOKIES.match(low, at)):
            return value.span()
        scheme = _SCHEME.match(low, at)
        if scheme is not None and (kind == "authorization" or scheme[1] in ("basic", "bearer")):
            at = scheme.end()
        digest = _DIGEST.match(low, at) if kind == "authorization" else None
        begin, end, last = self._plain
        if digest is None and begin < at < last and self.text[at] not in "'\\":
            return at, end  # Inside a value that was already read.
        is_header = kind == "authorization" and scheme is None and low.startswith(":", stop)
        header = _HEADER.match(low, at) if is_header else None
        value = digest or header or _VALUE.match(self.text, at)
        if value is None or not value[0].strip("[]{},"):
            return None
        if digest is None and value.lastindex == 7:
            self._plain = (*value.span(), at + len(value[0].rstrip("[]{},")))
        return value.span(value.lastindex or 0)

    def _is_assigned(self, start: int, match: re.Match[str]) -> bool:
        """Whether the text around a common word shows that it is a name."""
        sign = match["sign"]
        if sign is None:
            return "\n" in match[0]
        if sign == ">":
            return self.low[start - 1 : start] in ("<", ":")
        if sign.startswith("=") or (match["closed"] and not self.prose):
            return True
        line = self.low.rfind("\n", max(0, start - 40), start) + 1
        begins = not self.low[max(line, start - 40) : start].strip(" \t>*-<")
        return not self.prose and (
            begins or looks_like_a_key(self.text[match.end() : match.end() + 64])
        )

    def _joined(self, start: int, stop: int) -> None:
        """Find a value that is joined to the remains of its name."""
        match = _NAME_REMAINS.search(self.low, start, stop)
        if match is None:
            return
        rest = self.text[match.end() : stop]
        lost = len(rest) >= 6 and len(match[0]) > 4 and rest[0] not in "_.;-"
        if lost or looks_like_a_key(rest):
            stop = self._end(stop)
            self._add(match.end(), stop, "secret", start)
        if match[0].startswith(("pass", "token", "secret")):
            return
        if lost or match[0] != "api" or self.low[start - 1 : start] in ("&", "?", '"', "'"):
            self._nearby(stop, start)

    def _end(self, at: int) -> int:
        rest = _REST.match(self.text, at)
        return at if rest is None or "=" in rest[0].rstrip("=") else rest.end()

    def _nearby(self, at: int, name: int, far: int = 1) -> None:
        """Find keys shortly after a name or a part of a value."""
        text = self.text
        for run in RUN.finditer(text, at, at + 256):
            if run.start() - at > far * _NEARBY:
                return
            if not is_random(run[0]) or _AT_DOMAIN.match(text, run.end()):
                continue
            named = _NAMED.search(text, max(0, run.start() - 48), run.start())
            if named is not None and named.start(1) >= at and kind_of(named[1]) is None:
                return
            at = self._end(run.end())
            self._add(run.start(), at, "secret", name)

    def _query(self, query: str, start: int) -> None:
        """Find secrets in a query of this API whose names are not in the table."""
        has_api = "api" in query.lower()
        if not (has_api or _PLAIN.search(query)):
            return
        pieces = list(_PIECE.finditer(query))
        if not (has_api or any(piece[1] in PLAIN for piece in pieces)):
            return
        kinds = [kind_of(piece[1]) for piece in pieces]
        whole = any(
            kind == "secret" and len(piece[2] or "") > 5
            for kind, piece in zip(kinds, pieces, strict=True)
        )
        before = None
        in_secret = False  # Damage may put `&` into a secret.
        for kind, piece in zip(kinds, pieces, strict=True):
            name, value, begin = piece[1], piece[2] or "", start + piece.start(1)
            after, before = before, kind
            if kind is not None:
                self._add(begin + len(name) + 1, start + piece.end(), kind, begin)
                in_secret = kind == "secret"
                continue
            in_secret = in_secret and piece[2] is None and name not in PLAIN
            is_part = in_secret and _PART.fullmatch(name) is not None
            if is_part or ("/" not in name and "@" not in name and looks_like_a_key(name)):
                self._add(begin, begin + len(name), "secret", begin)
            odd = "=" in value if name in PLAIN else after == "secret" or not whole
            if odd and "@" not in value and looks_like_a_key(value):
                self._add(start + piece.start(2), start + piece.end(2), "secret", begin)
            elif odd and not value and name not in PLAIN and "/" not in name:
                self._nearby(start + piece.end(), begin)
