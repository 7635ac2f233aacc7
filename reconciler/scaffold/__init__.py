"""What `init` writes: templates in this wheel, filled in, and written all or not at all.

The law of this package: text comes from `templates/` alone, nothing that exists is ever changed,
and no environment variable, clock or network is touched.
"""

from reconciler.scaffold.files import PLACEHOLDER, Choices, Ci, NewFile, ci_files, new_files
from reconciler.scaffold.writing import write_new

__all__ = ["PLACEHOLDER", "Choices", "Ci", "NewFile", "ci_files", "new_files", "write_new"]
