"""All that is async: one conductor on one thread turns cues into events.

- `schedule`     what is due now, as a pure function of a take
- `foresee`      what would play and why, without playing
- `conductor`    owns the log and the state; alone appends; starts takes and hears cues
- `performance`  one take as it plays: enters parts, collects what they play, ends
- `clock`        the system's clock
"""
