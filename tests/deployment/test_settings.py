"""What the environment says to a worker: right, or refused with all its mistakes at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from workers.settings import Settings, SettingsInvalid, read_settings

EVERYTHING = {
    "ESCALADE_TASK_QUEUE": "care",
    "ESCALADE_DEPLOYMENT": "customer-care",
    "ESCALADE_BUILD": "2026.11+3f2a9c1",
    "ESCALADE_POLICIES": "matrices",
    "ESCALADE_TEMPLATES": "letters",
    "ESCALADE_SMTP_URL": "smtps://care:s3cret@mail.example.com:465",
    "ESCALADE_MAIL_FROM": "Customer care <care@example.com>",
    "ESCALADE_RECORDS_URL": "sqlite:////var/lib/escalade/records.db",
    "ESCALADE_LOG": "Console",
    "ESCALADE_LOG_LEVEL": "DEBUG",
    "ESCALADE_METRICS_ADDRESS": "[::1]:9464",
    "ESCALADE_MAX_CACHED_WORKFLOWS": "0",
    "ESCALADE_MAX_CONCURRENT_WORKFLOW_TASKS": "20",
    "ESCALADE_MAX_CONCURRENT_ACTIVITIES": "",
    "ESCALADE_STOP_WITHIN": "1m30s",
    "ESCALADE_ALIVE_FILE": "letters/alive",
    "ESCALADE_ENCRYPTION_KEYS_FILE": "keys",
    "ESCALADE_REQUEST_CHANNELS": "mailto, slack,mailto",
    "ESCALADE_SECRET_PAGER": "t0ken",
    "ESCALADE_BASE_URL": "https://care.example.com",
}


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty environment, in a folder with policies."""
    monkeypatch.setattr("os.environ", {"PATH": "/usr/bin"})
    (tmp_path / "policies").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    return str(refused.value).splitlines()


def test_nothing_needs_to_be_set() -> None:
    """In a checkout, a worker runs with an empty environment."""
    settings = read_settings()

    assert settings.task_queue == "escalations"
    assert settings.policies == Path("policies")
    assert settings.records_url.get_secret_value() == "sqlite:///escalade.db"
    assert (settings.log, settings.log_level) == ("json", "info")
    assert settings.smtp_url is None
    assert settings.metrics_address is None
    assert (settings.deployment, settings.build) == ("escalade", None)
    assert settings.request_channels == ("mailto",)


