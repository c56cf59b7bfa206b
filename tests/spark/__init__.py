"""The Spark source, in a real Spark."""
