"""Live documents → spec files that a person likes to read: the way into the repo.

Drafts are pure; `files` alone writes to the disk, and never over a file that is already there.
"""

from reconciler.specs.writing.files import Written, remove, write
from reconciler.specs.writing.nudges import hand_written
from reconciler.specs.writing.rendering import NewFile
from reconciler.specs.writing.surroundings import Surroundings, surroundings
from reconciler.specs.writing.workshop import Batch, Made, Original, make

__all__ = [
    "Batch",
    "Made",
    "NewFile",
    "Original",
    "Surroundings",
    "Written",
    "hand_written",
    "make",
    "remove",
    "surroundings",
    "write",
]
