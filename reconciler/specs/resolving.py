"""References and variables of one layer → plain values, with a `SecretRef` for each secret.

`{file: …}` and `${name}` are resolved before layers are merged, because a path is relative to
the file that says it. Inside free maps `env` and `file` are ordinary keys (DESIGN.md 3).
"""

import os
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.errors import Problem
from reconciler.model.values import ENV_NAME, SecretRef
from reconciler.nouns import noun
from reconciler.patterns import pattern
from reconciler.specs.files import Files, Unreadable, unreadable_problem
from reconciler.specs.findings import Finding, did_you_mean
from reconciler.specs.marks import Steps, Text
from reconciler.specs.variables import Variables

FREE_MAPS: Final = frozenset(
    {"template_defaults", "stt_kwargs", "llm_kwargs", "tts_kwargs", "extra", "value"}
)
CONTROL: Final = frozenset({"lifecycle", "moved_from", "omit", "environments", "ignore"})
_SECRETS: Final = frozenset({"slng_api_key"})
_AUTH_SECRETS: Final = frozenset({"token", "secret"})
_REFERENCE: Final = frozenset({"env", "file"})
_ENV_NAME: Final = pattern(ENV_NAME)
_WAY_OUT: Final = "put it into an environment variable and write `{env: NAME_OF_THE_VARIABLE}`"
_NOT_SHELL: Final = "a variable of the environment is written `{env: NAME}`, not `$NAME`"
NO_SECRET: Final = SecretRef("env", "")


