"""Exchanges held to the contract."""
