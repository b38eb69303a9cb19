"""The words there are: templates, sentences and names in the policy's languages."""

from collections.abc import Iterator

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Subject
from escalations.lint.vocabulary import Vocabulary
from escalations.lint.wording import listed


def _languages(subject: Subject) -> Iterator[tuple[int, str, Vocabulary]]:
    """Each language of the policy and the words there are; none where they are not at hand."""
    if subject.vocabulary is not None:
        for n, language in enumerate(subject.policy.languages):
            yield n, language, subject.vocabulary


@rule(Severity.WARNING)
def no_templates(subject: Subject) -> Iterator[Said]:
    """A language of the policy in which there is nothing to send. Source: A51."""
    for n, language, words in _languages(subject):
        missing = words.missing(language)
        if missing and missing == words.wanted:
            yield Said(
                ("languages", n),
                f"there are no templates in `{language}`: whoever reads it is written to in "
                "English",
                f"put a folder `{language}` into ESCALADE_TEMPLATES, or take the language out",
            )


@rule(Severity.WARNING)
def template_missing(subject: Subject) -> Iterator[Said]:
    """A language has some of the messages, and not all. Source: A51."""
    for n, language, words in _languages(subject):
        missing = words.missing(language)
        if missing and missing != words.wanted:
            yield Said(
                ("languages", n),
                f"in `{language}` there are no templates for {listed(sorted(missing))}: these "
                "messages go out in English",
                f"write {language}/{min(missing)}.txt and so on, in ESCALADE_TEMPLATES",
            )


@rule(Severity.INFO)
def no_sentences(subject: Subject) -> Iterator[Said]:
    """A language in which no timeline is told. Source: A21."""
    for n, language, words in _languages(subject):
        if not words.tells(language):
            yield Said(
                ("languages", n),
                f"the timeline of a case is not told in `{language}`: its readers get it in "
                "English",
                "nothing to do if English will do for that page",
            )


@rule(Severity.INFO)
def untranslated(subject: Subject) -> Iterator[Said]:
    """Triggers and actions whose names stand in letters of another language as they are."""
    names = {each for rung in subject.cells() for each in rung.level.actions}
    names |= subject.policy.triggers.keys()
    for n, language, words in _languages(subject):
        nameless = words.nameless(language, frozenset(names))
        if n and nameless and words.missing(language) != words.wanted:
            one = len(nameless) == 1
            these = "this name" if one else "these names"
            yield Said(
                ("languages", n),
                f"{listed(sorted(nameless))} {'has' if one else 'have'} no words in "
                f"`{language}`: letters in it show {these} as {'it is' if one else 'they are'}",
                f"write them into {language}/words.yaml in ESCALADE_TEMPLATES, under `triggers` "
                "and `actions`",
            )
