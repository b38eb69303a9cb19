"""Articles that answer common questions: in a file of their own, found by the problem's words."""

from pathlib import Path

import pytest

from escalations.knowledge import suggestion
from escalations.policy_file import findings, read
from tests.domain.test_policy_file import SHOP

ARTICLES = """\
- id: reset-password
  title: {en: Reset your password, fr: Changer de mot de passe}
  answer: {en: Use the link., fr: Utilisez le lien.}
  phrases: {en: [password, log in], fr: [mot de passe]}
- id: where-is-it
  title: {en: Where your order is}
  answer: {en: Look at the tracking page.}
  phrases: {en: [order, parcel, log in]}
  categories: [orders]
"""
POLICY = (
    f"{SHOP}languages: [en, fr]\ncategories: {{orders: {{}}, other: {{}}}}\nknowledge: know.yaml\n"
)


def written(folder: Path, articles: str = ARTICLES) -> Path:
    (folder / "know.yaml").write_text(articles, "utf-8")
    policy = folder / "shop.yaml"
    policy.write_text(POLICY, "utf-8")
    return policy


def test_articles_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    """The policy names the file; what stands there travels with the policy."""
    policy = read(written(tmp_path))

    assert [each.id for each in policy.knowledge] == ["reset-password", "where-is-it"]


def test_mistakes_are_found_where_they_stand(tmp_path: Path) -> None:
    """In the articles' file with their own lines, together with those of the policy."""
    file = written(tmp_path, ARTICLES.replace("answer: {en: Look", "anser: {en: Look"))
    file.write_text(file.read_text("utf-8").replace("summary", "sumary") + "fallback: nobody\n")

    found = [(Path(each.file).name, each.line, each.key) for each in findings(file)]

    assert ("know.yaml", 7, "#2.anser") in found or ("know.yaml", 7, "#2.answer") in found
    assert any(name == "shop.yaml" and key == "fallback" for name, _, key in found)


@pytest.mark.parametrize("named", ["none.yaml", "../know.yaml", "/etc/passwd"])
def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path, named: str) -> None:
    """Said where the policy names it; files outside the policy's folder are none."""
    file = written(tmp_path)
    file.write_text(POLICY.replace("know.yaml", named), "utf-8")

    (found,) = findings(file)

    assert found.key == "knowledge"
    assert named in found.found


@pytest.mark.parametrize("articles", ["", "hello", "{a: 1}", "- 1", "- {id: x}"])
def test_what_is_no_list_of_articles_is_a_finding(tmp_path: Path, articles: str) -> None:
    """An empty file, text, a block, a number and half an article: all in the articles' file."""
    found = findings(written(tmp_path, articles))

    assert found
    assert {Path(each.file).name for each in found} == {"know.yaml"}


def test_categories_and_languages_of_articles_exist(tmp_path: Path) -> None:
    """An article for a category or in a language that the policy does not have is a mistake."""
    text = ARTICLES.replace("[orders]", "[order]").replace("fr: [mot", "fi: [mot")

    keys = [each.key for each in findings(written(tmp_path, text))]

    assert keys == ["#1.phrases.fi", "#2.categories.#1"]


@pytest.mark.parametrize(
    ("problem", "category", "languages", "found"),
    [
        ("I lost my PASSWORD", None, ["en"], ("reset-password", "Use the link.")),
        (
            "J’ai perdu mon mot de passe",
            None,
            ["fr", "en"],
            ("reset-password", "Utilisez le lien."),
        ),
        (
            "Cannot log in to see my order",
            "orders",
            ["en"],
            ("where-is-it", "Look at the tracking page."),
        ),
        ("Cannot log in to see my order", None, ["en"], ("reset-password", "Use the link.")),
        ("passwords", None, ["en"], None),
        ("Where is my parcel", "other", ["en"], None),
    ],
)
def test_the_article_with_the_most_words_of_the_problem(
    tmp_path: Path,
    problem: str,
    category: str | None,
    languages: list[str],
    found: tuple[str, str] | None,
) -> None:
    """Whole words of the customer's languages; only articles for this category or for all."""
    articles = read(written(tmp_path)).knowledge

    best = suggestion(articles, problem, category, languages)

    assert (best and (best.article, best.text)) == found


def test_answers_are_small(tmp_path: Path) -> None:
    """Answers travel with every case: a library of them is refused, with the size allowed."""
    long = "  answer: {en: " + "word " * 700 + "}\n"
    article = "- id: a{n}\n  title: {{en: A}}\n" + long.replace("{", "{{").replace("}", "}}")
    many = "".join(article.format(n=n) + "  phrases: {en: [word]}\n" for n in range(40))
    (found,) = findings(written(tmp_path, many))
    assert "at most 100000" in str(found)


def test_ids_are_not_given_twice(tmp_path: Path) -> None:
    """An article is known by its id: two with one id are a mistake."""
    (found,) = findings(written(tmp_path, ARTICLES.replace("where-is-it", "reset-password")))
    assert "'reset-password' twice" in str(found)
