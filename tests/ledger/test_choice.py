"""Which ledger a project file asks for."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from reconciler.errors import MissingSecret, ReconcilerError, UsageError
from reconciler.ledger import FullLedger, open_ledger
from reconciler.model import project_file
from reconciler.model.project import LedgerConfig
from reconciler.model.values import SecretRef
from tests.ledger import repositories
from tests.ledger.samples import NOON

URL = SecretRef("env", "LEDGER_URL")


def opened(folder: Path, config: LedgerConfig, url: str | None = None) -> FullLedger:
    def now() -> datetime:
        return NOON

    return open_ledger(
        config,
        folder=folder,
        environment="production",
        secret=lambda ref: url if ref == URL else None,
        now=now,
    )


def test_without_a_word_it_is_a_file_below_the_project(tmp_path: Path) -> None:
    opened(tmp_path, LedgerConfig()).open("org-1")
    assert (tmp_path / ".reconciler" / "ledger.db").exists()


def test_git_is_a_branch_where_and_named_as_asked(tmp_path: Path) -> None:
    remote = repositories.bare(tmp_path)
    clone = repositories.fresh_clone(remote, tmp_path / "clone", "--origin", "upstream")
    opened(clone, LedgerConfig(backend="git")).open("org-1")
    opened(clone, LedgerConfig(backend="git", branch="my/own", remote="upstream")).open("org-2")
    opened(clone, LedgerConfig(backend="git", remote=f"file://{remote}")).read()
    assert repositories.refs(remote) == [
        "refs/heads/main",
        "refs/heads/my/own/production",
        "refs/heads/reconciler-ledger/production",
    ]


def test_postgres_is_found_by_its_secret(tmp_path: Path, postgres: str) -> None:
    config = LedgerConfig(backend="postgres", url=URL)
    assert not opened(tmp_path, config, postgres).read().has_memory
    with pytest.raises(MissingSecret, match="database is not set: env:LEDGER_URL"):
        opened(tmp_path, config)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (LedgerConfig(backend="postgres"), "needs to know its database"),
        (LedgerConfig(branch="x"), "`ledger.branch` means nothing to the backend sqlite"),
        (LedgerConfig(backend="postgres", url=URL, remote="x"), "`ledger.remote` means nothing"),
        (LedgerConfig(backend="git", url=URL), "`ledger.url` means nothing"),
    ],
)
def test_what_does_not_fit_the_backend_is_refused(
    tmp_path: Path, config: LedgerConfig, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        opened(tmp_path, config, "x")


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "/a", "a/", "a.lock", "", "@{u}"])
def test_a_branch_that_git_would_not_take_is_refused(branch: str) -> None:
    with pytest.raises(ValidationError):
        project_file.LedgerConfig(backend="git", branch=branch)


def test_more_than_one_remote_and_no_origin_must_be_chosen(tmp_path: Path) -> None:
    folder = repositories.alone(tmp_path / "a")
    for name in ("one", "two"):
        repositories.git(folder, "remote", "add", name, f"file://{tmp_path}")
    with pytest.raises(ReconcilerError, match=r"which remote holds the ledger.*one, two"):
        opened(folder, LedgerConfig(backend="git"))


def test_a_sqlite_ledger_costs_neither_sqlalchemy_nor_git(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from reconciler.ledger import open_ledger;"
        "from reconciler.model.project import LedgerConfig;"
        "open_ledger(LedgerConfig(), folder=Path(sys.argv[1]), environment='p', secret=lambda r: None,"
        "            now=lambda: None).open(None);"
        "print([m for m in ('sqlalchemy', 'psycopg', 'subprocess') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
