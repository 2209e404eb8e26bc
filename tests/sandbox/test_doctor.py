"""The doctor finds a sound sandbox sound, and a missing one missing."""

from syncode.sandbox import Isolation, Limits, Result, Sandbox, choose
from syncode.sandbox.doctor import checkup, distrust, probes


def test_every_probe_is_stopped(isolation: Isolation) -> None:
    findings = list(probes(isolation))
    assert len(findings) >= 20
    assert [finding for finding in findings if not finding.good] == []


def test_without_a_sandbox_nothing_is_tried() -> None:
    (finding,) = probes(choose(Limits(), unsafe=True))
    assert not finding.good


def test_a_language_is_checked_by_right_and_wrong_programs(sandbox: Sandbox) -> None:
    check = checkup("python", sandbox)
    assert (check.good, check.tpr, check.tnr) == (True, 1.0, 1.0)
    assert distrust("python", sandbox) is None
    assert distrust("no such language", sandbox) is None


def test_a_sandbox_that_judges_wrongly_is_not_trusted(isolation: Isolation) -> None:
    class Generous(Sandbox):
        def run(self, *arguments: object, **keywords: object) -> Result:
            return Result("pass", "")

    why = distrust("python", Generous(isolation))
    assert why is not None
    assert "python does not tell right from wrong" in why
