"""Nouns to text, Markdown, JSON, annotations. Pure: no I/O, no clock, nothing of the outside.

Each function is loaded when it is first asked for, so that `--help` and `--format json` do not
pay for the others.
"""

from typing import TYPE_CHECKING

from reconciler.lazy import from_homes

if TYPE_CHECKING:
    from reconciler.report.annotations import problems_github
    from reconciler.report.documents import (
        drift_json,
        dump,
        error_json,
        outcome_json,
        plan_json,
        problems_json,
    )
    from reconciler.report.drift_junit import drift_junit_xml
    from reconciler.report.drift_prometheus import drift_prometheus_text
    from reconciler.report.escaping import escape
    from reconciler.report.html.page import plan_html
    from reconciler.report.markdown_drift import drift_markdown
    from reconciler.report.markdown_plan import outcome_markdown, plan_markdown
    from reconciler.report.sarif import problems_sarif
    from reconciler.report.text_drift import drift_text
    from reconciler.report.text_outcome import outcome_text
    from reconciler.report.text_plan import plan_text
    from reconciler.report.text_problems import error_text, problems_text

__all__ = [
    "drift_json",
    "drift_junit_xml",
    "drift_markdown",
    "drift_prometheus_text",
    "drift_text",
    "dump",
    "error_json",
    "error_text",
    "escape",
    "outcome_json",
    "outcome_markdown",
    "outcome_text",
    "plan_html",
    "plan_json",
    "plan_markdown",
    "plan_text",
    "problems_github",
    "problems_json",
    "problems_sarif",
    "problems_text",
]

__getattr__ = from_homes(
    __name__,
    {
        "drift_json": "documents",
        "drift_junit_xml": "drift_junit",
        "drift_markdown": "markdown_drift",
        "drift_prometheus_text": "drift_prometheus",
        "drift_text": "text_drift",
        "dump": "documents",
        "error_json": "documents",
        "error_text": "text_problems",
        "escape": "escaping",
        "outcome_json": "documents",
        "outcome_markdown": "markdown_plan",
        "outcome_text": "text_outcome",
        "plan_html": "html.page",
        "plan_json": "documents",
        "plan_markdown": "markdown_plan",
        "plan_text": "text_plan",
        "problems_github": "annotations",
        "problems_json": "documents",
        "problems_sarif": "sarif",
        "problems_text": "text_problems",
    },
)
