"""Codes of fields and their values."""

from typing import Final

from reconciler.specs.catalogue.entry import Entry

ENTRIES: Final = (
    Entry(
        "SPEC030",
        "an unknown field",
        "Most often it is misspelt or stands one level too high. A field of the API that the "
        "reconciler does not know goes under `extra`.",
        "name: Desk\nmodels:\n  tts_voise: aura-2-thalia-en",
        "name: Desk\nmodels:\n  tts_voice: aura-2-thalia-en\n"
        "extra:\n  noise_cancellation_enabled: true",
    ),
    Entry(
        "SPEC031",
        "a required field is missing",
        "The API needs it. It may come from `defaults`, a `_defaults.yaml` or `overrides`.",
        "greeting: Hello",
        "name: Desk\ngreeting: Hello",
    ),
    Entry(
        "SPEC032",
        "a value of the wrong type",
        "Nothing is converted: `yes` is text in YAML 1.2, `8080` is a number.",
        "name: Desk\nenable_interruptions: yes",
        "name: Desk\nenable_interruptions: true",
    ),
    Entry(
        "SPEC033",
        "a value that is not among those allowed",
        "The API knows a fixed set of words here.",
        "name: Desk\ntools:\n  - {type: template, template: hang_up}",
        "name: Desk\ntools:\n  - {type: template, template: hangup}",
    ),
    Entry(
        "SPEC034",
        "too long or too short",
        "The API bounds the length of this field.",
        "name: Desk\nlanguage: de-with-an-accent",
        "name: Desk\nlanguage: de",
    ),
    Entry(
        "SPEC035",
        "a number out of range",
        "The API bounds this number.",
        "name: Desk\nmodels:\n  stt_final_timeout_s: -1",
        "name: Desk\nmodels:\n  stt_final_timeout_s: 1.5",
    ),
    Entry(
        "SPEC036",
        "a value of the wrong form",
        "UUIDs, dates and addresses of APIs have a form of their own.",
        "name: Desk\nsip_inbound_trunk_id: main",
        "name: Desk\nsip_inbound_trunk_id: 0b3b6a0e-6f3b-4a39-8d6b-5d1f0f5b8c21",
    ),
    Entry(
        "SPEC037",
        "no value where null is not allowed",
        "`field:` with nothing after it is null. Null clears the fields that can be cleared "
        "(trunks, greetings by direction, `idle_nudges`); for others leave the field out.",
        "name: Desk\nlanguage:",
        "name: Desk\ninbound_greeting:",
    ),
    Entry(
        "SPEC038",
        "`extra` holds a known field",
        "`extra` passes fields that the reconciler does not model; known ones would bypass its "
        "checks, and those that the API owns are never sent.",
        "name: Desk\nextra:\n  enable_interruptions: false",
        "name: Desk\nenable_interruptions: false",
    ),
    Entry(
        "SPEC039",
        "a field in a place that is not its own",
        "The API owns it, or it stands in specs only, or under `environments.<name>` only.",
        "name: Desk\nid: 550e8400-e29b-41d4-a716-446655440000",
        "name: Desk\nenvironments:\n  staging: {id: 550e8400-e29b-41d4-a716-446655440000}",
    ),
)