def test_everything_can_be_set(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable arrives in its field; an empty one is as good as none; the pages' own pass."""
    (checkout / "letters").mkdir()
    (checkout / "matrices").mkdir()
    (checkout / "keys").touch()
    for name, value in EVERYTHING.items():
        monkeypatch.setenv(name, value)

    settings = read_settings()

    assert {f"ESCALADE_{field.upper()}" for field in Settings.model_fields} - EVERYTHING.keys() == {
        "ESCALADE_SECRETS"
    }
    assert settings.task_queue == "care"
    assert (settings.deployment, settings.build) == ("customer-care", "2026.11+3f2a9c1")
    assert settings.policies == Path("matrices")
    assert settings.templates == Path("letters")
    assert settings.smtp_url is not None
    assert settings.smtp_url.get_secret_value() == "smtps://care:s3cret@mail.example.com:465"
    assert settings.mail_from == "Customer care <care@example.com>"
    assert settings.records_url.get_secret_value().endswith("records.db")
    assert (settings.log, settings.log_level) == ("console", "debug")
    assert settings.metrics_address == "[::1]:9464"
    assert settings.max_cached_workflows == 0
    assert settings.max_concurrent_workflow_tasks == 20
    assert settings.max_concurrent_activities == 100
    assert settings.stop_within == timedelta(seconds=90)
    assert settings.alive_file == Path("letters/alive")
    assert settings.request_channels == ("mailto", "slack")
    assert settings.secrets["PAGER"].get_secret_value() == "t0ken"
    for shown in (repr(settings), str(settings), str(settings.model_dump())):
        assert "s3cret" not in shown
        assert "t0ken" not in shown


def test_all_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with its variable, what was found (never a secret) and what is allowed."""
    said = refusal(
        monkeypatch,
        ESCALADE_DEPLOYMENT="escalade.eu",
        ESCALADE_BUILD="release 7",
        ESCALADE_POLICIES="elsewhere",
        ESCALADE_SMTP_URL="smtp://care:s3cret@mail.example.com:twentyfive",
        ESCALADE_MAIL_FROM="nobody",
        ESCALADE_RECORDS_URL="oracel://care:s3cret@db/records",
        ESCALADE_LOG="jsn",
        ESCALADE_METRICS_ADDRESS="9464",
        ESCALADE_MAX_CONCURRENT_ACTIVITIES="many",
        ESCALADE_MAX_CACHED_WORKFLOWS="-1",
        ESCALADE_REQUEST_CHANNELS="mailto://, slack",
        ESCALADE_STOP_WITHIN="1bd",
        ESCALADE_ALIVE_FILE="nowhere/alive",
        ESCALADE_ENCRYPTION_KEYS_FILE="keys",
    )

    assert said[0] == "The settings have mistakes."
    assert sorted(said[1:]) == [
        "ESCALADE_ALIVE_FILE: found 'nowhere/alive'; "
        "allowed: a file in a folder that exists, such as /tmp/alive",
        "ESCALADE_BUILD: found 'release 7'; allowed: 1 to 100 of letters, digits, '.', '_', '+' "
        "and '-', such as a version or a commit",
        "ESCALADE_DEPLOYMENT: found 'escalade.eu'; "
        "allowed: 1 to 64 of letters, digits, '_' and '-', such as escalade",
        "ESCALADE_ENCRYPTION_KEYS_FILE: found 'keys'; allowed: a file that exists",
        "ESCALADE_LOG: found 'jsn'; allowed: 'json' or 'console'",
        "ESCALADE_MAIL_FROM: found 'nobody'; "
        "allowed: `Name <mail@example.com>`, or the address alone",
        "ESCALADE_MAX_CACHED_WORKFLOWS: found '-1'; allowed: greater than or equal to 0",
        "ESCALADE_MAX_CONCURRENT_ACTIVITIES: found 'many'; allowed: a whole number",
        "ESCALADE_METRICS_ADDRESS: found '9464'; "
        "allowed: host:port to listen on, such as 127.0.0.1:9464",
        "ESCALADE_POLICIES: found 'elsewhere'; allowed: a folder that exists",
        "ESCALADE_RECORDS_URL: found a value that is not shown here, since it may hold a password; "
        "allowed: a database that lasts, such as sqlite:///escalade.db or "
        "postgresql+psycopg://host/name",
        "ESCALADE_REQUEST_CHANNELS: found 'mailto://, slack'; "
        "allowed: channels, a comma between them, such as `mailto` or `mailto, slack`",
        "ESCALADE_SMTP_URL: found a value that is not shown here, since it may hold a password; "
        "allowed: smtp://[user:password@]host:port, or smtps://… for TLS from the start",
        "ESCALADE_STOP_WITHIN: found '1bd'; allowed: seconds, minutes or hours, such as 20s",
    ]


def test_mail_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server without a sender is half a setting."""
    (_, said) = refusal(monkeypatch, ESCALADE_SMTP_URL="smtp://localhost:1025")

    assert said.startswith("ESCALADE_MAIL_FROM: found nothing; allowed: the sender of all mail")


def test_a_misspelt_variable_is_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that nobody reads is a mistake, and the one that was meant is named."""
    (_, closest, unlike) = refusal(monkeypatch, ESCALADE_LOGLEVEL="debug", ESCALADE_ZZZ="1")

    assert (
        closest == "ESCALADE_LOGLEVEL: there is no such setting; did you mean ESCALADE_LOG_LEVEL?"
    )
    assert unlike.startswith(
        "ESCALADE_ZZZ: there is no such setting; there are ESCALADE_TASK_QUEUE"
    )


def test_records_in_memory_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that forgets at every start would send everything twice."""
    (_, said) = refusal(monkeypatch, ESCALADE_RECORDS_URL="sqlite://")

    assert "a database that lasts" in said


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database whose driver is not installed is found at the start, not at the first record."""
    (_, said) = refusal(monkeypatch, ESCALADE_RECORDS_URL="mssql+pymssql://db/records")

    assert said.endswith("a database whose driver is installed here; missing is pymssql")


def test_secrets_come_as_files(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file called as a variable says what the variable would; the environment goes first."""
    folder = checkout / "run-secrets"
    folder.mkdir()
    (folder / "ESCALADE_RECORDS_URL").write_text("sqlite:////var/lib/records.db\n")
    (folder / "ESCALADE_SECRET_PAGER").write_text("t0ken\n")
    (folder / "ESCALADE_LOG").write_text("json\n")
    (folder / "database-password").write_text("not ours\n")
    monkeypatch.setenv("ESCALADE_SECRETS_FOLDER", "run-secrets")
    monkeypatch.setenv("ESCALADE_LOG", "console")

    settings = read_settings()

    assert settings.records_url.get_secret_value() == "sqlite:////var/lib/records.db"
    assert settings.secrets["PAGER"].get_secret_value() == "t0ken"
    assert settings.log == "console"
    assert "t0ken" not in repr(settings)


def test_what_is_wrong_with_secret_files_is_named_and_not_shown(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is missing, a file that is none, a misspelt one, a value with a mistake."""
    (_, said) = refusal(monkeypatch, ESCALADE_SECRETS_FOLDER="nowhere")
    assert said == "ESCALADE_SECRETS_FOLDER: found 'nowhere'; allowed: a folder that exists"

    folder = checkout / "run-secrets"
    (folder / "ESCALADE_LOG_LEVEL").mkdir(parents=True)
    (folder / "ESCALADE_RECORD_URL").write_text("sqlite:///x.db")
    (folder / "ESCALADE_SMTP_URL").write_text("smtp://care:s3cret@mail:port")
    said = "\n".join(refusal(monkeypatch, ESCALADE_SECRETS_FOLDER="run-secrets"))

    assert "ESCALADE_LOG_LEVEL: Is a directory; allowed: a file that this process can read" in said
    assert "ESCALADE_RECORD_URL: there is no such setting; did you mean" in said
    assert "ESCALADE_SMTP_URL: found a value that is not shown here" in said
    assert "s3cret" not in said
