"""Whatever happens to a case, it can be told, and told of other people."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from escalations import events
from escalations.explaining.stays import Watching
from escalations.explaining.story import Story, chapters_of
from escalations.explaining.telling import document, told
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.exporting.walking import Walker
from escalations.record import EscalationRecord
from tests.domain.any_case import AnyCase
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import paris

SETTINGS = settings(
    max_examples=6,
    stateful_step_count=15,
    suppress_health_check=[HealthCheck.too_slow],  # a shared machine may be
)


def _story(record: EscalationRecord) -> Story:
    watching = Watching()
    at = record.timeline[-1].at
    if not record.closed:
        watching.look(record, at)
    return Story(record, list(chapters_of(record, watching.clocks)), at, "")


class Told(AnyCase):
    """Any case, told when it is over or left alone."""

    def teardown(self) -> None:
        """In every language: nobody's words break it, and no place in a sentence stays open."""
        if not hasattr(self, "case"):
            return
        story = _story(self.record)
        for language in ("en", "fr", "fi"):
            for paragraph in told(story, language):
                assert paragraph.text.strip()
                assert paragraph.kind == "quote" or "None" not in paragraph.text
        assert len(document(story)["chapters"]) == len(story.chapters)


class Retold(AnyCase):
    """Any case, with other people in it."""

    def teardown(self) -> None:
        """Its record is still one, however it stands: with as many entries, of the same kinds."""
        if not hasattr(self, "case"):
            return
        record = self.record
        walker = Walker(Pseudonyms(), record.case)
        walker.learn(record.snapshot.policy)

        retold: EscalationRecord = walker.model(record)

        assert [each.type for each in retold.timeline] == [each.type for each in record.timeline]
        assert retold.next_deadline == record.next_deadline
        assert retold.request.customer.name != record.request.customer.name
        assert len(retold.participants) == len(record.participants)
        assert [len(each.reach) for each in retold.snapshot.policy.contacts.values()] == [
            len(each.reach) for each in record.snapshot.policy.contacts.values()
        ]


def test_any_case_can_be_told() -> None:
    """In English, French and Finnish, open or closed, folded or not."""
    run_state_machine_as_test(Told, settings=SETTINGS)


def test_any_case_can_be_told_of_other_people() -> None:
    """Pseudonyms fit wherever the models want something of a certain form."""
    run_state_machine_as_test(Retold, settings=SETTINGS)


def test_what_has_not_arrived_is_not_called_told(opened: OpenDesk) -> None:
    """While a channel hangs, a story says who is still to hear, in every language; nobody who has
    not heard counts as reached."""
    desk = opened(at=MONDAY)
    desk.hanging = True
    desk.reply("Any news?")
    last = told(_story(desk.record))[-1].text
    assert "On its way, not there yet: Call-centre representative." in last
    assert "reached" not in last
    for language in ("fr", "fi"):
        assert ": Call-centre representative." in told(_story(desk.record), language)[-1].text

    desk.recovered()
    desk.told()
    assert "Everybody who was to be told was reached." in told(_story(desk.record))[-1].text


def test_the_hour_that_is_there_twice_is_told_by_its_zone(opened: OpenDesk) -> None:
    """Two notes an hour apart are both of half past two: the story says of which."""
    desk = opened(at=paris("2026-10-25 02:15"))
    desk.later(minutes=15)
    desk.say(events.AddNote(by="rita", text="once"))
    desk.later(hours=1)
    desk.say(events.AddNote(by="rita", text="twice"))
    desk.told()
    whole = "\n".join(each.text for each in told(_story(desk.record)))
    assert "02:30 CEST" in whole
    assert "02:30 CET" in whole
