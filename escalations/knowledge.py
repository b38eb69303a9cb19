"""What a self-service level answers with: articles, found by the words of the problem (C6)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from escalations.model import Language, Line, Name, Text, Value, Words
from escalations.phrases import found_in

MAX_CHARACTERS: Final = 100_000
"""Of all answers together, in all languages."""


class Article(Value):
    """One answer to a common question, in the languages that the policy writes."""

    id: Name
    title: dict[Language, Line] = Field(min_length=1)
    answer: dict[Language, Annotated[Words, Field(max_length=4_000)]] = Field(min_length=1)
    phrases: dict[Language, list[Annotated[Line, Field(min_length=2)]]] = Field(min_length=1)
    """Language → words in a problem that this answers; whole words, case does not count."""
    categories: list[Name] = []
    """Only for problems of these categories; for all if empty."""


def _carried(articles: list[Article]) -> list[Article]:
    size = sum(len(text) for each in articles for text in each.answer.values())
    if size > MAX_CHARACTERS:
        allowed = f"at most {MAX_CHARACTERS}: they travel with every case"
        msg = f"found {size} characters of answers; write {allowed}"
        raise ValueError(msg)
    ids = [each.id for each in articles]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        msg = f"found {twice!r} twice; write another `id` for each article"
        raise ValueError(msg)
    return articles


Articles = Annotated[list[Article], Field(max_length=200), AfterValidator(_carried)]
"""The articles of a policy, each with an id of its own, small enough to travel with a case."""


class Suggestion(Value):
    """An article as it is suggested to a customer, in their language."""

    article: Name
    title: Line
    text: Text


def suggestion(
    articles: Sequence[Article], problem: str, category: str | None, languages: Sequence[str]
) -> Suggestion | None:
    """The article with the most phrases in the problem, of several the first; `None` if none has.

    `languages` are the reader's, best first.
    """
    meant = [each for each in articles if not each.categories or category in each.categories]
    hits = {each.id: found_in(problem, each.phrases, languages) for each in meant}
    best = max(meant, key=lambda each: hits[each.id], default=None)
    if best is None or not hits[best.id]:
        return None
    return Suggestion(
        article=best.id,
        title=_first(best.title, languages),
        text=_first(best.answer, languages),
    )


def _first(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """The text in the first of these languages that it is written in, else in its first one."""
    return next((texts[each] for each in languages if each in texts), next(iter(texts.values())))
