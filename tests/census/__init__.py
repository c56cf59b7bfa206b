"""What a set of captures holds."""
