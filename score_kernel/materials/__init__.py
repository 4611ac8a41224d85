"""Files and objects of the notebook as texts that every part can read.

The text is our own and the same on every machine: no memory address, no path of this machine,
`\\n` line ends, and a DataFrame described by us rather than printed by the pandas that is there.

- `gathering`  which material a name stands for; files
- `objects`    source, Markdown, repr
- `tables`     DataFrames
"""

from .gathering import DEFAULT_LIMIT, Material, gather, to_text

__all__ = ["DEFAULT_LIMIT", "Material", "gather", "to_text"]
