"""Telling people of a retrospective: invitations as mail with a calendar entry, and reminders.

A meeting that is called off is taken out of their calendars again.

It goes the way of all notifications, by the same channels, ledger and templates, so that a retry
sends nothing twice and whoever has no mail is told the time by the channel they have.
"""

from collections.abc import Mapping
from datetime import timedelta
from email.headerregistry import Address as Mailbox
from email.utils import parseaddr

from temporalio import activity
from temporalio.common import RetryPolicy

from activities import calendar_entries
from activities.calendar_entries import Method
from activities.letters import Letter
from activities.notifications import (
    ATTEMPT_WITHIN,
    HEARD_WITHIN,
    Channels,
    Ledger,
    Notifications,
    NotifyOptions,
    Templates,
)
from escalations.effects import Brief, Dispatch, Notice, Recipient, Send
from escalations.events import Delivery
from escalations.retrospective.events import Circular
from escalations.sentences import moment, sentence

INVITE_OPTIONS: NotifyOptions = {
    "start_to_close_timeout": ATTEMPT_WITHIN,
    "heartbeat_timeout": HEARD_WITHIN,
    # There is a business day's notice: a mail server may be down for some hours of it.
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2,
        maximum_interval=timedelta(minutes=10),
        maximum_attempts=40,
    ),
}


_METHODS: Mapping[object, Method] = {
    Notice.RETROSPECTIVE_INVITATION: Method.REQUEST,
    Notice.RETROSPECTIVE_WITHDRAWN: Method.CANCEL,
}
"""Notice → what it does in calendars."""


class Invitations:
    """Invites to retrospectives, and reminds of them."""

    def __init__(
        self, channels: Channels, ledger: Ledger, templates: Templates, organiser: str
    ) -> None:
        """`organiser` is the sender of our mail, `Name <mail@example.com>` or the address alone.

        Raises:
            ValueError: it is no mail address. Whoever runs the worker mends it.
        """
        written = _InvitationTemplates(templates, _mailbox(organiser))
        self._notifications = Notifications(channels, ledger, written)

    @activity.defn(name="invite")
    async def invite(self, circular: Circular) -> list[Delivery]:
        """Tell everybody whom one decision tells; one answer for each. See `Notifications`."""
        dispatch = Dispatch(brief=circular.brief, sends=[circular])
        return await self._notifications.notify(dispatch)


class _InvitationTemplates:
    """The words of all notices; what moved the case, and to a meeting its calendar entry."""

    def __init__(self, templates: Templates, organiser: Mailbox) -> None:
        self._templates = templates
        self._organiser = organiser

    def write(self, brief: Brief, send: Send, recipient: Recipient) -> Letter:
        """The letter to one recipient."""
        method = _METHODS.get(send.notice)
        if not isinstance(send, Circular) or method is None:
            return self._templates.write(brief, send, recipient)
        letter = self._templates.write(brief, _with_story(send, recipient), recipient)
        slot = send.particulars.slot
        if slot is None or slot.end_at <= send.particulars.decided_at:
            return letter
        entry = calendar_entries.entry(
            method,
            case=brief.case,
            slot=slot,
            summary=letter.subject,
            description=letter.chat,
            organiser=self._organiser,
            invited=send.to,
            facilitator=send.particulars.contact_name,
            at=send.particulars.decided_at,
        )
        return letter.model_copy(update={"calendar": entry})


def _with_story(circular: Circular, recipient: Recipient) -> Circular:
    """What happened, a sentence an entry, in the reader's language and zone."""
    particulars = circular.particulars
    if not particulars.story:
        return circular
    story = [
        f"{moment(entry.at, recipient.timezone)}  "
        f"{sentence(entry, recipient.timezone, recipient.language)}"
        for entry in particulars.story
    ]
    told = particulars.model_copy(update={"text": "\n".join(story)})
    return circular.model_copy(update={"particulars": told})


def _mailbox(written: str) -> Mailbox:
    name, address = parseaddr(written)
    if "@" not in address:
        msg = f"found {written!r}; write `Name <mail@example.com>` or the address alone"
        raise ValueError(msg)
    return Mailbox(name, addr_spec=address)
