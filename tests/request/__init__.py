"""`sgformats.request`: calls as values."""
