"""A PostgreSQL for whoever asks for it, and no test that fails because a machine is slow."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of our own, gone after the tests."""
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and "CI" not in os.environ:
        pytest.skip("PostgreSQL is not installed; `.ci/postgres` installs it, as root on Debian")
    script = Path(__file__).parents[1] / ".ci" / "postgres"
    with subprocess.Popen(
        [str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        url = server.stdout.readline().strip()
        assert url, "PostgreSQL did not start"
        yield url


@pytest.fixture
def databases(postgres: str) -> Callable[[], str]:
    """Makes empty databases; the answer is the URL."""
    import psycopg  # noqa: PLC0415  # most tests do without
    from psycopg import sql  # noqa: PLC0415  # for PostgreSQL alone

    def made() -> str:
        name = f"t{uuid4().hex}"
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return postgres.replace("/postgres?", f"/{name}?")

    return made
