"""The rules of a self-service level: an answer is suggested before anybody is asked. Source: C6."""

from escalations import promises, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import CustomerNotice
from escalations.knowledge import Suggestion, suggestion
from escalations.phrases import spoken


def fresh_answer(case: CaseFile) -> Suggestion | None:
    """What the customer could be answered and was not yet; `None` if nothing is known."""
    request = case.record.request
    languages = spoken(request.customer.language, case.policy.languages[0])
    problem = f"{request.title}\n{request.statement}"
    fresh = [each for each in case.policy.knowledge if each.id not in case.record.suggested]
    return suggestion(fresh, problem, request.category, languages)


def suggest(case: CaseFile) -> bool:
    """Suggest an answer to the customer; whether there is one, and an address to send it to."""
    found = fresh_answer(case)
    if found is None or not case.record.request.customer.contacts:
        return False
    case.record.suggestion = found
    case.record.suggested = [*case.record.suggested, found.article]
    case.stop_clocks(ClockName.ACKNOWLEDGEMENT, ClockName.UPDATE)
    case.silence(ClockName.WINDOW, Then.REMIND)
    case.note(timeline.Suggested, article=found.article, title=found.title)
    promises.tell_by_when(case, CustomerNotice.SUGGESTION, by=found.title, text=found.text)
    return True
