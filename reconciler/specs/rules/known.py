"""Values that the API is known to take. Others only warn: the API knows more than this page."""

from typing import Final

REGIONS: Final = (
    *("us-east", "eu-central", "ap-south"),  # documented
    # seen live (API.md 4.9)
    *("us-west", "br", "eu-west", "eu-north", "gb", "za", "il", "jp", "sg", "id", "in", "au"),
)

_LLMS: Final = (
    "bedrock-mantle/nvidia.nemotron-super-3-120b",
    "bedrock-mantle/nvidia.nemotron-nano-3-30b",
    "groq/openai/gpt-oss-120b",
)
LLMS: Final = (*_LLMS, *(f"{name}:latest" for name in _LLMS))

LANGUAGES: Final = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu
    cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi
    ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks
    ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl
    nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl
    sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve
    vi vo wa wo xh yi yo za zh zu
    """.split()  # noqa: SIM905  # a list of 180 short strings is unreadable
)
"""ISO 639-1; a region or script may follow, as in `en-GB`."""

RESERVED_TOOL_NAMES: Final = frozenset({"end_call", "detected_answering_machine"})
"""Names of the platform's own tools (API.md 5)."""
