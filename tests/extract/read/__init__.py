"""Captures to rows."""
