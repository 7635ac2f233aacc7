"""The project file with another text."""

from dataclasses import replace

from reconciler.errors import SpecsInvalid
from reconciler.specs.editing.operations import CannotEdit
from reconciler.specs.files import Files
from reconciler.specs.fingerprint import digest
from reconciler.specs.loaded import FILE_NAME, LoadedProject
from reconciler.specs.project_file import read_project


def project_in(loaded: LoadedProject, files: Files) -> LoadedProject:
    """The project as the files say, edits included; raises `CannotEdit`."""
    source = files.document(str(loaded.folder / FILE_NAME))
    if source.text == loaded.source.text:
        return loaded
    try:
        project = read_project(files, source)
    except SpecsInvalid as error:
        raise CannotEdit(f"the project file would be invalid: {error.message}") from error
    content = digest(source.text.content.encode())
    return replace(loaded, project=project, digest=content, opened=lambda: source)
