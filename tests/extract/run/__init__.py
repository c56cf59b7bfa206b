"""Whole runs, also interrupted ones."""
