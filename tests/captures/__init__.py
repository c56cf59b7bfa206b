"""Captures of every kind."""
