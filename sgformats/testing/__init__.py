"""Test tools for this library and its users.

The strategies are in `sgformats.testing.strategies`, because they need Hypothesis.
"""

from sgformats.testing.captures import CaptureCase, load_capture_cases
from sgformats.testing.corpus import Case, ExpectedProblem, load_corpus

__all__ = ["CaptureCase", "Case", "ExpectedProblem", "load_capture_cases", "load_corpus"]
