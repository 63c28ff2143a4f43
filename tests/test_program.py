"""The program as a user meets it: arguments, exit codes, output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crrlint import __version__
from crrlint.report import FORMATS
from tests.running import EXAMPLES, ROOT, Run, crrlint

SCHEMA = json.loads((ROOT / "crrlint/schemas/report.json").read_text(encoding="utf-8"))
WORKS, BROKEN, UNDECIDED = (EXAMPLES / name for name in ("works", "broken", "undecided"))

BUCKET = b'{"Resources": {"Logs": {"Type": "AWS::S3::Bucket", "Properties": {}}}}'


def _report(run: Run) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    return report


@pytest.mark.parametrize("format", FORMATS)
def test_the_exit_code_is_the_same_in_every_format(format: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Resources": ')
    codes = [crrlint(path, "--format", format).code for path in (WORKS, BROKEN, UNDECIDED, broken)]
    assert [0, 1, 0, 2] == codes


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_input_gives_the_same_bytes(format: str) -> None:
    runs = {
        crrlint(EXAMPLES / "broken", "--format", format, PYTHONHASHSEED=seed)
        for seed in ("1", "2", "3")
    }
    assert 1 == len(runs)


@pytest.mark.parametrize("format", FORMATS)
def test_a_report_in_a_file_is_the_report_on_the_screen(format: str, tmp_path: Path) -> None:
    shown = crrlint(BROKEN, "--format", format)
    written = crrlint(
        BROKEN, "--format", format, "--output", tmp_path / "report", "--color", "always"
    )
    assert (shown.code, "") == (written.code, written.out)
    assert shown.out == (tmp_path / "report").read_text(encoding="utf-8")


def test_an_output_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    run = crrlint(WORKS, "--output", tmp_path / "no" / "report")
    assert 2 == run.code
    assert "no such file or directory" in run.err.lower()


@pytest.mark.parametrize("path", [WORKS, BROKEN, UNDECIDED], ids=lambda path: path.name)
def test_the_json_report_keeps_to_its_schema(path: Path) -> None:
    report = _report(crrlint(path, "--format", "json"))
    assert path.name in [route["verdict"] for route in report["routes"]]


def test_the_json_report_names_what_could_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{\n"AWSTemplateFormatVersion": ')
    report = _report(crrlint(".", "--format", "json", cwd=tmp_path))
    assert [("broken.json", 2)] == [(e["path"], e["line"]) for e in report["errors"]]


def test_an_unreadable_file_is_named_whatever_rules_run(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{\n"AWSTemplateFormatVersion": ')
    run = crrlint(".", "--select", "CRR408", cwd=tmp_path)
    assert 2 == run.code
    assert "error broken.json:2:29: is not valid JSON" in run.out


def test_a_json_report_counts_what_it_lists() -> None:
    report = _report(crrlint(BROKEN, "--format", "json"))
    severities = [finding["severity"] for finding in report["findings"]]
    assert report["summary"]["error"] == severities.count("error")
    assert report["summary"]["routes"] == len(report["routes"])


def test_what_is_broken_says_so_on_its_line() -> None:
    run = crrlint("broken", cwd=EXAMPLES)
    line = next(
        number
        for number, text in enumerate((BROKEN / "source.yaml").read_text().splitlines(), 1)
        if "WriteReplicas" in text
    )
    assert f"--> broken/source.yaml:{line}:" in run.out.replace("\\", "/")
    assert "error[CRR408]" in run.out


def test_a_rule_can_be_selected_and_ignored() -> None:
    def rules(*options: str) -> set[str]:
        found = _report(crrlint(BROKEN, "--format", "json", *options))["findings"]
        return {finding["rule"] for finding in found}

    assert {"CRR408"} == rules("--select", "CRR408")
    assert {"CRR408"} == rules("--select", "role-cannot-replicate-objects")
    assert "CRR408" in rules("--select", "CRR1,CRR4", "--select", "CRR5")
    assert "CRR408" not in rules("--ignore", "CRR408")
    assert not {rule for rule in rules("--ignore", "CRR4") if rule.startswith("CRR4")}


def test_an_ignored_error_is_no_failure() -> None:
    assert 0 == crrlint(BROKEN, "--select", "CRR408", "--ignore", "CRR408").code


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_is_named(option: str) -> None:
    run = crrlint(WORKS, option, "CRR408,CRR999")
    assert 2 == run.code
    assert "no rule is called CRR999" in run.err


@pytest.mark.parametrize(
    ("limit", "code"), [("error", 1), ("warning", 1), ("note", 1), ("never", 0)]
)
def test_the_failing_severity_can_be_chosen(limit: str, code: int) -> None:
    assert code == crrlint(BROKEN, "--fail-on", limit).code


def test_an_undecided_route_fails_when_strict() -> None:
    assert [0, 1, 0] == [
        crrlint(UNDECIDED).code,
        crrlint("--strict", UNDECIDED).code,
        crrlint("--strict", WORKS).code,
    ]


def test_a_proof_that_rests_on_assumptions_fails_when_asked() -> None:
    assert 1 == crrlint("--strict=assumptions", WORKS).code


def test_standard_input_is_read() -> None:
    source = (UNDECIDED / "source.yaml").read_bytes()
    run = crrlint("-", "--format", "json", stdin=source)
    assert 0 == run.code
    assert ["-"] == [route["location"]["path"] for route in _report(run)["routes"]]


def test_standard_input_that_is_nothing_known_is_a_failure() -> None:
    assert 2 == crrlint("-", stdin=b"hello: world\n").code


def test_check_may_be_said() -> None:
    assert crrlint("check", BROKEN) == crrlint(BROKEN)


def test_a_folder_called_check_can_be_checked(tmp_path: Path) -> None:
    (tmp_path / "check").mkdir()
    (tmp_path / "check" / "template.json").write_bytes(BUCKET)
    assert 0 == crrlint("check", cwd=tmp_path).code
    assert 0 == crrlint("check", "check", cwd=tmp_path).code


def test_options_may_stand_before_and_behind_the_paths() -> None:
    first = crrlint("--format", "json", BROKEN, "--select", "CRR408")
    assert first == crrlint(BROKEN, "--select", "CRR408", "--format", "json")


@pytest.mark.parametrize("options", [[], ["check"]])
def test_the_version_is_told(options: list[str]) -> None:
    assert Run(0, f"crrlint {__version__}\n", "") == crrlint(*options, "--version")


@pytest.mark.parametrize("arguments", [["--help"], ["routes", "--help"], ["explain", "--help"]])
def test_help_is_given(arguments: list[str]) -> None:
    run = crrlint(*arguments)
    assert 0 == run.code
    assert run.out.startswith("usage: crrlint")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give a file or a folder"),
        (["check"], "give a file or a folder"),
        (["routes"], "give a file or a folder"),
        (["--nonsense", "."], "--nonsense"),
        (["--format", "yaml", "."], "'yaml'"),
        (["--fail-on", "panic", "."], "'panic'"),
        (["--account", "123", "."], "--account takes 12 digits, not '123'"),
        (["--param", "Env", "."], "--param takes NAME=VALUE, not 'Env'"),
        (["--config", "nowhere.yaml", "."], "nowhere.yaml"),
        (["--rules", "nowhere", "."], "nowhere"),
        (["no/such/path"], "no/such/path"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_told_and_is_no_finding(arguments: list[str], message: str) -> None:
    run = crrlint(*arguments, cwd=EXAMPLES)
    assert 2 == run.code
    assert message in run.err + run.out
    assert "Traceback" not in run.err


def test_a_wrong_configuration_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "crrlint.yaml").write_text("crrlint: 1\nfail-on: panic\n")
    (tmp_path / "template.json").write_bytes(BUCKET)
    run = crrlint(".", cwd=tmp_path)
    assert 2 == run.code
    assert "crrlint.yaml:2:" in run.err


def test_nothing_to_check_is_a_failure_unless_allowed(tmp_path: Path) -> None:
    assert 2 == crrlint(tmp_path).code
    assert "nothing to check" in crrlint(tmp_path).err
    assert 0 == crrlint(tmp_path, "--allow-empty").code


def test_a_rule_that_crashes_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "always_crashes.py").write_text(
        "from crrlint.api import Route, rule\n\n"
        '@rule("XYZ001", each=Route, severity="note", source="https://docs.aws.amazon.com/")\n'
        "def always_crashes(route: Route):\n"
        '    """Crashes."""\n'
        "    raise ZeroDivisionError\n    yield\n"
    )
    run = crrlint(BROKEN, "--rules", tmp_path, "--format", "json")
    report = _report(run)
    assert 2 == run.code
    assert "CRR408" in [finding["rule"] for finding in report["findings"]]
    assert "XYZ001" in report["errors"][0]["message"]


def test_a_folder_without_rules_is_a_failure(tmp_path: Path) -> None:
    run = crrlint(WORKS, "--rules", tmp_path)
    assert 2 == run.code
    assert "holds no rules" in run.err


def test_routes_are_listed_with_their_verdicts() -> None:
    run = crrlint("routes", UNDECIDED)
    assert 0 == run.code
    assert run.out.startswith("undecided acme-orders/everything: acme-orders")


@pytest.mark.parametrize("what", ["CRR408", "crr408", "role-cannot-replicate-objects"])
def test_a_rule_is_explained_by_id_and_by_name(what: str) -> None:
    run = crrlint("explain", what)
    assert 0 == run.code
    assert run.out.startswith("CRR408 role-cannot-replicate-objects (error)")
    assert "## Fix" in run.out


@pytest.mark.parametrize("what", ["DstPutObjectNotPermitted", "dstputobjectnotpermitted"])
def test_a_failure_reason_is_explained_by_the_rules_behind_it(what: str) -> None:
    run = crrlint("explain", what)
    assert 0 == run.code
    assert "CRR408  role-cannot-replicate-objects" in run.out


def test_an_error_message_of_the_api_is_explained() -> None:
    run = crrlint("explain", "Destination", "bucket", "must", "have", "versioning", "enabled.")
    assert 0 == run.code
    assert "CRR102  destination-not-versioned" in run.out


def test_all_rules_are_listed() -> None:
    run = crrlint("explain")
    assert 0 == run.code
    assert len(list((ROOT / "rules").glob("[!_]*.py"))) == len(run.out.splitlines())


@pytest.mark.parametrize("what", ["CRR999", "no-such-rule", "e"])
def test_what_is_not_known_is_not_explained(what: str) -> None:
    run = crrlint("explain", what)
    assert (2, "") == (run.code, run.out)
    assert f"nothing is known of '{what}'" in run.err


def test_color_is_for_terminals_or_when_asked() -> None:
    assert "\x1b[" not in crrlint(BROKEN).out
    assert "\x1b[" in crrlint(BROKEN, "--color", "always").out
    assert "\x1b[" not in crrlint(BROKEN, "--color", "never").out
    assert "\x1b[" not in crrlint(BROKEN, "--color", "always", "--format", "json").out


@pytest.mark.parametrize(("env", "colored"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_color_unless_it_is_declined(
    env: dict[str, str], colored: bool, tmp_path: Path
) -> None:
    assert colored == ("\x1b[" in _on_a_terminal(str(BROKEN), **env))


def _on_a_terminal(*arguments: str, **env: str) -> str:
    """Run crrlint with a terminal as its standard output; return what it wrote there."""
    import os
    import subprocess
    import sys

    from tests.running import environment

    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "crrlint", *arguments],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env=environment(PYTHONPATH=str(ROOT), TERM="xterm", **env),
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not part:
            break
        written += part
    process.wait(timeout=60)
    os.close(ours)
    return written.decode()


def test_quiet_shows_errors_and_no_routes() -> None:
    run = crrlint("-q", BROKEN)
    assert "error[" in run.out
    assert "acme-orders/everything:" not in run.out


def test_a_proof_names_its_assumptions_when_asked() -> None:
    assert "assuming that" not in crrlint(WORKS).out
    assert "assuming that" in crrlint("-v", WORKS).out


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    import subprocess
    import sys

    from tests.running import environment

    process = subprocess.Popen(
        [sys.executable, "-m", "crrlint", str(BROKEN)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONPATH=str(ROOT)),
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert b"" == err


def test_nothing_is_written_beside_the_input(tmp_path: Path) -> None:
    (tmp_path / "template.json").write_bytes(BUCKET)
    crrlint(".", cwd=tmp_path)
    assert ["template.json"] == [path.name for path in tmp_path.iterdir()]


def test_a_verdict_does_not_hang_on_what_is_shown() -> None:
    shown = crrlint("routes", BROKEN, "--ignore", "CRR4,CRR5,CRR7")
    assert "broken" in shown.out
    assert "works" not in shown.out
