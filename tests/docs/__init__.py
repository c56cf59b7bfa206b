"""The examples and tables of README and docs."""
