"""Text of models as Markdown that is safe to show."""

from __future__ import annotations

import re

# What is taken for code here and is none would be fetched, so where a fence stands within a list or a
# quotation, whose end is hard to tell, nothing is; the other way round only a backslash shows.
_NESTED = re.compile(r"^(?:[ \t]+|[ \t]*(?:[-*+>]|\d+[.)]).*?)(?:`{3}|~{3})", re.MULTILINE)
_CODE = re.compile(
    r"(^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]* *$|\Z)"
    r"|(?<![\\`])(?P<run>`+)(?!`)(?:[^`\n]|(?!(?P=run)(?!`))`++)*?(?<!`)(?P=run)(?!`))",
    re.DOTALL | re.MULTILINE,
)


def quiet_markdown(text: str) -> str:
    """Markdown whose images are links (nothing is fetched) and whose dollars are dollars.

    >>> quiet_markdown("![a](http://x/y.png) costs $5 or `$HOME`")
    '[a](http://x/y.png) costs \\\\$5 or `$HOME`'
    """
    quiet: list[str] = []
    at = 0
    for code in [*(() if _NESTED.search(text) else _CODE.finditer(text)), None]:
        plain = text[at : code.start() if code else len(text)]
        quiet.append(plain.replace("![", "[").replace("$", "\\$").replace("<", "&lt;"))
        if code:
            quiet.append(code[0])
            at = code.end()
    return "".join(quiet)
