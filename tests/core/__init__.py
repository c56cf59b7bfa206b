"""The core: bytes to replies, and back."""
