"""`sgformats.testing`: the test tools for users."""
