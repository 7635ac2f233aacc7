"""Codes of files and of YAML itself."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

ENTRIES: Final = (
    Entry(
        "SPEC001",
        "a file can not be read",
        "It is missing, a folder, a pipe, or its permissions forbid it.",
        "# --- agents/desk.yaml/notes.txt\nA folder whose name ends like a spec's.",
        "# --- agents/desk.yaml\nname: Desk",
    ),
    Entry(
        "SPEC002",
        "a file is too large",
        "A spec may have 2 MB, a text 1 MB: more is almost always the wrong file.",
        "name: Desk\ngreeting: <2000001 times x>",
        "name: Desk\ngreeting: Hello",
    ),
    Entry(
        "SPEC003",
        "a file is not UTF-8",
        "Specs, prompts and schemas are UTF-8 text, with or without a byte order mark. An escape "
        "for half a character is not text either.",
        "name: Desk <byte FF>",
        "name: Desk",
    ),
    Entry(
        "SPEC004",
        "a file holds a control character",
        "It would break terminals and the API; nothing but line breaks and tabs is allowed.",
        "name: Desk<NUL>",
        "name: Desk",
    ),
    Entry(
        "SPEC005",
        "this is not YAML",
        "The parser does not understand the file. Most often a text needs quotes, because it "
        "holds `: ` or starts with a sign such as `{`, `[`, `*`, `&`, `!`, `%`, `@`.",
        "name: Desk\ngreeting: Our motto: be kind",
        'name: Desk\ngreeting: "Our motto: be kind"',
    ),
    Entry(
        "SPEC006",
        "a tab indents a line",
        "YAML is indented with spaces; a tab looks the same and means nothing.",
        "name: Desk\nmodels:\n<tab>stt: deepgram/nova-3",
        "name: Desk\nmodels:\n  stt: deepgram/nova-3",
    ),
    Entry(
        "SPEC007",
        "a key stands twice",
        "Only one of the two could count, and readers would not know which.",
        "name: Desk\ngreeting: Hello\ngreeting: Hi",
        "name: Desk\ngreeting: Hi",
    ),
    Entry(
        "SPEC008",
        "a key is not text",
        "Numbers, true, null, lists and mappings can not be keys; a text that starts with `{{` "
        "is taken for a mapping unless it is quoted.",
        "name: Desk\ntemplate_defaults:\n  1: one",
        'name: Desk\ngreeting: "Press {{a1}}"\ntemplate_defaults:\n  "a1": one',
    ),
    Entry(
        "SPEC009",
        "a tag means nothing here",
        "Only YAML's own simple types are known. A text that starts with `!` needs quotes.",
        "name: Desk\ngreeting: !hello there",
        'name: Desk\ngreeting: "!hello there"',
    ),
    Entry(
        "SPEC010",
        "an alias names no anchor",
        "`*name` repeats what `&name` marked before it, and can not stand inside it.",
        "name: Desk\ngreeting: *welcome",
        "name: Desk\ninbound_greeting: null\ngreeting: &welcome Hello\nsystem_prompt: *welcome",
    ),
    Entry(
        "SPEC011",
        "too many values",
        "A file may hold 50,000 values, aliases counted as often as they are used. This bounds "
        "aliases of aliases, which grow without end.",
        "name: Desk\nextra: {list: [<50001 times 1,>]}",
        "name: Desk\nextra: {list: [1, 2, 3]}",
    ),
    Entry(
        "SPEC012",
        "nested too deep",
        "More than 100 levels are no spec.",
        "name: Desk\nextra: {list: <101 times [><101 times ]>}",
        "name: Desk\nextra: {list: [[1]]}",
    ),
    Entry(
        "SPEC013",
        "several documents in one file",
        "One file is one agent: its path is the agent's key.",
        "name: Desk\n---\nname: Other",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/other.yaml\nname: Other",
    ),
    Entry(
        "SPEC014",
        "an empty file",
        "A file that says nothing is more likely a mistake than an agent of defaults alone.",
        "# nothing yet",
        "name: Desk",
    ),
    Entry(
        "SPEC015",
        "a file is not a mapping",
        "Specs, folder defaults and the project file consist of `field: value` lines.",
        "- name: Desk",
        "name: Desk",
    ),
    Entry(
        "SPEC016",
        "a number that JSON can not hold",
        "Infinity, not-a-number and integers beyond 64 bits can not be sent to the API.",
        "name: Desk\nmodels:\n  llm_kwargs: {temperature: .inf}",
        "name: Desk\nmodels:\n  llm_kwargs: {temperature: 0.5}",
    ),
    Entry(
        "SPEC017",
        "`<<` merges something that is no mapping",
        "`<<: *base` takes the keys of the mapping that `&base` marks.",
        "name: Desk\nmodels:\n  <<: deepgram",
        "name: Desk\nmodels:\n  llm_kwargs: &base {temperature: 0}\n  stt_kwargs: {<<: *base}",
    ),
    Entry(
        "SPEC018",
        "a file name can not be a key",
        "Two files give one key (`desk.yaml` and `desk.yml`), or the name is not plain text.",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/desk.yml\nname: Other",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/other.yml\nname: Other",
    ),
    Entry(
        "SPEC019",
        "two file names differ in upper and lower case only",
        "On macOS and Windows they are one file: a colleague's checkout would lack an agent, and "
        "their plan would delete it.",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/Desk.yaml\nname: Other",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/desk2.yaml\nname: Other",
    ),
    Entry(
        "SPEC020",
        "a symlink leaves the project or leads back",
        "Symlinks below the specs folder are followed inside the project only.",
        "# --- agents/desk.yaml\nname: Desk\n# --- agents/more -> /",
        "# --- agents/desk.yaml\nname: Desk",
    ),
)
