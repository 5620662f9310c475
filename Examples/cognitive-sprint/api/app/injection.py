"""Recognises text that tries to give the model orders instead of a topic to think about."""

import re
import unicodedata

_PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "override-en": r"\b(ignore|disregard|forget)\b.{0,30}\b(previous|prior|above|earlier|all)\b"
        r".{0,30}\b(instructions?|rules?|prompts?|orders?)\b",
        "override-fr": r"\b(ignore[rz]?|oublie[rz]?|neglige[rz]?)\b.{0,30}\b(instructions?|regles?"
        r"|consignes?|ordres?)\b",
        "reveal": r"\b(reveal|show|print|repeat|affiche[rz]?|montre[rz]?|revele[rz]?|repete[rz]?)\b"
        r".{0,40}\b(system prompt|hidden prompt|prompt systeme|your instructions"
        r"|(tes|vos) (instructions|consignes))\b",
        "role": r"\b(you are now|from now on you|pretend to be|tu es desormais|tu es maintenant"
        r"|a partir de maintenant tu)\b",
        "markup": r"</?(system|assistant|instructions?|topic)>|\[/?inst\]|<\|[a-z_]+\|>",
        "mode": r"\b(developer mode|jailbreak|dan mode|mode developpeur)\b",
    }.items()
}


def find(text: str) -> str | None:
    """The name of the first pattern that the text matches.

    Accents, case, compatibility forms (full-width letters), invisible characters and runs of
    blanks are levelled first, since they are the usual disguises.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    visible = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    level = " ".join("".join(visible).lower().split())
    for name, pattern in _PATTERNS.items():
        if pattern.search(level):
            return name
    return None
