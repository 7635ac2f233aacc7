"""Packages of npm that only tests read: fetched once, kept in pytest's cache."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest


def npm_package(name: str, config: pytest.Config) -> Path:
    """The unpacked package. Skips without npm and, but for CI, where its registry is out of reach."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm is not installed")
    cache = config.cache
    assert cache is not None
    place = cache.mkdir("npm") / name.replace("/", "+")
    if place.is_dir():
        return place / "package"
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    draft.mkdir()
    try:
        _fetch(name, draft)
        draft.rename(place)
    except (OSError, subprocess.SubprocessError) as error:
        if not place.is_dir():  # another worker may have been faster
            if os.environ.get("CI"):
                raise
            pytest.skip(f"npm can not fetch {name}: {error}")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return place / "package"


def _fetch(name: str, folder: Path) -> None:
    command = ["npm", "pack", "--silent", name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=180)
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        wanted = [m for m in archive.getmembers() if _wanted(m.name)]
        archive.extractall(folder, members=wanted, filter="data")
    packed.unlink()


def _wanted(path: str) -> bool:
    """Of GitHub's 400 MB of descriptions, the one of github.com."""
    return "/generated/" not in path or path.endswith("/api.github.com.json")
