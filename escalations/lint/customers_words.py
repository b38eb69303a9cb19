"""What customers write: phrases that raise the wrong trigger, or are heard in one language only."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Subject
from escalations.lint.wording import listed
from escalations.phrases import found_in
from escalations.policy import Policy, Trigger

SHORT = 3
"""Letters of a word that stands in too much."""


def _phrases(policy: Policy) -> Iterator[tuple[str, Trigger, str, int, str]]:
    """Trigger's name, trigger, language, number from 0, phrase: all there are."""
    for name, trigger in policy.triggers.items():
        for language, phrases in trigger.phrases.items():
            for n, phrase in enumerate(phrases):
                yield name, trigger, language, n, phrase


def _contains(phrase: str, short: str) -> bool:
    """Whether who writes the phrase also writes the short one; most do not share their letters."""
    return _letters(short) in _letters(phrase) and found_in(phrase, {"": [short]}, [""]) > 0


@lru_cache(maxsize=4096)
def _letters(phrase: str) -> str:
    return "".join(each for each in phrase.casefold() if each.isalnum())


def _target(policy: Policy, trigger: Trigger) -> int | None:
    return None if trigger.to == "next" else policy.number(trigger.to)


@rule(Severity.WARNING)
def phrase_overruled(subject: Subject) -> Iterator[Said]:
    """A phrase that contains another trigger's, which leads higher. Source: D29, A54.

    Of several triggers in one reply the highest moves the case, so the longer phrase never does.
    """
    policy = subject.policy
    for name, trigger, language, n, phrase in _phrases(policy):
        mine = _target(policy, trigger)
        for other, its, in_language, _, short in _phrases(policy):
            theirs = _target(policy, its)
            heard = in_language in (language, policy.languages[0])
            if other == name or not heard or mine is None or theirs is None or theirs <= mine:
                continue
            if _contains(phrase, short):
                yield Said(
                    ("triggers", name, "phrases", language, n),
                    f"who writes {phrase!r} also writes {short!r}, and `{other}` leads higher: "
                    f"this phrase never leads to `{trigger.to}`",
                    f"make the phrase of `{other}` longer, or take this one out",
                )
                break


@rule(Severity.INFO)
def phrase_superfluous(subject: Subject) -> Iterator[Said]:
    """A phrase that contains another one of the same trigger and language."""
    for name, trigger, language, n, phrase in _phrases(subject.policy):
        others = trigger.phrases[language]
        shorter = next(
            (
                each
                for m, each in enumerate(others)
                if m != n and _contains(phrase, each) and (m < n or not _contains(each, phrase))
            ),
            None,
        )
        if shorter is not None:
            yield Said(
                ("triggers", name, "phrases", language, n),
                f"{shorter!r} finds all that {phrase!r} finds",
                "take the longer one out, or the shorter one if it finds too much",
            )


@rule(Severity.WARNING)
def short_phrase(subject: Subject) -> Iterator[Said]:
    """One word of a few letters stands in much that is not meant: `sue`, and Sue."""
    for name, _, language, n, phrase in _phrases(subject.policy):
        if re.fullmatch(rf"[^\W\d_]{{1,{SHORT}}}", phrase) and phrase.isascii():
            yield Said(
                ("triggers", name, "phrases", language, n),
                f"{phrase!r} is one short word and stands in replies that mean something else "
                f"(a name, an abbreviation); each of them raises `{name}`",
                "write the words around it, such as two or three ways in which customers say it",
            )


@rule(Severity.WARNING)
def phrases_missing(subject: Subject) -> Iterator[Said]:
    """A trigger that hears customers in some of the policy's languages only. Source: A54."""
    for name, trigger in subject.policy.triggers.items():
        if trigger.phrases:
            deaf = _without(subject.policy, trigger.phrases)
            if deaf:
                yield Said(
                    ("triggers", name, "phrases"),
                    f"`{name}` has no phrases in {listed(deaf)}: customers who write so do not "
                    "raise it",
                    "write what they would say in that language",
                )


def _without(policy: Policy, texts: Mapping[str, Sequence[str]]) -> list[str]:
    """The policy's languages in which there is none of it; `fr` serves readers of `fr-CA`."""
    return [
        language
        for language in policy.languages
        if not texts.get(language) and not texts.get(language.partition("-")[0])
    ]


@rule(Severity.WARNING)
def article_missing(subject: Subject) -> Iterator[Said]:
    """An article that cannot be found, or read, in a language of the policy. Source: C6."""
    for n, article in enumerate(subject.policy.knowledge):
        for key, texts in (
            ("phrases", article.phrases),
            ("title", article.title),
            ("answer", article.answer),
        ):
            missing = _without(subject.policy, {each: list(texts[each]) for each in texts})
            if missing:
                harm = "is not found by" if key == "phrases" else "is suggested in another one to"
                yield Said(
                    ("knowledge", n, key),
                    f"`{article.id}` has no {key} in {listed(missing)}: it {harm} customers of "
                    "that language",
                    "write it in that language",
                )


@rule(Severity.WARNING)
def nothing_to_suggest(subject: Subject) -> Iterator[Said]:
    """A self-service level that has no article to answer with. Source: C6."""
    policy = subject.policy
    for rung in subject.cells():
        if rung.level.kind == "self-service" and rung.writes("kind") and not policy.knowledge:
            yield Said(
                rung.key("kind"),
                f"{rung.called} answers customers by itself, and there is no `knowledge` that it "
                "could answer with: every case is passed on at once",
                "write articles into `knowledge`, or take the level out",
            )
    if not policy.knowledge:
        return
    levels = [rung for rung in subject.cells() if rung.level.kind == "self-service"]
    if not levels:
        yield Said(
            ("knowledge",),
            "no level is of kind `self-service`: these articles are suggested to nobody",
            "write `kind: self-service` at the level that answers with them",
        )
    for category in policy.categories:
        served = any(
            not each.categories or category in each.categories for each in policy.knowledge
        )
        meets = any(
            rung.level.kind == "self-service" and rung.number >= policy.start(category)
            for rung in subject.ladder(category)
        )
        if meets and not served:
            yield Said(
                ("categories", category),
                f"{category} passes a self-service level, and no article is for it",
                "write an article for it, or let the category begin above that level",
            )
