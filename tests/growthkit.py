"""Captures that make a careless reader slow: one unit of text, repeated many times.

Each unit is repeated by itself and inside each frame, such as a line of a log, a string of JSON or a
body of a cassette. `python -m tests.growthkit` prints the combinations that take long.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, NamedTuple

from sgformats.captures import read_capture
from sgformats.census import take_census
from sgformats.contract.run import check_exchange
from sgformats.errors import SgformatsError
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import read_exchange
from sgformats.redact import Anonymiser, redact_stream
from tests.work import work

# Brackets, signs and escapes of the formats.
_SIGNS = r"""
    [ ] { } < > " ' \ , : ; = & ? # % @ . - _ / | * + ~ ( ) ! $ a 1 A1 é
    [[ [] {} [{ }, {"a": ["a", "a": "a", {"a":1, [], \" \\ \/ \u0040 \ud83d \u00
    <a> </a> <a/> <a <a> </ /> <!-- --> <!---- <![CDATA[ ]]> ]] <? ?> <?xml <! <!x &lt; &#65; &#x &
    % %40 %25 %2540 && &a &a= a=b& a=& ;a= =a & &amp; &#038; &amp;a=b &quot; a;=
"""
# Words that begin or end something in a payload, a capture or a log.
_WORDS = (
    *("<result>", "<invalidemails>", "<invalidemail>", "<email>", "<message>", 'xmlns:a="b" '),
    *("<html>", "</html", "<!doctype html ", "<?xml version='1.0'?>", "<?xml a=", "<head "),
    *('{"message":', '{"email":"', '[{"email":"a",', '{"level":', '{"count":', '"errors":['),
    *("curl ", "curl.exe ", "curl -d ", "-d '", '-d "', "-X ", "--data=", "-F a", "-G "),
    "curl\\\n",
    *("http://", "https://x/", "//", "//a@", "://", "GET ", "GET /", "POST http", " HTTP/1.1"),
    *("/api/bounces.get.json", "/api/bounces.get.json?", "GET /api/bounces.get.json ", "/api/"),
    *("/v3/suppression/bounces", "/v3/suppression/a/", "x.test/v3/suppression/"),
    *("HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n", "status: ", "status=200 ", "-> ", "=> ", "<- ", "< "),
    *("response ", "response: ", "returned (", "body", "result:", "got for ", "output 1 ", "data="),
    *("2009-06-10 12:40:30 ", "2009-06-10", "[2009-", "12:40:30", "Jun 10 ", "I, [2009-", "Mon, "),
    *("INFO ", "[INFO] ", "[a] ", "a: ", "a.b ", "a[1]: ", "level=", "| ", "a | ", "* ", "> "),
    "--",
    *("api_key=", "api_key", "api_user: ", "api", "api%5Fkey", 'api_key"', "api_key => "),
    "apikey=",
    *("authorization: ", "Authorization: basic ", "auth", "bearer ", "basic ", 'digest a="b", '),
    *("cookie:", "cookie:a=b;", "Set-Cookie: a=b; path=/; ", "cookie: a=b, ", "path=/;", ";a"),
    "a=b;",
    *('{"value":', '{"key":"api_key","value":', '"name":"api_key",', '"api_key":{', '"api_key":["'),
    *(
        '"[{""email"":"',
        ',"[\n',
        '""',
        '{"result":{"_raw":"',
        '{"jsonPayload":{',
        "2009-06-10 12:40:30,a\n",
    ),
    *('name="', 'name="a"', 'name="a"\r\n\r\n', "name=a\r\n", "\r\n--", "--b\r\n", "a=b\r\n"),
    *("content-type: ", "content-length: 0\r\n", "content-disposition: form-data; name=a\r\n"),
    *("a@", "a@b", "a@b.", "a@b.c ", "@b-", '"a"@', "'@", "a.", "a%40b", "%2540a", "a%"),
    *("Service ", "try again ", "the service is ", "bad gateway", "10.0.0.1 ", "550 ", "AAAA"),
    "AA== ",
)
# White space, and beginnings and ends of lines.
_SPACES = (
    *(" ", "\t", "\r", "\n", "\r\n", "\0", "\x0b", "\x85", "\ufeff", " a", "\n ", "\\n", "a\n"),
    "\n\n",
    *("- ", "- a\n", "a:\n", "a: b\n", "? ", "&a ", "*a ", "!b ", "|\n", ">\n", "%TAG ! a\n"),
    "---\n",
    *("# a\n", "'", "''", "a: [", "- - ", "[a, ", "interactions:\n", "- request:\n", "<<: *a\n"),
    *("WARC/1.0\r\n", "WARC-Type: response\r\n", "Content-Length: 1\r\n", "a:b\r\n", " a\r\n"),
    ": \r\n",
    *("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n", "1\r\na\r\n"),
    "0\r\n",
    *('{"request":', '{"log":{"entries":[', '"entries":[', '"interactions":[', '{"scope":"",'),
    *('{"url":"/api/bounces.get.json","body":"[]"}\n', "GET /api/bounces.get.json\n[]\n"),
    *("GET /api/bounces.get.json\n", "GET /\n", "HTTP/1.1 200 OK\n\n", "curl http://x \\\n"),
)
UNITS: tuple[str, ...] = tuple(dict.fromkeys((*_SIGNS.split(), *_WORDS, *_SPACES)))


def _string(text: str) -> str:
    return json.dumps(text)


_CALL = "/api/bounces.get.json?api_user=u&api_key=k"
FRAMES: Mapping[str, Callable[[str], str]] = {
    "x": lambda text: text,
    "x.log": lambda text: f"2009-06-10 12:40:30 GET {_CALL}{text}\nresponse: {text}[]\n",
    "body.log": lambda text: f"2009-06-10 12:40:30 INFO GET {_CALL}\n<result>{text}\n",
    "x.jsonl": lambda text: f'{{"url":{_string(_CALL + text)},"body":{_string(text)}}}\n',
    "x.har": lambda text: (
        f'{{"log":{{"entries":[{{"request":{{"method":"POST","url":"{_CALL}","postData":'
        f'{{"text":{_string(text)}}}}},"response":{{"status":200,"headers":[{{"name":"Cookie",'
        f'"value":{_string(text)}}}],"content":{{"text":{_string("[" + text)}}}}}}}]}}}}'
    ),
    "x.yaml": lambda text: (
        f'http_interactions:\n- request:\n    uri: "{_CALL}"\n    body: {_string(text)}\n'
        f"  response:\n    status:\n      code: 200\n    body:\n      string: {_string(text)}\n"
    ),
    "x.warc": lambda text: _warc(f"HTTP/1.1 200 OK\r\nSet-Cookie: {text}\r\n\r\n{text}"),
}


def _warc(block: str) -> str:
    size = len(block.encode("utf-8", "surrogatepass"))
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://x.test{_CALL}\r\n"
        f"Content-Length: {size}\r\n\r\n{block}\r\n\r\n"
    )


class Shape(NamedTuple):
    """A repeated unit, and the frame around it."""

    frame: str
    unit: str

    def file(self, size: int) -> bytes:
        """A file with about `size` characters of the unit."""
        text = self.unit * (size // len(self.unit) + 1)
        return FRAMES[self.frame](text).encode("utf-8", "surrogatepass")


def shapes() -> Iterator[Shape]:
    """Every unit in every frame."""
    for frame in FRAMES:
        for unit in UNITS:
            yield Shape(frame, unit)


class _Counted:
    """A pattern that counts the characters that it reads, assuming that it reads each one once."""

    def __init__(self, pattern: re.Pattern[Any], add: Callable[[int], object]) -> None:
        self._pattern = pattern
        self._add = add

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def match(self, text: Any, at: int = 0, end: int = sys.maxsize) -> re.Match[Any] | None:
        return self._one(self._pattern.match(text, at, end), at, at)

    def fullmatch(self, text: Any, at: int = 0, end: int = sys.maxsize) -> re.Match[Any] | None:
        return self._one(self._pattern.fullmatch(text, at, end), at, at)

    def search(self, text: Any, at: int = 0, end: int = sys.maxsize) -> re.Match[Any] | None:
        return self._one(self._pattern.search(text, at, end), at, min(len(text), end))

    def finditer(self, text: Any, at: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[Any]]:
        for found in self._pattern.finditer(text, at, end):
            self._add(found.end() - at)
            at = found.end()
            yield found
        self._add(min(len(text), end) - at)

    def sub(self, new: Any, text: Any, count: int = 0) -> Any:
        self._add(len(text))
        return self._pattern.sub(new, text, count)

    def findall(self, text: Any) -> list[Any]:
        self._add(len(text))
        return self._pattern.findall(text)

    def _one(self, found: re.Match[Any] | None, at: int, missed: int) -> re.Match[Any] | None:
        self._add(max(0, (missed if found is None else found.end()) - at))
        return found


class Reading:
    """Counts the characters that the patterns of the package read inside the `with` block."""

    def __init__(self) -> None:
        self.characters = 0
        self._patterns: list[tuple[Any, str, Any, Any]] = [
            (owner, name, value, _Counted(value, self._add))
            for owner in _owners()
            for name, value in vars(owner).items()
            if isinstance(value, re.Pattern)
        ]

    def _add(self, number: int) -> None:
        self.characters += number

    def __enter__(self) -> Reading:
        for owner, name, _, counted in self._patterns:
            setattr(owner, name, counted)
        return self

    def __exit__(self, *_: object) -> None:
        for owner, name, pattern, _ in self._patterns:
            setattr(owner, name, pattern)


def _owners() -> Iterator[Any]:
    """Every imported module of the package, and every class in it."""
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == "sgformats":
            yield module
            yield from (
                value
                for value in vars(module).values()
                if isinstance(value, type) and value.__module__ == name
            )


def cost(call: Callable[[bytes, str], object], data: bytes, name: str) -> int:
    """The lines of Python, the function calls, and the characters that patterns read, in one call."""

    def run() -> None:
        with suppress(SgformatsError):
            call(data, name)

    with Reading() as reading:
        steps = work(run)
    return steps + reading.characters


# The calls. Each takes the bytes of a file and its name.


def read(data: bytes, name: str) -> None:
    """`read_captures`."""
    for exchange in read_capture(BytesIO(data), name=name):
        assert exchange.source.file == name


def check(data: bytes, name: str) -> None:
    """`sgformats check`."""
    for exchange in read_capture(BytesIO(data), name=name):
        assert check_exchange(exchange).source.file == name


def census(data: bytes, name: str) -> None:
    """`sgformats census`."""
    stream = BytesIO(data)
    stream.name = name
    assert take_census([stream]).files


def redact(data: bytes, name: str) -> None:
    """`sgformats redact --anonymise`."""
    redact_stream(BytesIO(data), name, lambda piece: None, anonymise=Anonymiser("salt"))


def extract(data: bytes, name: str) -> None:
    """`sgformats extract`, each exchange."""
    options = Options()
    for exchange in read_capture(BytesIO(data), name=name):
        assert read_exchange(exchange, options).kind


CALLS: tuple[Callable[[bytes, str], None], ...] = (read, check, census, redact, extract)


def main() -> None:
    """Print the seconds of every slow shape, and of four times as much of it."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 16_000
    print("| call | frame | unit | seconds | of four times as much |\n|---|---|---|---|---|")
    for shape in shapes():
        for call in CALLS:
            seconds = []
            for times in (1, 4):
                data, begin = shape.file(times * size), time.thread_time()
                with suppress(SgformatsError):
                    call(data, shape.frame)
                seconds.append(time.thread_time() - begin)
            if seconds[1] > 0.2:
                row = (call.__name__, shape.frame, repr(shape.unit), *map("{:.2f}".format, seconds))
                print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
