"""The timeline in words: a sentence for every entry, in each of our languages."""

import string
from types import ModuleType
from typing import Any, get_args

import pytest

from escalations import events, sentences, timeline
from escalations.clock import Then
from escalations.events import ResolutionKind
from escalations.languages import en, fi, fr
from escalations.policy import HoldReason, Priority
from escalations.record import Ending, Status
from escalations.timeline import Entry, TimelineEntry
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, paris

AT = paris("2026-12-22 10:00")
TYPES: tuple[type[Entry], ...] = get_args(get_args(TimelineEntry)[0])
FORMS: list[TimelineEntry] = [
    timeline.Opened(at=AT, level=1, by=None, channel="phone", priority=Priority.P1),
    timeline.Opened(at=AT, level=2, by="crm", channel="mail", priority=Priority.P1, again=True),
    timeline.LevelEntered(at=AT, level=1, name="Representative", contact="rep", due_at=AT),
    timeline.LevelEntered(at=AT, level=7, name="Senior", contact="senior", due_at=None),
    timeline.Reminded(at=AT, level=1, name="Representative"),
    timeline.Repeated(at=AT, level=7, name="Senior", times=3),
    timeline.Acknowledged(at=AT, level=1, by="rita"),
    timeline.AcknowledgementExpired(at=AT, level=1, name="Representative"),
    timeline.Assigned(at=AT, level=1, by="rita", to="sam"),
    timeline.Breached(at=AT, level=1, name="Representative"),
    timeline.Breached(at=AT, level=1, what="fix", name="Representative"),
    timeline.LeftLevel(at=AT, level=1, why="trigger:legal-threat", to_level=7, by="rita"),
    timeline.CustomerReplied(at=AT, level=1, text="Any\nnews?", channel="phone"),
    timeline.TriggerRaised(at=AT, level=1, trigger="legal-threat", by="rita", moved=True),
    timeline.TriggerRaised(at=AT, level=7, trigger="legal-threat", by="rita", moved=False),
    timeline.Noted(at=AT, level=1, by="rita", text="cable cut"),
    timeline.Held(at=AT, level=1, by="rita", reason=HoldReason.VENDOR, until=AT),
    timeline.Held(at=AT, level=1, by="rita", reason=HoldReason.INCIDENT, until=None),
    timeline.HoldReminded(at=AT, level=1, reason=HoldReason.EVIDENCE),
    timeline.Resumed(at=AT, level=1, why="hold_over"),
    timeline.Resolved(at=AT, level=1, by="rita", kind=ResolutionKind.FIX, summary="spliced"),
    timeline.Confirmed(at=AT, level=1, by="ada"),
    timeline.Confirmed(at=AT, level=1, by=None),
    timeline.Rejected(at=AT, level=1, by="ada", reason="fix"),
    timeline.Reopened(at=AT, level=1, why="rejected", times=1),
    timeline.Notified(at=AT, level=1, key="T-1/1", notice="reminder", recipient="r", address="a"),
    timeline.Undelivered(at=AT, level=1, key="T-1/1", notice="breach", recipient="r", detail="x"),
    timeline.Refused(at=AT, level=1, what="Withdraw", by=None, because="too late", text="x"),
    timeline.RetrospectiveScheduled(at=AT, level=1, workflow_id="retrospective/T-1"),
    timeline.Folded(at=AT, level=1, since=AT, counts={"noted": 3, "refused": 1}),
    timeline.Closed(at=AT, level=1, ending=Ending.UNREACHABLE),
    timeline.Breached(at=AT, level=1, what="update", name="Representative"),
    timeline.LeftLevel(at=AT, level=1, why="time", to_level=2, undone=["apologise", "call"]),
    timeline.Released(at=AT, level=1, owner="rita"),
    timeline.ActionCompleted(at=AT, level=1, by="rita", action="apologise"),
    timeline.ActionCompleted(at=AT, level=1, by="rita", action="apologise", evidence="mail 7"),
    timeline.PriorityChanged(at=AT, level=1, was=Priority.P3, priority=Priority.P2, why="age"),
    timeline.Suggested(at=AT, level=1, article="reset", title="Reset your password"),
    timeline.OnCall(at=AT, level=1, contact="first-line", people="Ada, Bo", until=AT),
    timeline.OnCall(at=AT, level=1, contact="first-line", people="Ada"),
    timeline.NobodyOnCall(at=AT, level=1, contact="first-line"),
    timeline.RotaUnread(at=AT, level=1, contact="first-line", problem="404"),
    timeline.HeldBack(at=AT, level=1, key="T-1/1", notice="breach", recipient="r", until=AT),
    timeline.Recalled(at=AT, level=1, key="T-1/1", notice="reminder", recipient="r"),
    timeline.CustomerUpdated(at=AT, level=1, by="rita", text="we are on it"),
    timeline.UpdateReminded(at=AT, level=1, due_at=AT),
    timeline.ExecutiveCalled(at=AT, level=1, trigger="legal-threat"),
    timeline.SurveyAsked(at=AT, level=1, until=AT),
    timeline.Rated(at=AT, level=1, score=2),
    timeline.Rated(at=AT, level=1, score=5, comment="thanks"),
    timeline.PolicyAdopted(
        at=AT,
        level=2,
        by="rita",
        was="call-centre@3f2a9c1b",
        policy="call-centre@5d0e77aa",
        was_level=2,
        was_name="Team lead",
        name="Team lead",
        was_due_at=AT,
        due_at=AT,
    ),
    timeline.PolicyAdopted(
        at=AT,
        level=3,
        by="rita",
        was="call-centre@3f2a9c1b",
        policy="call-centre@5d0e77aa",
        was_level=2,
        was_name="Team lead",
        name="Team lead",
        was_due_at=AT,
        due_at=AT,
    ),
]
LANGUAGES = pytest.mark.parametrize("words", [en, fr, fi], ids=["en", "fr", "fi"])


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_type_is_here() -> None:
    """The sentences below are of every type of entry that there is."""
    assert {type(entry) for entry in FORMS} == set(TYPES)


