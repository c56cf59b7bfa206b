"""Checks of exchanges against the contract."""
