"""What this library is tested with, shipped for its users' tests as much as for its own."""

from sgformats.testing.corpus import Case, ExpectedProblem, load_corpus

__all__ = ["Case", "ExpectedProblem", "load_corpus"]
