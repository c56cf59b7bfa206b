"""Tests of `sgformats.redact`."""
