import subprocess
import sys

import pytest

from reconciler import report


def test_the_package_loads_nothing_until_it_is_asked() -> None:
    code = (
        "import sys, reconciler.report as r;"
        "bad = [m for m in sys.modules if m.startswith(('reconciler.report.', 'pydantic', 'rich', 'difflib'))];"
        "assert not bad, bad;"
        "from reconciler.errors import UsageError;"
        "r.error_text(UsageError('x')); r.error_json(UsageError('x'));"
        "bad = [m for m in sys.modules if m.startswith(('pydantic', 'rich', 'difflib'))];"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_public_name_is_there_and_no_other() -> None:
    assert report.__all__ == sorted(report.__all__)
    assert all(callable(getattr(report, name)) for name in report.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        report.nothing  # noqa: B018  # the look-up is the point
