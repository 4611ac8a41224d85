"""Questions that the tests ask of a drawing."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parse(svg).iter(f"{SVG}text")]


def size(svg: str) -> tuple[float, float]:
    root = parse(svg)
    return float(root.get("width", "0")), float(root.get("height", "0"))


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance of `#rrggbb`."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def letter_colours(svg: str) -> set[str]:
    return {element.get("fill", "") for element in parse(svg).iter(f"{SVG}text")}


def is_opaque(svg: str) -> bool:
    """Whether the first thing drawn fills the whole picture with one colour."""
    first = next(element for element in parse(svg) if element.tag == f"{SVG}rect")
    whole = (first.get("width"), first.get("height")) == ("100%", "100%")
    return whole and bool(re.fullmatch(r"#[0-9a-f]{6}", first.get("fill", "")))


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    """The boxes of parts in a graph, as left, top, right, bottom."""
    found = []
    for group in parse(svg).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is not None:
            rect = group.find(f"{SVG}rect")
            assert rect is not None
            x, y, w, h = (float(rect.get(name, "0")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def overlapping(svg: str) -> bool:
    return any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(boxes(svg), 2)
    )
