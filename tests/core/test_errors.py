"""The texts of errors are complete, clipped, and hold no secret."""

from __future__ import annotations

from sgformats.errors import CaptureError, ExtractError, MissingPackageError, quote


def test_quoted_values_are_visible_clipped_and_redacted() -> None:
    assert quote("a\nb") == '"a\\nb"'
    assert quote("x" * 61) == f'"{"x" * 59}…"'
    assert quote("?api_key=secret&a=b") == '"?api_key=***&a=b"'


def test_a_capture_error_names_the_place_and_hides_secrets() -> None:
    error = CaptureError("a.har", "expected api_key=hunter2", 3, 40)
    assert str(error) == "a.har, line 3, byte 40: expected api_key=***"
    assert str(CaptureError("a.har", "expected a file")) == "a.har: expected a file"


def test_an_extract_error_gives_advice_and_hides_secrets() -> None:
    error = ExtractError("a.csv", "cannot write api_key=hunter2 there", "run it again")
    assert str(error) == "a.csv: cannot write api_key=*** there; run it again"
    assert str(ExtractError("a.csv", "expected a file")) == "a.csv: expected a file"
    assert (error.subject, error.advice) == ("a.csv", "run it again")


def test_a_missing_package_error_names_the_command_to_run() -> None:
    error = MissingPackageError("reading YAML", "PyYAML", "captures")
    assert str(error) == 'reading YAML needs PyYAML: pip install "sgformats[captures]"'
    assert isinstance(error, ImportError)
