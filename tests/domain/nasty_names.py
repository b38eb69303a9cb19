"""A policy whose names mean something to every page that shows them."""

from typing import Final

from escalations.policy import Policy

SCRIPT: Final = '<script>alert("x")</script>'
NAMES: Final = (
    SCRIPT,
    "</svg><img src=x onerror=alert(1)>",
    "1. [x] {y} (z) | --> end",
    '"Quoted" #quot; `tick` &lt; %%{init: {}}%%',
    "شركة الأمل للاتصالات (دعم)",
    "👩‍💻 Ops 🚒 日本語の名前がとても長い場合はどうなりますか日本語の名前",
    "- **bold** _it_ ~~no~~ \\",
    "```",
)


def nasty() -> Policy:
    """A level and a contact of each name, and a category and a trigger of Mermaid's own words."""
    return Policy.model_validate(
        {
            "policy": "nasty",
            "summary": SCRIPT,
            "contacts": {
                f"c{n}": {"name": name, "reach": ["mailto:c@x.example"]}
                for n, name in enumerate(NAMES)
            },
            "levels": [
                {"name": f"{name}.", "contact": f"c{n}", "within": "1h"}
                for n, name in enumerate(NAMES)
            ],
            "triggers": {
                "style": {"to": "next", "phrases": {"en": [SCRIPT]}},
                "end": {"to": f"{NAMES[2]}."},
            },
            "categories": {"subgraph": {"start": f"{NAMES[1]}."}},
        }
    )
