"""The score view in one file, which works from a disk, with no kernel and no network.

The page is the view's script, the recording as text that does nothing (`store/embedded.py`), and a
picture for where no script runs. Its Content-Security-Policy lets that script run and the styles hold
that are named by their SHA-256, and nothing else: if a text of the score were ever taken for more than
text, still nothing of it would run, and nothing be fetched or sent.

Where parts played code, a second script is in it that colours it. It stands there as text, and runs only
once such code is looked at: the view then puts that text into a script, which the policy knows by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ScoreError
from ..formats.ink import escape
from ..formats.picture import performance_svg
from ..formats.summary import figure, summary
from ..score.text import joined, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..score.state import ScoreState

STATIC = Path(__file__).parent / "static"

_STYLE = """
:root{color-scheme:light dark;background:light-dark(#f1f3f6,#0e1013)}
body{margin:0;padding:clamp(8px,1.5vw,20px);font:13px/1.5 system-ui,-apple-system,"Segoe UI",
Roboto,sans-serif;
color:light-dark(#16181d,#eceef2)}
h1{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
figure{margin:0}
img{display:block;max-width:100%;height:auto;border-radius:8px}
p{margin:10px 2px 0}
footer{color:light-dark(#5a616e,#a3abb8)}
code{font:12px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
color:light-dark(#16181d,#eceef2)}
"""

_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3"'
    ' fill="#0072b2"/><path d="M3 4.5h7M5 8h8M4 11.5h5" stroke="#fff" stroke-width="2"/></svg>'
)

# one that names its language: the end of a block names none
_FENCE = re.compile(r"(?:```|~~~) *\w")


class Cover(NamedTuple):
    """What a page tells of a score before it moves: its title, the take it begins with, a picture of that.

    `code` tells whether code that could be coloured was played in any of its takes.
    """

    title: str
    take: str
    picture: str
    code: bool

    @classmethod
    def of(cls, state: ScoreState, take: str) -> Cover:
        """The cover of a score as it stands, with one of its takes."""
        alt = summary(state, take).strip("<>")
        code = any(_FENCE.search(text) for text in _played(state))
        return cls(state.title, take, figure(performance_svg(state, take), alt, ""), code)


def _played(state: ScoreState) -> Iterator[str]:
    """All that parts played and a page can show, at whichever moment."""
    for name, versions in state.entries.items():
        if name.startswith("part/"):
            yield from versions.values()
    for take in state.takes.values():
        for c in take.contributions.values():
            yield joined(c.chunks)
            yield from (past.text for past in (*c.tries, *c.turns))


def page(cover: Cover, recording: bytes, name: str) -> bytes:
    """The page of a score. All of its takes are in it.

    `recording` is the element that holds the events, `name` the file's, which the page tells. The same
    score gives the same page. Raises `ScoreError` where the front end was never built.

    >>> page(Cover.of(state, "take2"), embedded(to_lines(events)), "piece.html")      # doctest: +SKIP
    """
    script, view_style = _built("page.js"), _built("view.css")
    scripts, asleep = [script], ""
    if cover.code:
        scripts.append(_built("code.js"))
        asleep = f'<script id="code" type="text/plain">{scripts[-1]}</script>\n'
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {_hash(_STYLE)} {_hash(view_style)}",
            "img-src data:",
            "worker-src blob:",  # large pictures are drawn in a worker, made of a text in the script above
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    title = escape(shortened(cover.title, 200) or "Score")
    icon = base64.b64encode(_ICON.encode("ascii")).decode("ascii")
    load = escape(f"%score load {shlex.quote(shortened(name, 200))}")
    before = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>{title} · Score</title>
<link rel="icon" href="data:image/svg+xml;base64,{icon}">
<style>{_STYLE}</style>
</head>
<body>
"""
    after = f"""
<header><h1>{title}</h1></header>
<main id="score" data-take="{escape(cover.take)}"></main>
<noscript>{cover.picture}<p>The score moves where scripts may run; this is a picture of it.</p></noscript>
<footer><p>A whole score in one file: it needs no network and no kernel. In a notebook,
<code>%load_ext score_kernel</code> and <code>{load}</code> open it again.</p></footer>
{asleep}<script>{script}</script>
</body>
</html>
"""
    return before.encode("utf-8") + recording + after.encode("utf-8")


def _hash(text: str) -> str:
    """What a policy calls a script or a style: the hash of its text, as a browser takes it."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _built(name: str) -> str:
    try:
        return (STATIC / name).read_text("utf-8")
    except FileNotFoundError:
        raise ScoreError("The front end is not built in this checkout: run `make build`.") from None
