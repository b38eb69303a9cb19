"""The words around a simulated case, beside those of `sentences`, in the reader's language."""

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "title": "What {policy} does with a case opened {at}",
        "when": "When",
        "what": "What happens",
        "told": "Who is told",
        "opening": "opened",
        "said": "said in the scenario",
        "report": "what became of a message",
        "due": "after {after}",
        "due_on": "after {after} on the calendar {calendar}",
        "refused": "Refused: {because}",
        "more": "… and {count} times more like this, the last {at}",
        "cut": "Cut at {at}: the case is still {status}, and next comes: {next} ({due}). "
        "Look further with --until.",
        "ended": "Ended {at}: {ending}.",
        "unsaid": "Not said any more, since the case had ended: {count} of the scenario.",
        "unreached": "not reached",
        "under_way": "on its way",
        "customer": "Customer",
        "others": "Others who are told",
        "legend": "bar: at this level · hatched: on hold · green: waits for the customer · "
        "○ somebody is told · ▲ reminded · ◆ window missed",
    },
    "fr": {
        "title": "Ce que fait {policy} d’un cas ouvert {at}",
        "when": "Quand",
        "what": "Ce qui se passe",
        "told": "Qui est prévenu",
        "opening": "ouverture",
        "said": "dit dans le scénario",
        "report": "le sort d’un message",
        "due": "après {after}",
        "due_on": "après {after} au calendrier {calendar}",
        "refused": "Refusé : {because}",
        "more": "… et encore {count} fois de même, la dernière {at}",
        "cut": "Coupé le {at} : le cas est encore {status}, et ensuite : {next} ({due}). "
        "Voir plus loin avec --until.",
        "ended": "Terminé {at} : {ending}.",
        "unsaid": "Plus dit, le cas étant terminé : {count} du scénario.",
        "unreached": "pas joint",
        "under_way": "en route",
        "customer": "Client",
        "others": "Autres personnes prévenues",
        "legend": "barre : à ce niveau · hachuré : en attente · vert : attend le client · "
        "○ quelqu’un est prévenu · ▲ rappel · ◆ délai dépassé",
    },
    "fi": {
        "title": "Mitä {policy} tekee tapaukselle, joka avataan {at}",
        "when": "Milloin",
        "what": "Mitä tapahtuu",
        "told": "Kenelle kerrotaan",
        "opening": "avaus",
        "said": "sanottu skenaariossa",
        "report": "miten viestille kävi",
        "due": "kun {after} on kulunut",
        "due_on": "kun {after} on kulunut kalenterissa {calendar}",
        "refused": "Hylätty: {because}",
        "more": "… ja vielä {count} kertaa samoin, viimeksi {at}",
        "cut": "Katkaistu {at}: tapauksen tila on yhä {status}, ja seuraavaksi: {next} ({due}). "
        "Katso pidemmälle: --until.",
        "ended": "Päättyi {at}: {ending}.",
        "unsaid": "Jäi sanomatta, koska tapaus oli päättynyt: {count} skenaariosta.",
        "unreached": "ei tavoitettu",
        "under_way": "matkalla",
        "customer": "Asiakas",
        "others": "Muut, joille kerrotaan",
        "legend": "palkki: tällä tasolla · vinoviivat: odotuksella · vihreä: odottaa asiakasta · "
        "○ jollekulle kerrotaan · ▲ muistutus · ◆ aikaraja ylittyi",
    },
}


def words(language: str | None) -> dict[str, str]:
    """Of a language; one we do not have reads English."""
    return WORDS.get((language or "en").partition("-")[0], WORDS["en"])
