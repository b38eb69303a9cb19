"""What whoever signs in sees: a form, and then what is to be set in the Temporal UI."""

from html import escape
from typing import Final

_STYLE: Final = "font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem"
_FIELD: Final = "font:inherit;width:26rem;max-width:100%;padding:.3rem"
_BUTTON: Final = "font:inherit;padding:.3rem .8rem"
_FORM: Final = (
    '<form method="post" action="/sign-in"><p><label>Your token<br><input type="password" '
    f'name="token" autocomplete="current-password" required autofocus style="{_FIELD}"></label></p>'
    f'<p><button style="{_BUTTON}">Sign in</button></p></form>'
)


def _page(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width"><title>Escalade codec server</title>'
        f'<body style="{_STYLE}"><h1>Escalade codec server</h1>{body}'
    )


SIGN_IN: Final = _page(
    f"<p>The Temporal UI shows what cases say to whoever is signed in here.</p>{_FORM}"
)
SIGN_IN_AGAIN: Final = _page(
    f"<p><strong>Nobody has that token.</strong> Whoever runs this server makes you one.</p>{_FORM}"
)


def signed_in(who: str, origin: str, endpoint: str) -> str:
    """Who is signed in, and how the UI at an origin is told to ask this server."""
    ui, here = escape(origin), escape(endpoint)
    return _page(
        f"<p>You are signed in as <strong>{escape(who)}</strong>, for eight hours in this "
        "browser.</p><p>Once, in the Temporal UI:</p><ol>"
        f'<li>Open it at <a href="{ui}">{ui}</a>, under this name and no other.</li>'
        "<li>Press the glasses at the top right; choose <em>Use my browser setting and ignore "
        "Cluster-level setting</em>.</li>"
        f"<li>Endpoint: <code>{here}</code></li>"
        "<li>Switch on <em>Include cross-origin credentials</em>, and leave <em>Pass the user "
        "access token</em> off. <em>Apply</em>.</li></ol>"
        "<p>Red glasses and <em>Codec Server could not connect</em>: you are not signed in any "
        "more, or the UI is open under another name.</p>"
        f'<form method="post" action="/sign-out"><button style="{_BUTTON}">Sign out</button></form>'
    )
