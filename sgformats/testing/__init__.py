"""What this library is tested with, shipped for its users' tests as much as for its own.

The strategies stand apart, in `sgformats.testing.strategies`: they need Hypothesis, the corpus does not.
"""

from sgformats.testing.corpus import Case, ExpectedProblem, load_corpus

__all__ = ["Case", "ExpectedProblem", "load_corpus"]