@LANGUAGES
def test_every_entry_has_a_sentence(words: ModuleType) -> None:
    """In each language, with the same facts in it as in English, and with none left unsaid."""
    assert words.ENTRIES.keys() == en.ENTRIES.keys()
    for form, english in en.ENTRIES.items():
        assert fields(words.ENTRIES[form]) == fields(english), form
    language = words.__name__.rpartition(".")[2]
    for entry in FORMS:
        sentence = sentences.sentence(entry, "Europe/Paris", language)
        assert sentence.strip() == sentence != ""
        assert not set("{}_\n") & set(sentence), sentence


@LANGUAGES
def test_every_code_has_words(words: ModuleType) -> None:
    """Reasons, endings, statuses and what comes next read in words in each language."""
    assert words.NEXT.keys() == {*Then, "presume.workaround", "closed"}
    assert words.STATUS.keys() == set(Status)
    assert words.WHY.keys() == en.WHY.keys()
    resumed = get_args(timeline.Resumed.model_fields["why"].annotation)
    codes = {*Ending, *HoldReason, *ResolutionKind, *resumed, "time", "handed_up", "trigger"}
    moves = {"rejected", "fix_overdue", "opened_again", "handed_back", "nobody_reachable"}
    moves |= {"survey", "no_answer", "not_helped", "shift", "age", "set", "adopted"}
    assert codes | moves <= words.WHY.keys()


