"""Edits back into files: the smallest change of the text that makes the files say something else.

The law of this package: a text is cut at places that the parser gives, and what comes out is read
again by the same reader that specs are read with. An edit whose result does not say exactly what
was wanted, and all the rest as before, is no edit: `CannotEdit` says why.

From the outside in: `bench` knows what all specs would say, `making` and `places` choose the file,
`edit` has one text say one thing else, `anchors` frees what anchors and merge keys share,
`surgery` cuts.
"""

from reconciler.specs.editing.bench import Bench
from reconciler.specs.editing.making import Agrees, Change, To, changed
from reconciler.specs.editing.operations import CannotEdit
from reconciler.specs.editing.patch import unified_diff
from reconciler.specs.editing.pulled import Unpullable, with_live
from reconciler.specs.editing.write import FileEdit, WriteFailed, write

__all__ = [
    "Agrees",
    "Bench",
    "CannotEdit",
    "Change",
    "FileEdit",
    "To",
    "Unpullable",
    "WriteFailed",
    "changed",
    "unified_diff",
    "with_live",
    "write",
]
