"""JSON Schemas of the files that users write, made from the models (draft 2020-12).

The models describe what the API takes; a file may say it in more ways: a text may be
`{file: path}`, a bounded text may hold `${variables}`, and what defaults can give is not required.
"""

import copy
from typing import Any, Final

from pydantic import BaseModel

from reconciler.model.agent import EnvironmentSpec, SharedSpec, Spec
from reconciler.model.project_file import Project

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FILE: Final[Schema] = {"$ref": "#/$defs/FileReference"}
_FILE_REFERENCE: Final[Schema] = {
    "description": "A text from a file of the project, relative to the file that says so.",
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "minLength": 1,
            "description": "The path of the file.",
            "examples": ["prompts/desk.md"],
        }
    },
    "required": ["file"],
    "additionalProperties": False,
}
# given by defaults, as far as the schema can tell
_NEVER_REQUIRED: Final = ("Models", "IdleNudges", "Fallbacks")
_AS_WRITTEN: Final = frozenset({"IgnoreRule", "LifecycleSpec"})
_ABOUT_THE_TEXT: Final = ("minLength", "maxLength", "pattern")
_HOLDS_VARIABLE: Final = r"\$\{"


def agent_schema() -> Schema:
    """The schema of a spec file and, under `$defs/SharedSpec`, of a `_defaults.yaml`."""
    root, definitions = _definitions(Spec)
    environment, more = _definitions(EnvironmentSpec)
    shared, others = _definitions(SharedSpec)
    definitions |= more | others
    definitions["EnvironmentSpec"] = environment
    definitions["SharedSpec"] = shared
    _override_environments(root)
    return _document(root, definitions, "A voice agent")


def project_schema() -> Schema:
    """The schema of `reconciler.yaml`."""
    root = Project.model_json_schema(ref_template="#/$defs/{model}")
    definitions: Schema = root.pop("$defs")
    shared, more = _definitions(SharedSpec)
    # what stands in the project file as it is, is not loosened as in a spec
    definitions = {**more, **definitions, "SharedSpec": shared}
    partial = {"$ref": "#/$defs/SharedSpec"}
    root["properties"]["defaults"] = _in_place_of(root["properties"]["defaults"], partial)
    environment = definitions["Environment"]["properties"]
    environment["overrides"] = _in_place_of(environment["overrides"], partial)
    environment["variables"]["propertyNames"] = {"pattern": r"^[A-Za-z_][A-Za-z0-9_.-]*$"}
    root["properties"]["environments"]["propertyNames"] = {
        "pattern": r"^(?!only$)[A-Za-z0-9][A-Za-z0-9._-]*$"
    }
    return _document(root, definitions, "The reconciler's project file")


def _document(root: Schema, definitions: Schema, title: str) -> Schema:
    definitions["FileReference"] = copy.deepcopy(_FILE_REFERENCE)
    tidy = _tidy({**root, "title": title, "$defs": dict(sorted(definitions.items()))})
    _describe_references(tidy, tidy["$defs"])
    return {"$schema": DIALECT, **tidy}


def _definitions(model: type[BaseModel]) -> tuple[Schema, Schema]:
    """A model's schema as a file may fill it in, and the definitions that it refers to."""
    root = model.model_json_schema(ref_template="#/$defs/{model}")
    definitions: Schema = root.pop("$defs")
    root.pop("required", None)
    for name in _NEVER_REQUIRED:
        definitions[name].pop("required", None)
    loose = {
        name: each if name in _AS_WRITTEN else _properties(each)
        for name, each in definitions.items()
    }
    return _properties(root), loose


_PLAIN_TEXTS: Final = frozenset({"moved_from", "omit", "source_tool"})


def _properties(schema: Schema) -> Schema:
    properties = {
        name: each if name in _PLAIN_TEXTS else _loosened(each)
        for name, each in schema["properties"].items()
    }
    if "parameters" in properties:
        properties["parameters"] = _in_place_of(
            properties["parameters"], {"anyOf": [_FILE, {"type": "object"}]}
        )
    return {**schema, "properties": properties}


def _loosened(schema: Schema) -> Schema:
    """The schema of a value, with all the ways in which a file may write a text."""
    if "anyOf" in schema:
        return {**schema, "anyOf": [part for each in schema["anyOf"] for part in _ways(each)]}
    if schema.get("type") == "array":
        return {**schema, "items": _loosened(schema["items"])}
    ways = _ways(schema)
    return schema if ways == [schema] else _in_place_of(schema, {"anyOf": ways})


def _ways(schema: Schema) -> list[Schema]:
    if schema.get("type") != "string" or "enum" in schema or "const" in schema:
        return [schema]
    text: Schema = {key: schema[key] for key in ("type", *_ABOUT_THE_TEXT) if key in schema}
    if "pattern" in text:
        text["pattern"] = f"({text['pattern']})|{_HOLDS_VARIABLE}"
    return [text, _FILE]


def _in_place_of(schema: Schema, value: Schema) -> Schema:
    """Another way to say what a value is, described as before."""
    told: Schema = {
        key: schema[key] for key in ("title", "description", "examples", "default") if key in schema
    }
    return {**told, **value}


def _override_environments(root: Schema) -> None:
    stated = root["properties"]["environments"]
    root["properties"]["environments"] = {
        **_in_place_of(stated, {}),
        "type": "object",
        "properties": {
            "only": {
                "type": "array",
                "items": {"type": "string"},
                "minItems": 1,
                "description": "The environments in which the agent lives; left out: in all.",
                "examples": [["production"]],
            }
        },
        "additionalProperties": {"$ref": "#/$defs/EnvironmentSpec"},
    }


def _tidy(schema: Any) -> Any:
    """Without pydantic's titles, OpenAPI's discriminators, and defaults that are models."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _tidy_values(value) if key in {"properties", "$defs"} else _tidy(value)
        for key, value in schema.items()
        if not _is_noise(key, value)
    }


def _tidy_values(named: Schema) -> Schema:
    return {
        name: {key: value for key, value in _tidy(each).items() if key != "title"}
        for name, each in named.items()
    }


def _describe_references(schema: Any, definitions: Schema) -> None:
    """Pydantic leaves out a description that its model has too; editors show only the first."""
    for each in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(each, dict | list):
            _describe_references(each, definitions)
    if isinstance(schema, dict) and "$ref" in schema and len(schema) > 1:
        told = definitions[schema["$ref"].rpartition("/")[2]]["description"]
        schema.setdefault("description", told)


def _is_noise(key: str, value: Any) -> bool:
    return key == "discriminator" and isinstance(value, dict)
