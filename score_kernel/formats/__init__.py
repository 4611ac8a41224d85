"""A score in other forms: pure functions from plans and states to text.

- `graph`    the plan as a drawn graph (SVG)
- `picture`  a take as a still picture (SVG), where no view can show
- `bars`     the shapes in that picture
- `summary`  a take in one line, and a picture as HTML
- `layers`   where the boxes of a graph go
- `ink`      the colours and the lettering that all drawings share
"""

from __future__ import annotations

from .graph import graph_svg
from .picture import performance_svg
from .summary import figure, summary

__all__ = ["figure", "graph_svg", "performance_svg", "summary"]
