"""Secrets taken out of captures."""
