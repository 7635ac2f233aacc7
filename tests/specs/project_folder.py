"""A project on disk, written as the examples of the catalogue are: `# --- path`, then the file."""

import re
from pathlib import Path
from typing import Final

from reconciler.errors import Problem, SpecsInvalid
from reconciler.model.desired import Specs
from reconciler.specs import load_project, load_specs, validate

PROJECT: Final = """version: 1
specs: agents
defaults:
  system_prompt: You answer the phone.
  greeting: Hello
  language: en
  region: eu-central
  models:
    stt: deepgram/nova-3
    llm: groq/openai/gpt-oss-120b
    tts: slng/aura-2
    tts_voice: aura-2-thalia-en
environments:
  sandbox:
    api: sandbox
    variables: {crm: crm.example.com}
  staging:
    api: https://api.agents.slng.ai
    api_key: {env: SLNG_API_KEY}
    variables: {crm: crm.staging.example.com}
"""

_HEADER: Final = re.compile(r"^# --- (\S+)(?: -> (\S+))?\n?", re.MULTILINE)
_REPEATED: Final = re.compile(r"<(\d+) times (.+?)>")


def write(folder: Path, files: str, *, project: str = PROJECT) -> Path:
    """Lay out a project: one spec, or files under `# --- path` lines."""
    (folder / "agents").mkdir(parents=True, exist_ok=True)
    (folder / "reconciler.yaml").write_text(project, encoding="utf-8")
    parts = _HEADER.split(files)
    if len(parts) == 1:
        parts = ["", "agents/desk.yaml", None, files]
    for path, target, content in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if target:
            file.symlink_to(target)
        else:
            file.write_bytes(_bytes(content))
    return folder


def _bytes(content: str) -> bytes:
    content = _REPEATED.sub(lambda found: int(found[1]) * found[2], content)
    content = content.replace("<tab>", "\t").replace("<NUL>", "\0")
    return content.encode().replace(b"<byte FF>", b"\xff")


def problems(folder: Path, environment: str | None = None) -> tuple[Problem, ...]:
    """All problems of a project, those of the project file among them."""
    try:
        return validate(load_project(folder), environment)
    except SpecsInvalid as error:
        return error.problems


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in problems(folder)]


def load(folder: Path, environment: str = "sandbox") -> Specs:
    return load_specs(load_project(folder), environment)[0]
