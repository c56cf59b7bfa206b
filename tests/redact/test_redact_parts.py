"""The parts of redaction: edits through layers, and fake addresses."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.redact.anonymise import Anonymiser
from sgformats.redact.edits import (
    Edit,
    Layer,
    apply,
    differences,
    json_layer,
    json_text,
    percent_layer,
    replace,
    xml_layer,
)
from sgformats.redact.hider import Hider
from sgformats.redact.names import kind_of
from sgformats.redact.units import json_units, line_units, log_units, xml_units, yaml_units
from tests.redact.redactkit import redacted

# Names.


@pytest.mark.parametrize("levels", [0, 1, 2, 3])
def test_a_name_holds_for_the_values_inside(levels: int) -> None:
    value = '{"a":' * levels + '"S"' + "}" * levels
    text = f'[{{"x":[{{"value":{value},"key":"password"}}]}}]'
    assert redacted(text.replace("S", "k3y").encode()) == text.replace("S", "***").encode()


def test_values_may_be_nested_to_any_depth() -> None:
    text = '{"value":' * 5000 + '"a"' + "}" * 5000
    assert redacted(text.encode()) == text.encode()
    text = '{"key":"password","value":' * 5000 + '"a"' + "}" * 5000
    shown = text.replace('"password"', '"***"').replace('"a"', '"***"')
    assert redacted(text.encode()) == shown.encode()


# Edits.


def test_text_between_edits_stays() -> None:
    assert apply("abcdef", [Edit(1, 2, "X"), Edit(4, 6, "")]) == "aXcd"
    assert apply("abc", []) == "abc"


@pytest.mark.parametrize(
    ("old", "new", "edits"),
    [
        ("secret", "***", [Edit(0, 6, "***")]),
        ("key=v", "key=***", [Edit(4, 5, "***")]),
        ("**", "***", [Edit(2, 2, "*")]),
        ("***", "***", []),
        ("abc", "", [Edit(0, 3, "")]),
        ("aXb", "aYb", [Edit(1, 2, "Y")]),
    ],
)
def test_a_replacement_touches_only_the_difference(old: str, new: str, edits: list[Edit]) -> None:
    assert replace(old, 0, len(old), new) == edits
    assert apply(old, edits) == new


@given(st.text("ab@.", max_size=12), st.data())
def test_differences_turn_one_text_into_the_other(old: str, data: st.DataObject) -> None:
    new = data.draw(st.text("ab@.", min_size=len(old), max_size=len(old)))
    edits = differences(old, new, 3)
    assert apply("xyz" + old, edits) == "xyz" + new
    assert all(
        a != b for e in edits for a, b in zip(old[e.start - 3 : e.stop - 3], e.new, strict=True)
    )


# Layers: edits of a decoded text become edits of the written text.


def whole_json(raw: str) -> Layer:
    """The layer of a text in quotes."""
    return json_layer(f'"{raw}"', 1, len(raw) + 1)


def whole_percent(raw: str) -> Layer:
    """The layer of a text after a question mark."""
    return percent_layer(f"?{raw}", 1, len(raw) + 1)


def whole_xml(raw: str) -> Layer:
    """The layer of character data: `|` is a gap, and brackets contain CDATA."""
    runs = []
    for run in re.finditer(r"\[([^\]]*)\]|[^|\[]+", raw):
        group = 1 if run[1] is not None else 0
        runs.append((run.start(group) + 1, run.end(group) + 1, bool(group)))
    return xml_layer(f">{raw}", runs)


@pytest.mark.parametrize(
    ("make", "raw", "reads", "find", "put", "written"),
    [
        (whole_json, r"ab", "ab", "b", "c", r"ac"),
        (whole_json, r"a\u0040b\n", "a@b\n", "b", "c", r"a\u0040c\n"),
        (whole_json, r"a\u0040b", "a@b", "a@b", "***", r"***"),
        (whole_json, r"\ud83d\ude00x", "😀x", "😀", "é", r"\u00e9x"),
        (whole_json, r"\ud83d\ude00x", "😀x", "x", "😀", r"\ud83d\ude00\ud83d\ude00"),
        (whole_json, r"\ud83dx", "\ud83dx", "x", "y", r"\ud83dy"),
        (whole_json, r"é\/x", "é/x", "x", 'ü/"', r"é\/ü\/\""),
        (whole_json, r"\q\u12\\", "\ufffd\ufffd\\", "\\", "\t", r"\q\u12\t"),
        (whole_percent, "ab", "ab", "b", "c d", "ac%20d"),
        (whole_percent, "%41+b%C3%A9%FF", "A bé\udcff", "é", "e", "%41+be%FF"),
        (whole_percent, "%41+b", "A b", " ", "&", "%41%26b"),
        (whole_percent, "100%é", "100%é", "é", "e", "100%e"),
        (whole_xml, "a&#64;b", "a@b", "b", "&", "a&#64;&amp;"),
        (whole_xml, "a&#64;b", "a@b", "@", "x", "axb"),
        (whole_xml, "a&#x40;&lt;|b", "a@<b", "<b", "cd", "a&#x40;cd|"),
        (whole_xml, "a[<b>]c", "a<b>c", "b>c", "***", "a[<***]"),
        (whole_xml, "[&amp;]", "&amp;", "amp", "<", "[&<;]"),
        (whole_xml, "|a|b|", "ab", "b", "c", "|a|c|"),
        (whole_xml, "&#1114112;&x;&a", "\ufffd\ufffd;\ufffd", ";", "y", "&#1114112;&xy&a"),
        (whole_percent, "é%41", "éA", "A", "ü&", "éü%26"),
    ],
)
def test_a_layer_keeps_everything_around_a_change(
    make: Callable[[str], Layer], raw: str, reads: str, find: str, put: str, written: str
) -> None:
    layer = make(raw)
    assert layer.text == reads
    at = reads.index(find)
    edits = layer.lift([Edit(at, at + len(find), put)])
    assert apply(f"?{raw}", edits) == f"?{written}"


@given(st.text(max_size=20), st.data())
def test_an_edited_json_string_decodes_to_the_edited_text(text: str, data: st.DataObject) -> None:
    raw = json.dumps(text, ensure_ascii=data.draw(st.booleans()))
    layer = json_layer(raw, 1, len(raw) - 1)
    assert layer.text == text
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    new = data.draw(st.text(max_size=5))
    changed = apply(raw, layer.lift([Edit(start, stop, new)]))
    assert json.loads(changed) == text[:start] + new + text[stop:]


@given(st.text(max_size=20), st.data())
def test_an_edited_query_decodes_to_the_edited_text(text: str, data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from((quote, quote_plus)))(text)
    layer = percent_layer(raw, 0, len(raw))
    assert layer.text == text
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    changed = apply(raw, layer.lift([Edit(start, stop, "é+&")]))
    assert unquote_plus(changed) == text[:start] + "é+&" + text[stop:]


# Names.


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api_key", "secret"),
        ("amp;api;_key", "secret"),
        ("%2561pi%5Fkey", "secret"),
        ("X-Api-Key", "secret"),
        ("csrf-token", "secret"),
        ("Password", "secret"),
        ("key", "secret"),
        ("api_user", "user"),
        ("Set-Cookie", "cookie"),
        ("Proxy-Authorization", "authorization"),
        ("email", "address"),
        ("#038;user", "address"),
        ("ip", "ip"),
        ("reason", "prose"),
        ("monkey", None),
        ("tokens", None),
        ("", None),
    ],
)
def test_a_name_determines_the_kind_of_its_value(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


# Units.


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("cut", "units"),
    [
        (line_units, ["a\n", "\r\n", "b\x0bc\u2028d"]),
        (json_units, ['{"log":{"x":[{}],"entries":[{"a":[{},{}]}', ',{"b":"]}\\""}', "]}}", "\n"]),
        (json_units, ['[{"a":1}', ',{"b":[2]}', "]"]),
        (json_units, ["{}", "\n{}", ' {"a":"']),
        (json_units, ["]]] x"]),
        (yaml_units, ["interactions:\n- a:\n  - b\n", "- c\n", "version: 1\n"]),
        (yaml_units, ["Cookie:\n- a=b\n- c=d\n"]),
        (yaml_units, ["- a: 1\n", "- b: 2\n"]),
        (log_units, ["a\n\nb\n"]),
        (xml_units, ["<a><b>c</b></a>"]),
    ],
)
def test_units_joined_are_the_text(
    cut: Callable[[Iterable[str]], Iterable[str]], units: list[str], size: int
) -> None:
    text = "".join(units)
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(cut(chunks)) == units
    assert "".join(cut(chunks)) == text


def test_a_long_log_is_cut_before_an_entry() -> None:
    entry = "2010-01-01 00:00:00 GET /x\n  {\n" + "  x\n" * 1000 + "  }\n"
    parts = list(log_units([entry * 1000]))
    assert len(parts) > 2
    assert all(part.startswith("2010-01-01") for part in parts)
    assert "".join(parts) == entry * 1000


def test_a_long_document_is_cut_after_an_element() -> None:
    text = "<a>" + "<b><c>x</c></b>" * 200_000 + "</a>"
    parts = list(xml_units(text[at : at + 100_000] for at in range(0, len(text), 100_000)))
    assert len(parts) > 2
    assert all(part.endswith(">") for part in parts)
    assert "".join(parts) == text


# Fake addresses.


@pytest.mark.parametrize(
    ("true", "fake"),
    [
        ("isaac@hotmail.comm", r"[a-z]{5}@[a-z]{7}\.comm"),
        ("Isaac.N-42@Example.co.UK", r"[A-Z][a-z]{4}\.[A-Z]-\d\d@[A-Z][a-z]{6}\.[a-z]{2}\.UK"),
        ("isaac@hotmail", r"[a-z]{5}@[a-z]{7}"),
        ("brandon", r"[a-z]{7}"),
        ("  brandon\n", r"  [a-z]{7}\n"),
        ('"john doe"@x1.org', r'"[a-z]{4} [a-z]{3}"@[a-z]\d\.org'),
        ("John <j.b@mail.net>", r"[A-Z][a-z]{3} <[a-z]\.[a-z]@[a-z]{4}\.net>"),
        ("'o'brien@mail.net'", r"'[a-z]'[a-z]{5}@[a-z]{4}\.net'"),
        ("@hotmail.com", r"@[a-z]{7}\.com"),
        ("a@", r"[a-z]@"),
        ("@", "@"),
        ("", ""),
        (" ", " "),
    ],
)  # fmt: skip
def test_a_fake_keeps_the_shape(true: str, fake: str) -> None:
    assert re.fullmatch(fake, Anonymiser("salt").address(true))


def test_fakes_depend_only_on_the_salt() -> None:
    assert Anonymiser("salt").address("isaac@hotmail.comm") == "wqrci@suvtkog.comm"
    assert Anonymiser(b"salt").address("isaac@hotmail.comm") == "wqrci@suvtkog.comm"
    other = {Anonymiser(salt).address("isaac@hotmail.comm") for salt in ("a", "b", None, None)}
    assert len(other) == 4


def test_case_and_white_space_do_not_change_a_fake() -> None:
    fake = Anonymiser("salt")
    assert fake.address("Isaac@Hotmail.Comm").lower() == fake.address("isaac@hotmail.comm")
    assert fake.address(" isaac@hotmail.comm ").strip() == fake.address("isaac@hotmail.comm")
    one, two = fake.address("a.b@hotmail.com"), fake.address("c.d@hotmail.com")
    assert one.partition("@")[2] == two.partition("@")[2]


@given(st.lists(st.text("ab1", min_size=1, max_size=6), unique=True, min_size=2, max_size=30))
def test_two_addresses_of_one_shape_never_get_the_same_fake(texts: list[str]) -> None:
    fake = Anonymiser("salt")
    fakes = Counter(map(fake.address, texts))
    assert max(fakes.values()) == 1


@given(
    st.lists(
        st.sampled_from((*'\\"/bnux0dcE8\n\0é', "\\u", "\\ud83d", "\\ude00", "\ud800", "\\/")),
        max_size=12,
    )
)
def test_json_text_and_json_layer_decode_alike(pieces: list[str]) -> None:
    raw = "".join(pieces)
    assert json_text(raw) == json_layer(raw, 0, len(raw)).text


@given(st.text(max_size=30))
def test_a_fake_changes_only_letters_and_digits(text: str) -> None:
    fake = Anonymiser("salt").address(text)
    assert [c for c in fake if not c.isalnum()] == [c for c in text if not c.isalnum()]
    assert len(fake) == len(text)
    assert len(fake.encode()) == len(text.encode())
    assert [(c.islower(), c.isdigit()) for c in fake] == [(c.islower(), c.isdigit()) for c in text]


def test_the_cache_of_addresses_is_bounded() -> None:
    fake = Anonymiser("salt")
    first = fake.address("isaac@hotmail.comm")
    for number in range(50_001):
        fake._known.setdefault(str(number), "")
    assert fake.address("another") == Anonymiser("salt").address("another")
    assert len(fake._known) == 1
    assert fake.address("isaac@hotmail.comm") == first


def test_a_text_longer_than_an_address_or_key_is_not_cached() -> None:
    fake = Anonymiser("salt")
    text = "isaac" * 100 + "@hotmail.comm"
    assert fake.address(text) == fake.address(text) != text
    assert not fake._known
    hider = Hider()
    for size in (5, 6, 1 << 16, (1 << 16) + 1):
        assert apply("x" * size, hider.value("api_key", "x" * size) or []) == "***"
    assert [len(secret) for secret in hider.known] == [6, 1 << 16]


def test_ipv4_addresses_become_documentation_addresses() -> None:
    fake = Anonymiser("salt")
    true = [f"10.{n // 250}.{n % 250}.7" for n in range(762)]
    fakes = [fake.ip(text) for text in true]
    assert len(set(fakes)) == 762
    assert {text.rpartition(".")[0] for text in fakes} == {"192.0.2", "198.51.100", "203.0.113"}
    assert [fake.ip(text) for text in true] == fakes
    assert len(Anonymiser("salt").ip("93.184.216.34")) == len("93.184.216.34")


def test_no_two_ipv4_addresses_get_the_same_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    small = (IPv4Network("198.18.0.0/26"), IPv4Network("240.0.0.0/4"))
    monkeypatch.setattr("sgformats.redact.anonymise._MORE", small)
    fake = Anonymiser("salt")
    true = [f"10.{n // 250}.{n % 250}.7" for n in range(1000)]
    fakes = [fake.ip(text) for text in true]
    assert len(set(fakes)) == 1000
    assert [sum(IPv4Address(text) in network for text in fakes) for network in small] == [48, 190]
    assert not any(IPv4Address(text).is_global for text in fakes)
    assert [fake.ip(text) for text in true] == fakes


def test_other_hosts_keep_their_form() -> None:
    fake = Anonymiser("salt")
    assert re.fullmatch(r"2001:db8:[0-9a-f:]+", fake.ip("2a00:1450:4001:81b::200e"))
    assert re.fullmatch(r" \d\.\d\.\d{3} ", fake.ip(" 1.2.999 "))
    assert re.fullmatch("[a-z]{7}", fake.ip("unknown"))
    assert fake.ip("") == ""
