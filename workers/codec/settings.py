"""What the environment says to the codec server."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, FilePath, ValidationError

from workers.settings import Running, SettingsInvalid, mistake


def _origin(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or f"{parts.scheme}://{parts.netloc}" != origin:
        msg = "where the Temporal UI is, such as http://127.0.0.1:8233, without a path"
        raise ValueError(msg)
    return origin


def _address(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        msg = "host:port to listen on, such as 127.0.0.1:8234; port 0 is any that is free"
        raise ValueError(msg)
    return address


class CodecSettings(Running):
    """The codec server's settings; its audit log is `info`: a higher log level leaves it out."""

    encryption_keys_file: FilePath
    """The keys that payloads are encrypted with (`escalade keys`)."""

    codec_tokens_file: FilePath
    """Who may read: a line each, `<who> <SHA-256 of the token>`."""

    codec_address: Annotated[str, AfterValidator(_address)] = "127.0.0.1:8234"
    """`host:port` to listen on; anything but loopback belongs behind TLS."""

    codec_origin: Annotated[str, AfterValidator(_origin)] = "http://127.0.0.1:8233"
    """The one origin whose pages may ask: the Temporal UI's."""

    @property
    def listens_on(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.codec_address.rpartition(":")
        return host.strip("[]"), int(port)


def read_codec_settings() -> CodecSettings:
    """The settings of this process.

    Raises:
        SettingsInvalid: they have mistakes; all of them are named.
    """
    try:
        return CodecSettings()
    except ValidationError as error:
        problems = [mistake(each) for each in error.errors(include_url=False)]
        raise SettingsInvalid("\n".join(["The settings have mistakes.", *problems])) from None
