"""The project itself: layout, packaging, CI files."""
