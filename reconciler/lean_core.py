"""pydantic's core without what its package adds, which takes as long to load as all the rest.

That is some hundred types for whoever builds a schema in Python. pydantic does; we only check by
schemas that were built before.
"""

from reconciler.dormant import dormant

dormant("pydantic_core")
try:
    from pydantic_core._pydantic_core import SchemaValidator, ValidationError, from_json
except ImportError:  # a release that has them elsewhere
    from pydantic_core import SchemaValidator, ValidationError, from_json

__all__ = ["SchemaValidator", "ValidationError", "from_json"]
