"""All calls agree on one payload, and on one text in several encodings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats
from sgformats import (
    DecodeError,
    InvalidEmail,
    Listing,
    Record,
    Reply,
    SgformatsError,
    parse,
)
from sgformats.testing.strategies import mutated, payloads

GET: Final = "invalidemails.get"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ITEM = "<invalidemail><email>a</email><reason>r</reason></invalidemail>"

# Encodings in which the bytes of a text mean another text in UTF-8 or in the other byte order.
SINGLE = [
    *(f"iso-8859-{n}" for n in range(1, 17) if n != 12),
    *(f"windows-125{n}" for n in range(9)),
    *("koi8-r", "us-ascii", "utf-8"),
]
WIDE = [
    (encoding, mark)
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    for mark in (True, False)
]


def xml_in(encoding: str) -> bytes:
    text = b"\xc3\xa9\xc2\xb1".decode(encoding, "replace").replace("\ufffd", "e")
    items = "".join(
        f"<invalidemail><email>{email}</email><reason>{reason}</reason></invalidemail>"
        for email, reason in (("a", text), (text, "b"), ("c", "d"))
    )
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return f"{head}<invalidemails>{items}</invalidemails>".encode(encoding)


def wide(chars: str, encoding: str, mark: bool) -> bytes:
    return ("\ufeff" * mark + chars).encode(encoding)


WIDE_TEXTS = (
    '[{"email":"a€b","reason":"††"},{"email":"c","reason":"d"}] ',
    f'<?xml version="1.0" encoding="UTF-16"?><invalidemails>{ITEM.replace("a<", "a€b<")}{ITEM}'
    "</invalidemails> ",
)


def removes_only_the_declaration(data: bytes, cut: int) -> bool:
    return data.index(b"?>") + 2 <= cut <= data.index(b"<invalidemails>")


def records_of(data: bytes | str) -> tuple[Record, ...]:
    reply = parse(data, GET)
    assert isinstance(reply, Listing)
    return reply.records


def check_cuts(data: bytes, cuts: Iterable[tuple[int, int]]) -> None:
    whole = set(records_of(data))
    for start, stop in cuts:
        saved = sgformats.salvage(data[start:stop], GET)
        found = set(saved.records)
        # Without visible damage the cut is a payload of its own.
        assert found <= whole or not saved.problems, (start, stop, found - whole)
        if start == 0 and stop == len(data):
            assert found == whole


def all_cuts(size: int) -> Iterator[tuple[int, int]]:
    yield from ((start, size) for start in range(size))
    yield from ((start, stop) for start in range(0, size, 7) for stop in range(start, size, 5))


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "koi8-r", "utf-8"])
def test_without_its_declaration_no_record_is_misread(encoding: str) -> None:
    data = xml_in(encoding)
    item = data.index(b"<invalidemail>")
    starts = (0, 1, 30, item, item + 1, data.index(b"<invalidemail>", item + 1))
    check_cuts(data, ((start, stop) for start in starts for stop in (len(data), len(data) - 20)))
    alone = data[item : data.index(b"</invalidemails>")].partition(b"</invalidemail>")
    assert sgformats.salvage(b"".join(alone[:2]), GET).records == ()
    assert sgformats.salvage(b"".join(alone[:2])).records == ()


def test_ascii_records_need_no_declaration() -> None:
    data = xml_in("iso-8859-1")
    cut = data[data.index(b"<invalidemail>") :]
    assert sgformats.salvage(cut, GET).records == (InvalidEmail("c", "d"),)


@pytest.mark.parametrize("text", WIDE_TEXTS, ids=["json", "xml"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_lost_byte_makes_no_record_misread(text: str, encoding: str) -> None:
    data = wide(text, encoding, mark=False)
    whole = set(records_of(data))
    for start in range(8):
        for stop in (len(data), len(data) - 2):
            found = set(sgformats.salvage(data[start:stop], GET).records)
            assert found <= whole, (start, stop)


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", SINGLE)
def test_no_cut_makes_a_record_misread(encoding: str) -> None:
    data = xml_in(encoding)
    cuts = [cut for cut in all_cuts(len(data)) if not removes_only_the_declaration(data, cut[0])]
    check_cuts(data, cuts)


@pytest.mark.thorough
@pytest.mark.parametrize("encoding", SINGLE)
def test_no_overwritten_byte_makes_a_record_misread(encoding: str) -> None:
    data = xml_in(encoding)
    whole = set(records_of(data))
    for at in range(len(data)):
        for put in (b"\0", b"<", b"\xff", b"\0" * 9):
            damaged = data[:at] + put + data[at + len(put) :]
            for record in sgformats.salvage(damaged, GET).records:
                hit = put == b"\xff" and put.decode(encoding, "replace") in str(record)
                assert record in whole or hit, (at, put, record)


@pytest.mark.thorough
@pytest.mark.parametrize("text", WIDE_TEXTS, ids=["json", "xml"])
@pytest.mark.parametrize(("encoding", "mark"), WIDE)
def test_no_cut_makes_a_wide_record_misread(text: str, encoding: str, mark: bool) -> None:
    text = text.replace("UTF-16", encoding[:6].upper())
    data = wide(text, encoding, mark)
    check_cuts(data, all_cuts(len(data)))


# One payload, several calls.

ROOTS = [
    "",
    ' a="b"',
    ' xmlns="u"',
    ' xmlns:p="u"',
    ' xmlns:p="u" p:a="b"',
    f' xmlns:xsi="{XSI}"',
    *(
        f' xmlns:xsi="{XSI}" xsi:{name}="{value}"'
        for name, value in (
            ("type", "text"),
            ("type", "xs:string"),
            ("type", "invalidemails"),
            ("type", ""),
            ("nil", "true"),
            ("nil", "false"),
            ("schemaLocation", "a b"),
            ("schemaLocation", "a"),
            ("noNamespaceSchemaLocation", "a"),
            ("other", "a"),
        )
    ),
    f' xmlns:i="{XSI}" i:type="text"',
    f' xmlns:xsi="{XSI}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:anyType"',
    ' xml:lang="en"',
    ' xml:space="preserve"',
    ' xml:id="1"',
]
INSIDES = [
    "",
    " ",
    ITEM,
    "text" + ITEM,
    ITEM.replace("<email>", f'<email xmlns:xsi="{XSI}" xsi:type="text">'),
    ITEM.replace("<email>", f'<email xmlns:xsi="{XSI}" xsi:type="nothing">'),
    ITEM.replace("<invalidemail>", f'<invalidemail xmlns:y="{XSI}" y:type="invalidemails">'),
    ITEM.replace("<email>", '<email xmlns="">'),
    ITEM.replace("<email>", '<email xmlns="u">'),
    "<p:a/>" + ITEM,
    "<a/>" + ITEM,
]


def verdicts(data: bytes) -> tuple[bool, bool, bool, bool]:
    """Whether `parse`, `validate`, `salvage` and `iter_records` accept a payload in strict mode."""

    def accepts(read: object) -> bool:
        try:
            return bool(read())  # type: ignore[operator]
        except SgformatsError:
            return False

    stream = iter([data[:40], data[40:]])
    return (
        accepts(lambda: [parse(data, GET)]),
        not sgformats.validate(data, GET),
        sgformats.salvage(data, GET, mode="strict").reply is not None,
        accepts(lambda: [list(sgformats.iter_records(stream, GET))]),
    )


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read payloads of any size in pieces."""
    monkeypatch.setattr(sys.modules[sgformats.iter_records.__module__], "_WHOLE", 16)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("root", ROOTS)
