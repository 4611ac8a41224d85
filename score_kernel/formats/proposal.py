"""Proposed lines as HTML, each with a button that copies it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def proposal_html(said: str, lists: Iterable[tuple[str, Iterable[str]]]) -> str:
    """What is said of them, and then each list of lines under its heading.

    A `Copy` puts its line on the clipboard as a Markdown bullet, as that is what a line is in a cell.
    The lines are text: whatever is in one, it is neither run nor set as mathematics.
    """
    shown = "".join(_list(heading, lines) for heading, lines in lists)
    return (
        f'<div class="score-draft mathjax_ignore tex2jax_ignore">{_STYLE}'
        f"<p>{html.escape(said)}</p>{shown}{_SCRIPT}</div>"
    )


def _list(heading: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li><span>{html.escape(line)}</span></li>" for line in lines)
    return f'<p><strong>{heading}</strong></p><ul aria-label="{heading}">{items}</ul>'


_STYLE = """<style>
.score-draft ul { list-style: none; margin: 0 0 8px; padding: 0; }
.score-draft p { margin: 0 0 4px; }
.score-draft li { display: flex; gap: 8px; align-items: baseline; margin: 0 0 4px; }
.score-draft li span { min-width: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
.score-draft button {
  flex: none; font: inherit; font-size: 0.9em; padding: 1px 8px; cursor: pointer; border-radius: 3px;
  color: var(--jp-ui-font-color1, inherit); background: var(--jp-layout-color2, transparent);
  border: 1px solid var(--jp-border-color0, currentColor);
}
.score-draft button:hover { background: var(--jp-layout-color3, transparent); }
.score-draft button:focus-visible { outline: 2px solid var(--jp-brand-color1, currentColor); }
.score-draft li span[role="status"] { flex: none; font-size: 0.9em; opacity: 0.8; }
</style>"""

# The buttons are made by the script: where a page runs none (a notebook that is not trusted, a
# repository's page), none is there that would do nothing. It holds no text of the model.
# Where the page is not served securely there is no `navigator.clipboard`, hence the other way.
_SCRIPT = """<script>(() => {
  const at = document.currentScript?.parentElement;
  const root = at?.closest(".score-draft") ?? at?.querySelector(".score-draft");
  if (!root || root.querySelector("button")) return;
  const copyAsEver = (text, near) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.cssText = "position: fixed; opacity: 0";
    near.after(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    near.focus();
    return done;
  };
  for (const line of root.querySelectorAll("li > span")) {
    const button = document.createElement("button");
    const status = document.createElement("span");
    button.type = "button";
    button.textContent = "Copy";
    line.id ||= "score-draft-" + Math.random().toString(36).slice(2);
    button.setAttribute("aria-describedby", line.id);
    status.setAttribute("role", "status");
    line.before(button);
    line.after(status);
    button.addEventListener("click", async () => {
      const text = "- " + line.textContent;
      let done = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        done = copyAsEver(text, button);
      }
      status.textContent = done ? "copied" : "this page may not copy: select the line";
      setTimeout(() => { status.textContent = ""; }, 4000);
    });
  }
})();</script>"""
