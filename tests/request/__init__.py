"""Calls as values."""