def test_all_calls_agree_on_a_root_element(root: str) -> None:
    for inside in INSIDES:
        for data in (f"<invalidemails{root}>{inside}</invalidemails>", f"<invalidemails{root}/>"):
            assert len(set(verdicts(data.encode()))) == 1, (data, verdicts(data.encode()))


@pytest.mark.usefixtures("pieces")
def test_all_calls_refuse_a_wrong_xsi_type() -> None:
    root = f'<invalidemails xmlns:xsi="{XSI}" xsi:type="text">'
    assert verdicts(f"{root}{ITEM}</invalidemails>".encode()) == (False, False, False, False)


@pytest.mark.thorough
@given(mutated(payloads(GET)))
def test_all_calls_agree_on_a_mutated_payload(data: bytes) -> None:
    strict, valid, saved, streamed = verdicts(data)
    assert (valid, saved) == (strict, strict)
    if not strict or isinstance(parse(data, GET), Listing):
        assert streamed == strict


# One text, as characters and as bytes.


def outcome(data: bytes | str) -> Reply | list[sgformats.Problem]:
    try:
        return parse(data, GET)
    except (DecodeError, sgformats.ValidationError) as error:
        return list(error.problems)


@pytest.mark.parametrize("text", ["[\0]\0", "\0[\0]", "[\0\0\0]\0\0\0", "\0<\0a\0/\0>"])
def test_a_str_is_not_decoded_again(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(text, GET)
    assert caught.value.problems[0].rule in ("not-well-formed", "not-an-answer")
    assert sgformats.salvage(text, GET).records == ()
    assert sgformats.classify(text).encoding in ("UTF-8", None)


def test_a_damaged_str_is_not_decoded_by_its_declaration() -> None:
    xml = xml_in("utf-8").decode().replace("utf-8", "iso-8859-1")
    whole = records_of(xml)
    assert sgformats.salvage(xml[:-3], GET).records == whole
    item = xml.index("<invalidemail>")
    assert sgformats.salvage(xml[item:], GET).records == whole


def test_a_byte_order_mark_in_a_str_is_ignored() -> None:
    assert parse("\ufeff[]", GET) == parse("[]", GET)


@pytest.mark.thorough
@given(st.one_of(payloads().map(itemgetter(1)), mutated(payloads())), st.data())
def test_a_str_and_its_bytes_agree(data: bytes, more: st.DataObject) -> None:
    text = data.decode("utf-8", "replace")
    at = more.draw(st.integers(0, len(text)))
    text = text[:at] + more.draw(st.text(max_size=3)) + text[at:]
    if "\0" in text[:8] or "encoding" in text[:200].lower():
        return
    assert outcome(text) == outcome(text.encode())


@pytest.mark.parametrize("head", ["", '<?xml version="1.0"?>'])
@pytest.mark.parametrize("first", ["\x80", "é", "€ ", " \U0001f600", "\xa0\t", "x é", "\ufffd"])
def test_a_str_and_its_bytes_agree_on_leading_text(first: str, head: str) -> None:
    text = f"{first}{head}<result><error>é</error><message>m</message></result>"
    found = outcome(text)
    assert isinstance(found, list) and found == outcome(text.encode())
    text = f"{first}{head}<bounces><bounce><email>a@b</email><reason>é</reason></bounce></bounces>"
    data = text.encode()
    with pytest.raises(DecodeError) as caught:
        parse(data, "bounces.get")
    (problem, *_) = caught.value.problems
    assert sgformats.salvage(data, "bounces.get").problems[0] == problem
    assert sgformats.salvage(text, "bounces.get").problems[0] == problem
