"""Every `>>>` example in the package gives the result that it shows."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import sgformats
from tests.docs.pagekit import ROOT

PACKAGE = Path(sgformats.__file__).parent
MODULES = {
    ".".join(("sgformats", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
_PROMPT = re.compile(r"^\s*>>> ", re.MULTILINE)
WITH_EXAMPLES = [name for name, path in MODULES.items() if _PROMPT.search(path.read_text("utf-8"))]


def test_the_public_calls_have_examples() -> None:
    assert {"sgformats.codec", "sgformats.contract.check"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    module = importlib.import_module(name.removesuffix(".__init__"))
    tests = doctest.DocTestFinder().find(module)
    # No prompt is outside a docstring or hidden in the output of another.
    prompts = len(_PROMPT.findall(MODULES[name].read_text("utf-8")))
    assert sum(len(test.examples) for test in tests) == prompts
    output: list[str] = []
    for test in tests:
        doctest.DocTestRunner().run(test, out=output.append)
    assert "".join(output) == ""
