"""The files for users' CI: the pre-commit hook, the GitHub action, and the examples of docs/ci.md."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import yaml

from sgformats.contract.configuration import find_config
from sgformats.report import REPORTS
from tests.docs.pagekit import ROOT, bash, blocks_of

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = blocks_of(ROOT / "docs" / "ci.md")
EXTRAS = {"captures", "cli", "reports"}
FAULTY = (
    '{"url":"/api/bounces.get.json?api_user=u&api_key=***&date=1","status":200,'
    '"body":"[{\\"email\\":\\"isaac\\",\\"status\\":\\"550\\",\\"reason\\":\\"gone\\"}]"}\n'
)
SOUND = FAULTY.replace("&date=1", "")


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language, in order."""
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's project with the page's cassette, as the working directory."""
    folder = tmp_path / "their project"
    (folder / "tests" / "cassettes").mkdir(parents=True)
    (folder / "tests" / "cassettes" / "bounces.yaml").write_text(blocks("yaml")[0], "utf-8")
    (folder / "tests" / "test_double.py").write_text(blocks("python")[0], "utf-8")
    monkeypatch.chdir(folder)
    return folder


# The page.


@pytest.mark.thorough
def test_every_command_prints_what_the_page_shows(project: Path) -> None:
    shown = 0
    for at, (language, text) in enumerate(BLOCKS):
        if language == "toml":
            Path("pyproject.toml").write_text(text, "utf-8")
        if language != "sh":
            continue
        done = bash(text)
        following = BLOCKS[at + 1] if at + 1 < len(BLOCKS) else ("", "")
        assert (done.returncode, done.stderr) == (0, ""), text
        if following[0] == "text":
            printed = [line.rstrip() for line in done.stdout.splitlines()]
            expected = following[1].rstrip().splitlines()
            assert printed[-len(expected) :] == expected
            shown += 1
    assert shown == len(blocks("text")) >= 4
    assert "hotmail" not in Path("shared.yaml").read_text("utf-8")


@pytest.mark.thorough
def test_the_captures_become_tests_and_the_fixture_works(project: Path) -> None:
    (commands,) = [text for text in blocks("sh") if "pytest" in text]
    done = bash(commands)
    assert "1 passed" in done.stdout
    assert "1 failed" in done.stdout
    assert "missing-created" in done.stdout
    assert done.stdout.rstrip().endswith("exit code 1")


def test_the_table_on_the_page_configures_check(project: Path) -> None:
    (text,) = blocks("toml")
    Path("pyproject.toml").write_text(text.replace('baseline = "sgformats-baseline.json"', ""))
    done = bash("sgformats check")
    assert (done.returncode, done.stderr) == (1, "")
    assert Path("check.xml").is_file()
    assert find_config(project).values["paths"] == ["tests/cassettes"]


def test_every_format_of_a_report_is_on_the_page() -> None:
    assert set(re.findall(r"`(\w+)`", PAGE)) >= set(REPORTS)


def test_the_gitlab_job_checks_and_keeps_its_reports(project: Path) -> None:
    (job,) = [yaml.safe_load(text)["contract"] for text in blocks("yaml") if "image:" in text]
    install, check = job["script"]
    assert extras_of(install) == EXTRAS
    done = bash(check)
    assert (done.returncode, done.stderr) == (1, "")
    kept = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all(Path(name).stat().st_size > 100 for name in kept)


# pre-commit.


def extras_of(requirement: str) -> set[str]:
    found = re.search(r"\[([\w,]+)\]", requirement)
    return set(found[1].split(",")) if found else set()


def test_the_hook_is_complete() -> None:
    (hook,) = HOOKS
    assert hook["id"] == "sgformats-check"
    assert hook["language"] == "python"
    (needed,) = hook["additional_dependencies"]
    assert needed.startswith(".[")
    assert extras_of(needed) == EXTRAS
    given = {
        one for line in requires("sgformats") or [] for one in re.findall(r"extra == .(\w+)", line)
    }
    assert given >= EXTRAS


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.har", True),
        ("deep/b.warc.gz", True),
        ("tests/cassettes/x.yaml", True),
        ("cassettes/x", True),
        ("spec/vcr_cassettes/a/b.yml", True),
        ("package.json", False),
        ("docs/cassettes.md", False),
        ("har", False),
        ("src/share.har.py", False),
    ],
)
def test_the_hook_matches_only_captures(name: str, taken: bool) -> None:
    assert (re.search(HOOKS[0]["files"], name) is not None) is taken


def test_the_hook_runs_as_pre_commit_runs_it(project: Path) -> None:
    """pre-commit splits `entry`, and appends `args` and the names of the files."""
    (hook,) = HOOKS
    (config,) = [yaml.safe_load(text) for text in blocks("yaml") if "hooks:" in text]
    (chosen,) = config["repos"][0]["hooks"]
    assert chosen["id"] == hook["id"]
    names = ["tests/cassettes/bounces.yaml", "tests/cassettes/with space.jsonl"]
    Path(names[1]).write_text(FAULTY, "utf-8")
    assert all(re.search(chosen["files"], name) for name in names)
    command = [*shlex.split(hook["entry"]), *chosen["args"], *names]
    done = bash(shlex.join(command))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-2:] == [
        "2 exchanges in 2 files: 2 checked, 0 skipped",
        "2 errors, 0 warnings",
    ]
    Path(names[1]).write_text(SOUND, "utf-8")
    assert bash(shlex.join([*command[:-2], names[1]])).returncode == 0


# The action.

FILLED = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def step(id: str) -> dict[str, Any]:
    (found,) = [one for one in ACTION["runs"]["steps"] if one.get("id") == id]
    return dict(found)


def test_no_input_is_ever_part_of_a_script() -> None:
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in one.get("run", "")
        assert set(one) <= {
            *("name", "id", "uses", "with", "shell", "env", "run", "working-directory"),
        }
        assert "run" not in one or one["shell"] == "bash"


def test_every_name_that_the_action_uses_is_defined() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    ids = [one["id"] for one in ACTION["runs"]["steps"]]
    for name in FILLED.findall(text):
        first, *rest = name.split(".")
        if first == "inputs":
            assert rest[0] in ACTION["inputs"]
        elif first == "steps":
            assert rest[0] in ids
        else:
            assert name == "github.action_path"
    used = set(FILLED.findall(text))
    assert {f"inputs.{name}" for name in ACTION["inputs"]} <= used
    assert all("description" in one and "default" in one for one in ACTION["inputs"].values())


def test_the_page_lists_every_input_and_uses_no_other() -> None:
    workflow = next(yaml.safe_load(text) for text in blocks("yaml") if "uses: OWNER" in text)
    given = workflow["jobs"]["contract"]["steps"][1]["with"]
    assert set(given) <= set(ACTION["inputs"])
    assert re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE) == list(ACTION["inputs"])


def run_check(inputs: dict[str, str], **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the `check` step with the environment that GitHub makes from the inputs."""
    chosen = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    values = {f"inputs.{name}": value for name, value in chosen.items()}
    values["steps.install.outputs.python"] = sys.executable
    check = step("check")
    env: dict[str, str] = {
        name: FILLED.sub(lambda found: values[found[1]], text)
        for name, text in check["env"].items()
    }
    Path("output").touch()
    env |= {"GITHUB_OUTPUT": "output", "GITHUB_ACTIONS": "true", **changes}
    return bash(check["run"], **env)


