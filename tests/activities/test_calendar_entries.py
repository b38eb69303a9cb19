"""Whatever people are called and say, a calendar reads it as it was written."""

from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from unicodedata import normalize

from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from activities import calendar_entries
from activities.calendar_entries import Method
from escalations.effects import Recipient
from escalations.retrospective.slots import Slot
from tests.activities.ical_reader import plain, properties

MONDAY = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200
)
words = words.map(lambda text: normalize("NFC", text).strip()).filter(bool)


@example(
    name='Ada "the fixer";X=1:mailto:eve@shop.example',
    summary="Done; all, of it: BEGIN:VEVENT",
    description="END:VEVENT\nBEGIN:VEVENT\nATTENDEE:mailto:eve@shop.example",
)
@settings(max_examples=50)
@given(name=words, summary=words, description=st.lists(words, max_size=4).map("\n".join))
def test_any_words_survive_the_calendar(name: str, summary: str, description: str) -> None:
    """Two readers, one by the standard's letter, get back what was written."""
    somebody = Recipient(
        key="x", name=name, reach=["mailto:x@shop.example"], language="en", timezone="UTC"
    )
    entry = calendar_entries.entry(
        Method.REQUEST,
        case="T-1",
        slot=Slot(start_at=MONDAY, end_at=MONDAY + timedelta(minutes=45)),
        summary=summary,
        description=description,
        organiser=Address("", addr_spec="escalade@shop.example"),
        invited=[somebody],
        facilitator="Ida",
        at=MONDAY - timedelta(days=3),
    )
    (event,) = Calendar.from_ical(entry).events
    read = {property_: (params, value) for property_, params, value in properties(entry)}

    assert max(len(line.encode()) for line in entry.split("\r\n")) <= 75
    assert plain(read["SUMMARY"][1]) == summary
    assert plain(read["DESCRIPTION"][1]) == description
    if "\\" not in summary + description:  # icalendar reads a written \N as a new line
        assert str(event["SUMMARY"]) == summary
        assert str(event.get("DESCRIPTION", "")) == description
    assert event["ATTENDEE"].params["CN"] == name.replace('"', "'")
    assert event.start == MONDAY
    assert event.duration == timedelta(minutes=45)
