"""Jinja in a sandbox, with an end to what one template may take."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from time import thread_time
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from activities.phrases import Isolated, block_html, isolated, isolated_html
from escalations.durations import Duration

_ends: ContextVar[float] = ContextVar("_ends")


class TooMuch(SecurityError):
    """The template takes too long or makes too much: whoever wrote it shortens it."""


class Renderer:
    """Templates of some folders, the first that has a file gives it; `.html` is escaped."""

    def __init__(self, folders: Sequence[Path], within: timedelta, max_length: int) -> None:
        """`within` is time of the processor, which a busy machine does not shorten.

        `max_length` is of what one template makes, in characters.
        """
        loader = FileSystemLoader(folders)
        self._text = _Environment(loader, escapes=False)
        self._html = _Environment(loader, escapes=True)
        self._within = within
        self._max_length = max_length

    def __call__(self, name: str, said: Mapping[str, Any]) -> str:
        """Render a template.

        Raises:
            jinja2.TemplateError: it is broken, speaks of what there is not, or takes too much.
            Exception: whatever else its expressions raise.
        """
        _ends.set(thread_time() + self._within.total_seconds())
        environment = self._html if name.endswith(".html") else self._text
        pieces, length = [], 0
        for piece in environment.get_template(name).generate(said):
            pieces.append(piece)
            length += len(piece)
            if length > self._max_length:
                msg = f"{name} makes more than {self._max_length} characters"
                raise TooMuch(msg)
            _check_time()
        return "".join(pieces)


_SWELLING_FILTERS: Final = ("batch", "center", "format", "indent", "slice")
_SWELLING_METHODS: Final = frozenset(
    {"center", "expandtabs", "format", "format_map", "ljust", "rjust", "zfill"}
)
"""What makes a gigabyte of a number in one step, where no time and no length is looked at."""


class _Environment(ImmutableSandboxedEnvironment):
    """Ours: strict about what there is not, and watching the time at every step."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, loader: FileSystemLoader, *, escapes: bool) -> None:
        super().__init__(
            loader=loader,
            autoescape=escapes,
            undefined=StrictUndefined,
            finalize=_finalize_html if escapes else _finalize,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        for bottomless in ("range", "lipsum"):
            del self.globals[bottomless]
        for swelling in _SWELLING_FILTERS:
            del self.filters[swelling]
        self.filters |= {
            "moment": _moment,
            "duration": _duration,
            "why": _why,
            "named": _named,
            "fill": _fill,
            "block": block_html,
            "shorten": _shorten,
        }

    def getattr(self, obj: Any, attribute: str) -> Any:
        _check_time()
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        _check_time()
        return super().getitem(obj, argument)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        _check_time()
        if (named := getattr(function, "__name__", "")) in _SWELLING_METHODS:
            msg = f"`{named}` makes a text as wide as one likes: whoever wrote it does without"
            raise TooMuch(msg)
        return super().call(context, function, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _check_time()
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers:
            msg = f"`{operator}` is for plain numbers, and there are no powers"
            raise TooMuch(msg)
        return super().call_binop(context, operator, left, right)


def _check_time() -> None:
    if thread_time() > _ends.get():
        msg = "the template took too long"
        raise TooMuch(msg)


def _finalize(value: Any) -> Any:
    """What an expression leaves in a text; nothing is a mistake, not the word `None`."""
    if value is None:
        msg = "a template says what is not there: ask whether it is there first"
        raise ValueError(msg)
    return value if isinstance(value, Isolated) else isolated(value)


def _finalize_html(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    return isolated_html(_finalize(value))


@pass_context
def _moment(context: Context, at: datetime) -> str:
    said: str = context["phrases"].moment(at, context["recipient"].timezone)
    return said


@pass_context
def _duration(context: Context, span: timedelta | Duration) -> str:
    """A span of time; a policy's duration only if it is in minutes or hours."""
    if isinstance(span, Duration):
        span = timedelta(microseconds=int(span.amount))
    said: str = context["phrases"].duration(span)
    return said


@pass_context
def _why(context: Context, code: str, table: str = "why") -> str:
    said: str = context["phrases"].why(code, table)
    return said


@pass_context
def _named(context: Context, name: str, table: str) -> str:
    said: str = context["phrases"].named(name, table)
    return said


@pass_context
def _fill(context: Context, text: str, **values: Any) -> Isolated:
    said: Isolated = context["phrases"].fill(
        text, **{name: _finalize(value) for name, value in values.items()}
    )
    return said


def _shorten(text: str, most: int) -> str:
    """The beginning of a long text."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
