"""English."""

ENTRIES = {
    "opened": "Opened by {by} as {priority}, by {channel}",
    "opened.again": "Opened again by {by} as {priority}, by {channel}",
    "level_entered": "Level {level} has it: {name}, until {due_at}",
    "level_entered.open": "Level {level} has it: {name}, until it is resolved",
    "reminded": "{name} was reminded",
    "repeated": "Still unresolved: {name} was told again ({times})",
    "acknowledged": "{by} took it",
    "acknowledgement_expired": "Nobody took it in time at {name}: asked again",
    "assigned": "{by} gave it to {to}",
    "breached": "{name} missed its window",
    "breached.fix": "The real fix did not come in time",
    "left_level": "Left level {level} for level {to_level}: {why}",
    "customer_replied": "The customer said by {channel}: “{text}”",
    "trigger_raised": "{by} raised {trigger}",
    "trigger_raised.still": "{by} raised {trigger}; the case is as high already",
    "noted": "{by} noted: {text}",
    "held": "{by} put it on hold, waiting for {reason}, until {until}",
    "held.open": "{by} put it on hold, waiting for {reason}",
    "hold_reminded": "Still waiting for {reason}: reminded",
    "resumed": "The clock goes on: {why}",
    "resolved": "{by} proposed a {kind}: {summary}",
    "confirmed": "{by} confirmed it",
    "confirmed.presumed": "No answer from the customer: taken as agreement",
    "rejected": "{by} did not agree: {reason}",
    "reopened": "Open again: {why}",
    "notified": "Told {recipient}: {notice}",
    "undelivered": "Could not reach {recipient} ({notice}): {detail}",
    "refused": "Changed nothing: {what} from {by}, because {because}",
    "retrospective_scheduled": "The retrospective was started: {workflow_id}",
    "folded": "Earlier entries, folded: {counts}",
    "closed": "Closed: {ending}",
}

NEXT = {
    "ask_again": "Ask {name} again: nobody has taken it",
    "remind": "Remind level {level}: {name}",
    "climb": "Level {level} → {next_level}: {next_name}",
    "breach": "The window of the last level ends: {name}",
    "repeat": "Tell {name} again: still unresolved",
    "remind_hold": "Remind of the hold",
    "end_hold": "The hold ends",
    "presume": "Close: the customer’s silence counts as agreement",
    "fix_overdue": "The real fix is overdue: open again",
    "closed": "Nothing: the case is closed",
}

WHY = {
    "time": "time was up",
    "handed_up": "handed up",
    "rejected": "the customer did not agree",
    "fix_overdue": "the real fix did not come",
    "opened_again": "opened again after it had ended",
    "by_hand": "resumed by hand",
    "customer_replied": "the customer replied",
    "hold_over": "the hold reached its limit",
    "moved": "the case moved on",
    "resolved": "it was resolved",
    "trigger": "trigger {name}",
    "customer": "the customer",
    "vendor": "a vendor",
    "incident": "an incident",
    "evidence": "evidence",
    "fix": "fix",
    "workaround": "workaround",
    "confirmed": "the customer confirmed",
    "presumed": "the customer was silent",
    "withdrawn": "withdrawn",
    "merged": "merged into another case",
    "unreachable": "the customer could not be reached",
}

STATUS = {
    "open": "open",
    "on_hold": "on hold",
    "resolved": "resolved, waits for the customer",
    "workaround": "workaround, waits for the real fix",
    "closed": "closed",
}

SOMEBODY = "somebody"
"""Where nobody's name is known."""
