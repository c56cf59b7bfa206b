"""What README and docs show, run."""
