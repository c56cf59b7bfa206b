"""Secrets, and that no output shows them."""
