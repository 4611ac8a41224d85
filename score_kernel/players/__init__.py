"""Who performs a part.

- `casting`    which player a part gets
- `model`      a model, through litellm (the one place that imports it)
- `python`     a function of the notebook; `printing` keeps what it prints out of the cells
- `script`     text written beforehand
- `human`      whoever sits at the notebook
- `sse` -> `streams`   a provider's stream as pure logic: bytes to events, events to text and an end
- `asked`      the calls of tools in a stream, from their pieces
- `failures`   every foreign error as one line of ours
- `estimate`   the most that a request can use, for a dry run
"""
