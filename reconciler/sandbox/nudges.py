"""The idle nudges that the API fills in when an agent says none (API.md 4.5)."""

from __future__ import annotations

from typing import Any

_ENGLISH = (
    "Are you still there?",
    "I haven't heard from you. Are you still on the line?",
    "I'll end the call now. Goodbye.",
)
_TEXTS = {
    "en": _ENGLISH,
    "es": (
        "¿Sigue ahí?",
        "No le he oído. ¿Sigue en la línea?",
        "Voy a finalizar la llamada. Adiós.",
    ),
    "de": (
        "Sind Sie noch da?",
        "Ich habe nichts von Ihnen gehört. Sind Sie noch in der Leitung?",
        "Ich beende jetzt das Gespräch. Auf Wiederhören.",
    ),
    "fr": (
        "Êtes-vous toujours là ?",
        "Je ne vous entends plus. Êtes-vous toujours en ligne ?",
        "Je vais mettre fin à l'appel. Au revoir.",
    ),
}


def default_nudges(language: str) -> dict[str, Any]:
    first, second, final = _TEXTS.get(language.split("-", maxsplit=1)[0].lower(), _ENGLISH)
    return {
        "enabled": True,
        "first_nudge_delay_seconds": 15,
        "second_nudge_delay_seconds": 30,
        "hangup_delay_seconds": 15,
        "first_nudge_text": first,
        "second_nudge_text": second,
        "final_hangup_text": final,
    }