def test_the_action_checks_its_paths(project: Path) -> None:
    workflow = next(yaml.safe_load(text) for text in blocks("yaml") if "uses: OWNER" in text)
    bash("sgformats check tests/cassettes --write-baseline sgformats-baseline.json")
    inputs = workflow["jobs"]["contract"]["steps"][1]["with"]
    done = run_check(inputs)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("0 errors, 0 warnings, 1 known\n")
    assert Path("output").read_text() == "exit-code=0\n"
    assert json.loads(Path("sgformats.sarif").read_bytes())["version"] == "2.1.0"


def test_the_action_fails_with_annotations_and_a_summary(project: Path) -> None:
    done = run_check({"paths": "tests/cassettes"}, GITHUB_STEP_SUMMARY="summary.md")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith(
        "::error file=tests/cassettes/bounces.yaml,line=2,col=1,title=missing-created::"
    )
    assert "missing-created" in Path("summary.md").read_text("utf-8")
    assert Path("output").read_text() == "exit-code=1\n"


def test_without_paths_the_action_uses_pyproject_toml(project: Path) -> None:
    Path("pyproject.toml").write_text('[tool.sgformats]\npaths = ["tests/cassettes"]\n')
    assert run_check({}).returncode == 1
    Path("pyproject.toml").write_text("")
    done = run_check({})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sgformats: Missing argument 'PATH...'.")
    assert Path("output").read_text() == "exit-code=1\nexit-code=2\n"


EVIL = [
    *("a b.jsonl", "$(touch pwned).jsonl", "`touch pwned`.jsonl", "'q\".jsonl", "-x.jsonl"),
    "*.jsonl",
]


def test_no_shell_reads_an_input(project: Path) -> None:
    for name in EVIL:
        Path(name).write_text(FAULTY, "utf-8")
    Path("known $(touch pwned).json").write_text('{"version": 1, "problems": []}')
    done = run_check(
        {
            "paths": "\n".join(EVIL) + "\n\n",
            "report": "json=o u t;touch pwned.json\n",
            "args": "--baseline 'known $(touch pwned).json' --select missing-created",
        }
    )
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(Path("o u t;touch pwned.json").read_bytes())
    assert [one["source"]["file"] for one in report["problems"]] == EVIL
    assert not Path("pwned").exists()


def test_invalid_args_give_one_line(project: Path) -> None:
    done = run_check({"paths": "tests", "args": "--mode 'lax"})
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "sgformats: cannot read the input args: No closing quotation\n",
    )
    assert Path("output").read_text() == "exit-code=2\n"


def test_modules_of_the_checked_project_are_not_run(project: Path) -> None:
    for name in ("sgformats", "shlex", "json"):
        Path(f"{name}.py").write_text("open('pwned', 'w')\n")
    done = run_check({"paths": "tests/cassettes"})
    assert done.returncode == 1
    assert not Path("pwned").exists()


FAKE_PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/{folder}" && cp "$0" "$3/{folder}/python"
else
  printf '%s\\n' "$@" > "$RUNNER_TEMP/installed"
fi
"""


@pytest.mark.parametrize("folder", ["bin", "Scripts"])
def test_the_action_installs_itself_in_its_own_environment(project: Path, folder: str) -> None:
    for path in ("python", "their temp/x"):
        (project / path).parent.mkdir(exist_ok=True)
    (project / "python").write_text(FAKE_PYTHON.format(folder=folder))
    (project / "python").chmod(0o755)
    done = bash(
        step("install")["run"],
        SGFORMATS_PYTHON=str(project / "python"),
        SGFORMATS_SOURCE="/an action",
        RUNNER_TEMP=str(project / "their temp"),
        GITHUB_OUTPUT="output",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("output").read_text() == f"python={project}/their temp/sgformats/{folder}/python\n"
    *_, last = Path("their temp/installed").read_text().splitlines()
    assert last.startswith("/an action[")
    assert extras_of(last) == EXTRAS
