/**
 * What a part played, as HTML that is safe to show.
 *
 * Text from models is text. HTML in it is shown as it was written, an image becomes a link with its
 * alternative text, so nothing is fetched; a link goes to the web or to a mail address, in another
 * tab, and cannot call a command of JupyterLab. DOMPurify then keeps only what is named here, so that
 * a mistake above is not a hole.
 */
import createDOMPurify from "dompurify";
import { Marked, type Tokens } from "marked";

const TAGS = [
  ..."a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s strong".split(" "),
  ..."sub sup table tbody td th thead tr ul".split(" "),
];
const WEB = /^(?:https?:\/\/|mailto:)/i;
/** Beyond this many characters it is shown as it is: laying it out would hold up the page. */
const MOST = 200_000;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const markdown = new Marked({
  gfm: true,
  async: false,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
    image: ({ href, text }: Tokens.Image) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? "☑ " : "☐ "),
  },
});

let purify: ReturnType<typeof createDOMPurify> | undefined;

function purifier(): ReturnType<typeof createDOMPurify> {
  if (!purify) {
    // an instance of its own: another's hooks and settings on this page are not ours
    purify = createDOMPurify(window);
    purify.addHook("afterSanitizeAttributes", (node) => {
      if (node.tagName !== "A") return;
      if (!WEB.test(node.getAttribute("href") ?? "")) node.removeAttribute("href");
      node.setAttribute("rel", "noopener noreferrer");
      node.setAttribute("target", "_blank");
    });
  }
  return purify;
}

/** Markdown as a fragment of the page. */
export function render(text: string): DocumentFragment {
  if (text.length > MOST) {
    const [fragment, pre] = [document.createDocumentFragment(), document.createElement("pre")];
    pre.textContent = text;
    fragment.append(pre);
    return fragment;
  }
  const fragment = purifier().sanitize(markdown.parse(text) as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start", "colspan", "rowspan", "align"],
    ALLOWED_URI_REGEXP: WEB,
    ADD_URI_SAFE_ATTR: ["start", "colspan", "rowspan", "align"],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  // long lines scroll, also for who has no mouse
  for (const pre of fragment.querySelectorAll("pre")) pre.tabIndex = 0;
  return fragment;
}

const FENCE = /^( {0,3})(`{3,}|~{3,})(.*)$/;

/**
 * The content of the first fenced code block, or null: what `c.code` is in Python, line by line.
 *
 * A fence that is never closed runs to the end, as in CommonMark section 4.5.
 */
export function firstCode(text: string): string | null {
  let inside: string[] | null = null;
  let [fence, indent] = ["", 0];
  for (const line of text.split("\n")) {
    const [, space = "", marks = "", info = ""] = FENCE.exec(line) ?? [];
    if (inside === null) {
      if (marks && !(marks.startsWith("`") && info.includes("`"))) {
        [inside, fence, indent] = [[], marks, space.length];
      }
    } else if (marks.startsWith(fence) && info.trim() === "") {
      return inside.map((kept) => `${kept}\n`).join("");
    } else {
      const dedent = Math.min(indent, line.length - line.trimStart().length);
      inside.push(line.slice(dedent));
    }
  }
  return inside?.join("\n") ?? null;
}
