"""What is secret, and that no output shows it."""
