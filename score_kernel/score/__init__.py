"""The pure core: what a score is, with no await, clock, randomness or I/O.

Read it in this order:

- `plan`     parts, tempo and what depends on what
- `events`   everything that can happen, one frozen struct each, one tagged union
- `cues`     everything that can be asked for
- `state`    the fold: events in, the score as it stands out
- `reading`  what a part is given as it enters, and the digest it is known by
- `script`   what a script says for a part
- `known`    which readings a lineage of takes already answers
- `moments`  `take2:coder`, `take2@12.5s`, ...
- `excerpt`  one take cut out of the log so that it stands alone (the view, a recording)
- `codec`    events as bytes, and back
- `text`     fenced blocks, first lines: small questions asked of a text
- `ports`    the Protocols that the engine is driven through: Player, Log, Clock
"""
