"""Tools to test this library, and for the tests of its users.

The strategies are in `sgformats.testing.strategies`: they need Hypothesis, the corpus does not.
"""

from sgformats.testing.captures import CaptureCase, load_capture_cases
from sgformats.testing.corpus import Case, ExpectedProblem, load_corpus

__all__ = ["CaptureCase", "Case", "ExpectedProblem", "load_capture_cases", "load_corpus"]