@pytest.mark.parametrize(
    ("entry", "language", "sentence"),
    [
        (2, "en", "Level 1 has it: Representative, until 2026-12-22 10:00 CET"),
        (2, "fi", "Tasolla 1: Representative, määräaika 2026-12-22 10:00 CET"),
        (11, "fr", "Passage du niveau 1 au niveau 7 : signal legal-threat"),
        (12, "en", "The customer said by phone: “Any news?”"),
        (22, "en", "No answer from the customer: taken as agreement"),
        (27, "en", "Changed nothing: Withdraw from somebody, because too late"),
        (29, "en", "Earlier entries, folded: noted × 3, refused × 1"),
        (30, "fr", "Clos : le client est resté injoignable"),
        (30, "fr-CA", "Clos : le client est resté injoignable"),
        (30, "sv", "Closed: the customer could not be reached"),
        (30, None, "Closed: the customer could not be reached"),
        (32, "en", "Left level 1 for level 2: time was up; not done: apologise, call"),
    ],
)
def test_sentences(entry: int, language: str | None, sentence: str) -> None:
    """A moment is in the policy's zone, a code in words; a language we lack reads English."""
    assert sentences.sentence(FORMS[entry], "Europe/Paris", language) == sentence


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Closed: withdrawn by ada: A mistake"),
        ("fr", "Clos : retiré (ada) : A mistake"),
        ("fi", "Suljettu: peruttu (ada): A mistake"),
    ],
)
def test_who_gave_a_case_up_and_why(language: str, words: str) -> None:
    """Both stand where the ending stands."""
    closed = timeline.Closed(at=AT, level=1, ending="withdrawn", by="ada", reason="A mistake")
    assert sentences.sentence(closed, "UTC", language) == words


def test_somebody_s_words_are_theirs() -> None:
    """What the customer wrote is not taken for a code of ours, and braces in it mean nothing."""
    said: dict[str, Any] = {"at": AT, "level": 1, "by": "ada"}
    rejected = timeline.Rejected(**said, reason="the {level} is {unknown}")
    assert sentences.sentence(rejected, "UTC") == "ada did not agree: the {level} is {unknown}"
    vendor = timeline.Rejected(**said, reason="vendor")
    assert sentences.sentence(vendor, "UTC") == "ada did not agree: vendor"


def test_a_case_in_words(opened: OpenDesk) -> None:
    """The timeline reads from the beginning, each line with its moment."""
    desk = opened(at=AT, by=None)
    desk.later(minutes=5)
    desk.told()
    assert sentences.timeline(desk.record, "fi")[:2] == [
        "2026-12-22 10:00 CET  Avattu, avaaja: joku, kiireellisyys P3, kanava: other",
        "2026-12-22 10:00 CET  Tasolla 1: Representative, määräaika 2026-12-22 10:30 CET",
    ]
    assert sentences.timeline(desk.record)[-3].endswith(
        "Nobody took it in time at Representative: asked again"
    )


def test_what_comes_next(opened: OpenDesk) -> None:
    """The next deadline of a case reads as what will happen, at each stage of its life."""
    desk = opened(at=AT)
    said = [sentences.upcoming(desk.record)]
    desk.later(minutes=10)
    said.append(sentences.upcoming(desk.record))
    desk.later(minutes=10)
    said.append(sentences.upcoming(desk.record))
    desk.hold("vendor")
    said.append(sentences.upcoming(desk.record))
    desk.resolve("workaround")
    said.append(sentences.upcoming(desk.record))
    desk.say(events.ConfirmResolution(by="ada"))
    said.append(sentences.upcoming(desk.record))
    desk.say(events.Withdraw(by="ada", why="never mind"))
    said.append(sentences.upcoming(desk.record))
    desk.told()
    assert said == [
        "Ask Representative again: nobody has taken it",
        "Remind level 1: Representative",
        "Level 1 → 2: Support manager",
        "Remind of the hold",
        "Wait for the real fix: the customer’s silence counts as agreement",
        "The real fix is overdue: open again",
        "Nothing: the case is closed",
    ]


def test_what_comes_next_on_the_last_level() -> None:
    """Where no level is above, the end of the window and the repetition name the level itself."""
    desk = Desk(snapshot=ladder("1h"))
    assert sentences.upcoming(desk.record, "fr") == "Fin du délai du dernier niveau : L1"
    desk.later(hours=1)
    assert sentences.upcoming(desk.record) == "Tell L1 again: still unresolved"


def test_silence(opened: OpenDesk) -> None:
    """Silence closes a case with a fix; with a workaround it does not, and nobody is told so."""
    desk = opened()
    desk.resolve("fix")
    assert sentences.upcoming(desk.record, "fi").startswith("Sulje: asiakkaan hiljaisuus")
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.resolve("workaround")
    assert sentences.upcoming(desk.record, "fr").startswith("Attente de la correction définitive")
    desk.told()