@noun
class SecretRules:
    """Which references a secret may be: not an API key's, and files only where they are named."""

    api_keys: Mapping[SecretRef, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class Resolver:
    """Resolves one layer; what it found wrong and which texts came from files is kept in it."""

    files: Files
    path: str
    variables: Variables
    secrets: SecretRules
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    texts: dict[Steps, Text] = field(default_factory=dict)

    def layer(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The layer's mapping, resolved; what only we read (`omit`, …) stays as it is."""
        return {
            key: item if key in CONTROL else self.named(key, item, (key,), in_auth=False)
            for key, item in value.items()
        }

    def named(self, key: str, value: Any, steps: Steps, *, in_auth: bool) -> Any:
        """A value by the name it stands under."""
        if key in _SECRETS or (in_auth and (key in _AUTH_SECRETS or _is_env(value))):
            return self.secret(value, steps)
        if key in FREE_MAPS:
            return self.free(value, steps)
        if key == "parameters":
            return self.parameters(value, steps)
        return self.any(value, steps, in_auth=key == "auth")

    def any(self, value: Any, steps: Steps, *, in_auth: bool = False) -> Any:
        if isinstance(value, str):
            return self.text(value, steps)
        if isinstance(value, list):
            return [self.any(item, (*steps, i)) for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if not _REFERENCE.isdisjoint(value):
            return self.reference(value, steps)
        return {
            key: self.named(key, item, (*steps, key), in_auth=in_auth)
            for key, item in value.items()
        }

    def free(self, value: Any, steps: Steps) -> Any:
        """A free map: only variables mean something in it."""
        if isinstance(value, str):
            return self.text(value, steps)
        if isinstance(value, dict):
            return {key: self.free(item, (*steps, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.free(item, (*steps, i)) for i, item in enumerate(value)]
        return value

    def text(self, value: str, steps: Steps) -> str:
        if "${" not in value:
            return value
        self.findings += self.variables.findings(value, steps)
        return self.variables.substitute(value)

    def parameters(self, value: Any, steps: Steps) -> Any:
        if not (
            isinstance(value, dict) and value.keys() == {"file"} and isinstance(value["file"], str)
        ):
            return self.free(value, steps)
        path = self.inside(value["file"], steps)
        if path is None:
            return {}
        source = self.files.document(path)
        if any(problem.code == "SPEC001" for problem in source.problems):
            return self.not_there(value["file"], path, source.problems[0].message, steps)
        self.problems += source.problems
        self.texts[steps] = source.text
        if source.problems:
            return {}
        return self.free(source.value, steps)

    def reference(self, value: dict[str, Any], steps: Steps) -> Any:
        """A text from a file; "" where there is none to be had."""
        if "env" in value:
            self.found(
                "SPEC025",
                "`{env: …}` stands for secrets only: `slng_api_key`, `auth.token`, `auth.secret`",
                (*steps, "env"),
                "for a value that differs by environment use a variable, `${name}`",
                at_key=True,
            )
            return ""
        name = self.file_name(value, steps)
        path = self.inside(name, steps) if name else None
        if path is None:
            return ""
        try:
            text = self.files.text(path).with_plain_breaks
        except Unreadable as error:
            self.unreadable(str(name), path, error, steps)
            return ""
        self.texts[steps] = text
        return self.text(text.content, steps)

    def unreadable(self, name: str, path: str, error: Unreadable, steps: Steps) -> None:
        """The reference is at fault where there is no such file, else the file itself."""
        if error.code != "SPEC001":
            self.problems.append(unreadable_problem(Text(self.files.name(path), ""), error))
            return
        self.not_there(name, path, error.message, steps)

    def not_there(self, name: str, path: str, why: str, steps: Steps) -> dict[str, Any]:
        """Marks the path of a reference; nothing stands in for a schema that is not there."""
        hint = self.files_hint(name, path)
        self.found("SPEC022", f"{self.files.name(path)}: {why}", (*steps, "file"), hint)
        return {}

    def files_hint(self, name: str, path: str) -> str:
        """What would do: people write paths from the project folder, or misspell the file."""
        if os.path.isdir(path):  # noqa: PTH112  # never raises
            return "name a file in it"
        if "\\" in name:
            return "write `/` between folders, on every system"
        here = os.path.dirname(self.path)  # noqa: PTH120  # as all paths here
        from_root = os.path.normpath(os.path.join(self.files.folder, name))  # noqa: PTH118  # as above
        if self.files.is_inside(from_root) and os.path.isfile(from_root):  # noqa: PTH113  # as above
            right = os.path.relpath(from_root, here).replace(os.sep, "/")
            return f"the path is relative to this file: write `{right}`"
        near = did_you_mean(os.path.basename(path), _names_in(os.path.dirname(path)))  # noqa: PTH119, PTH120  # as above
        return f"the path is relative to this file{'; ' + near if near else ''}"

    def file_name(self, value: dict[str, Any], steps: Steps) -> str | None:
        name = value.get("file")
        wrong = next((key for key in value if key != "file"), None)
        if wrong is not None or not isinstance(name, str) or not name:
            self.found(
                "SPEC021",
                "a reference has one key, `file`, and a path",
                (*steps, wrong or "file"),
                "write `{file: prompts/desk.md}`",
                at_key=wrong is not None,
            )
            return None
        return self.text(name, (*steps, "file"))

    def inside(self, name: str, steps: Steps) -> str | None:
        """The path of a file of the project that this file names."""
        path = os.path.normpath(os.path.join(os.path.dirname(self.path), name))  # noqa: PTH118, PTH120  # as above
        if self.files.is_inside(path):
            return path
        self.found(
            "SPEC023",
            f"`{name}` is outside the project folder",
            (*steps, "file"),
            "write a path that is relative to this file"
            if os.path.isabs(name)  # noqa: PTH117  # as above
            else "copy the file into the project; symlinks are followed only inside it",
        )
        return None

    def secret(self, value: Any, steps: Steps) -> SecretRef | None:
        """The reference to a secret. What else stands here is never shown: it may be the secret."""
        if value is None:
            return None
        if not isinstance(value, dict):
            hint = _NOT_SHELL if isinstance(value, str) and value.startswith("$") else _WAY_OUT
            self.found("SPEC024", "a secret must not stand in a spec", steps, hint)
            return NO_SECRET
        kind, name = next(iter(value.items()), ("", ""))
        if len(value) != 1 or kind not in _REFERENCE or not isinstance(name, str) or not name:
            self.found("SPEC021", "a secret is `{env: NAME}` or `{file: path}`", steps, _WAY_OUT)
            return NO_SECRET
        return self.from_env(name, steps) if kind == "env" else self.from_file(name, steps)

    def from_env(self, name: str, steps: Steps) -> SecretRef:
        if not _ENV_NAME.match(name):
            message = "this can not be the name of an environment variable"
            self.found("SPEC027", message, (*steps, "env"), _WAY_OUT)
            return NO_SECRET
        return self.allowed(SecretRef("env", name), steps)

    def from_file(self, name: str, steps: Steps) -> SecretRef:
        """A mounted file; its path from the project folder, or absolute, is the same everywhere."""
        folder = posixpath.dirname(self.files.name(self.path))
        path = posixpath.normpath(posixpath.join(folder, self.text(name, (*steps, "file"))))
        outside = path.startswith(("/", "../"))
        if outside and not any(_within(path, each) for each in self.secrets.folders):
            self.found(
                "SPEC027",
                f"the secret's file `{path}` is outside the project folder",
                (*steps, "file"),
                "name its folder under `secret_folders` in reconciler.yaml",
            )
        return self.allowed(SecretRef("file", path), steps)

    def allowed(self, reference: SecretRef, steps: Steps) -> SecretRef:
        if (environment := self.secrets.api_keys.get(reference)) is not None:
            self.found(
                "SPEC026",
                f"`{reference.name}` holds the API key of environment {environment}",
                (*steps, reference.source),
                "an agent must not get the key that controls all agents: use another secret",
            )
        return reference

    def found(
        self, code: str, message: str, steps: Steps, hint: str, *, at_key: bool = False
    ) -> None:
        self.findings.append(Finding(code, message, steps, hint, at_key=at_key, as_written=True))


def _is_env(value: Any) -> bool:
    """A misspelt `token` is one problem, not two."""
    return isinstance(value, dict) and "env" in value


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208  # as above
    except OSError:
        return []


def _within(path: str, folder: str) -> bool:
    root = posixpath.normpath(folder)
    return path.startswith(root.rstrip("/") + "/")
