"""Pytest plugin: one plain last line that says what ran."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    passed = reporter.stats.get("passed", [])
    counts = {
        "passed": len(passed),
        "failed": len(reporter.stats.get("failed", []) + reporter.stats.get("error", [])),
        "skipped": len(reporter.stats.get("skipped", [])),
        "in the browser": sum("browser" in report.keywords for report in passed),
    }
    if not counts["failed"]:
        del counts["failed"]
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
