"""A model that needs no network: the same request always gets the same answer.

It is what development, tests, demonstrations and a machine without outbound access run on. It
follows the same line formats that the prompts ask of a real model.
"""

import hashlib
import time

from app.llm import LLMRequest, LLMResponse, Prices

_IDEAS = {
    "en": (
        "Interview five people who live with the problem this week",
        "Remove the step that causes most of the waiting",
        "Build the smallest version that one team can use on Monday",
        "Turn the request around: let those concerned choose their own slot",
        "Publish one figure every Friday that shows whether it gets better",
        "Borrow a ready solution from a neighbouring field",
        "Pair a newcomer with somebody who has solved it before",
        "Stop doing it for two weeks and note what is really missed",
        "Write the announcement first, then work backwards from it",
        "Make the failure visible at the moment it happens",
    ),
    "fr": (
        "Interroger cette semaine cinq personnes qui vivent le problème",
        "Supprimer l'étape qui cause l'essentiel de l'attente",
        "Construire la plus petite version qu'une équipe peut utiliser lundi",
        "Renverser la demande : laisser les intéressés choisir leur créneau",
        "Publier chaque vendredi un chiffre qui montre le progrès",
        "Emprunter une solution éprouvée à un domaine voisin",
        "Associer un nouveau venu à quelqu'un qui a déjà résolu le problème",
        "Arrêter pendant deux semaines et noter ce qui manque vraiment",
        "Écrire d'abord l'annonce, puis remonter le chemin",
        "Rendre l'échec visible au moment où il se produit",
    ),
}

_RISKS = {
    "en": (
        "it depends on people who have not been asked yet",
        "its benefit shows only after a quarter",
        "it moves the effort instead of removing it",
        "nobody owns it after the first week",
        "a simpler habit would give most of the effect",
    ),
    "fr": (
        "elle dépend de personnes qui n'ont pas encore été consultées",
        "son bénéfice n'apparaît qu'après un trimestre",
        "elle déplace l'effort au lieu de le supprimer",
        "personne ne la porte après la première semaine",
        "une habitude plus simple donnerait l'essentiel de l'effet",
    ),
}


class OfflineLLM:
    """Chooses its sentences by a digest of the request."""

    def __init__(self, prices: Prices, delay_ms: int = 0) -> None:
        self._prices = prices
        self._delay_seconds = delay_ms / 1000

    @property
    def model(self) -> str:
        return "offline-1"

    def complete(self, request: LLMRequest) -> LLMResponse:
        if self._delay_seconds:
            time.sleep(self._delay_seconds)
        text = self._answer(request)
        prompt_tokens = _tokens(request.instructions) + _tokens(request.subject)
        completion_tokens = _tokens(text)
        return LLMResponse(
            text=text,
            model=self.model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost_usd=self._prices.cost(prompt_tokens, completion_tokens),
        )

    def _answer(self, request: LLMRequest) -> str:
        seed = hashlib.sha256(
            f"{request.node}|{request.round}|{request.language}|{request.subject}".encode()
        ).digest()
        french = request.language == "fr"
        lines = [line for line in request.subject.splitlines() if line.strip()]
        topic = lines[0].rstrip(" ?.!") if lines else ""
        listed = [line[2:] for line in lines if line.startswith("- ")]
        ideas = _IDEAS["fr" if french else "en"]
        risks = _RISKS["fr" if french else "en"]
        match request.node:
            case "frame":
                if french:
                    return f"Comment pourrions-nous avancer sur « {topic} » en deux semaines ?"
                return f"How might we make progress on “{topic}” within two weeks?"
            case "diverge":
                first = seed[0] % len(ideas)
                chosen = [ideas[(first + 3 * i) % len(ideas)] for i in range(4)]
                return "\n".join(f"- {idea}" for idea in chosen)
            case "critique":
                score = 35 + seed[1] % 61
                words = [
                    f"- {idea} : {risks[(seed[2] + i) % len(risks)]}"
                    for i, idea in enumerate(listed)
                ]
                return "\n".join([f"score: {score}", *words])
            case "converge":
                kept = sorted(range(len(listed)), key=lambda i: seed[i % len(seed)])[:2]
                return "\n".join(f"- {listed[i]}" for i in sorted(kept))
            case "decide":
                best = listed[seed[3] % len(listed)] if listed else topic
                if french:
                    return (
                        f"decision: {best}\n- Nommer une personne responsable aujourd'hui\n"
                        "- Fixer le premier essai cette semaine\n- Revoir le résultat dans deux"
                        " semaines"
                    )
                return (
                    f"decision: {best}\n- Name one owner today\n- Hold the first trial this week\n"
                    "- Look at the result in two weeks"
                )
            case _:
                body = " ".join(line.removeprefix("- ") for line in lines[1:6])
                return f"{topic}: {body}" if body else topic


def _tokens(text: str) -> int:
    """About four characters to a token, as the common tokenisers come out on prose."""
    return max(1, len(text) // 4)
