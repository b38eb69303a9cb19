"""What happened to a case: a closed set of entries with typed details.

`sentences.py` renders each of them, in one place, in the reader's language.
"""

from typing import Annotated

from pydantic import Field

from escalations.timeline_course import (
    Acknowledged,
    AcknowledgementExpired,
    ActionCompleted,
    Assigned,
    Breached,
    Closed,
    Confirmed,
    Entry,
    Held,
    HoldReminded,
    LeftLevel,
    LevelEntered,
    NobodyOnCall,
    OnCall,
    Opened,
    PolicyAdopted,
    PriorityChanged,
    Rated,
    Rejected,
    Released,
    Reminded,
    Reopened,
    Repeated,
    Resolved,
    Resumed,
    RetrospectiveScheduled,
    RotaUnread,
    SurveyAsked,
)
from escalations.timeline_talk import (
    CustomerReplied,
    CustomerUpdated,
    ExecutiveCalled,
    Folded,
    HeldBack,
    Noted,
    Notified,
    Recalled,
    Refused,
    Suggested,
    TriggerRaised,
    Undelivered,
    UpdateReminded,
)

__all__ = [
    "Acknowledged",
    "AcknowledgementExpired",
    "ActionCompleted",
    "Assigned",
    "Breached",
    "Closed",
    "Confirmed",
    "CustomerReplied",
    "CustomerUpdated",
    "Entry",
    "ExecutiveCalled",
    "Folded",
    "Held",
    "HeldBack",
    "HoldReminded",
    "LeftLevel",
    "LevelEntered",
    "NobodyOnCall",
    "Noted",
    "Notified",
    "OnCall",
    "Opened",
    "PolicyAdopted",
    "PriorityChanged",
    "Rated",
    "Recalled",
    "Refused",
    "Rejected",
    "Released",
    "Reminded",
    "Reopened",
    "Repeated",
    "Resolved",
    "Resumed",
    "RetrospectiveScheduled",
    "RotaUnread",
    "Suggested",
    "SurveyAsked",
    "TimelineEntry",
    "TriggerRaised",
    "Undelivered",
    "UpdateReminded",
]

TimelineEntry = Annotated[
    Opened
    | LevelEntered
    | Reminded
    | Repeated
    | Acknowledged
    | AcknowledgementExpired
    | Assigned
    | Released
    | ActionCompleted
    | PriorityChanged
    | PolicyAdopted
    | Breached
    | LeftLevel
    | Suggested
    | OnCall
    | NobodyOnCall
    | RotaUnread
    | HeldBack
    | Recalled
    | CustomerUpdated
    | UpdateReminded
    | ExecutiveCalled
    | CustomerReplied
    | TriggerRaised
    | Noted
    | Held
    | HoldReminded
    | Resumed
    | Resolved
    | Confirmed
    | Rejected
    | SurveyAsked
    | Rated
    | Reopened
    | Notified
    | Undelivered
    | Refused
    | RetrospectiveScheduled
    | Folded
    | Closed,
    Field(discriminator="type"),
]
