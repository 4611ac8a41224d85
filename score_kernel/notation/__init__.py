"""From what people write to what the score knows. Names of the notebook come through a function.

- `composition`    the Markdown of `%%compose`: intent and criteria
- `orchestration`  the YAML of `%%orchestrate` (or a mapping): the plan, fully checked
- `keys`           its keys, and what is probably meant by any other word
- `parts`          its parts, one by one
- `conducting`     what a part says of tools, items, predicates, loops and holds
- `dependencies`   what ties the parts together: who waits, who reads, where a loop goes back
- `tempo`          the tempo, in a plan, on a magic's line, in a call
- `fields`         one value of it: a text, a number, seconds, a list of names, parameters
- `players`        whether the notebook has who is named as `player` or `understudy`
- `scripts`        what `script:NAME_OR_FILE` stands for
- `tree`           YAML and Python values as one tree that knows where everything stands
- `yaml_reader`    YAML 1.2 into that tree, safely
- `yaml_faults`    what is wrong with YAML that cannot be read, and the line that mends it
- `completion`     what it can go on with, where the cursor is
- `nearest`        the word that was probably meant
"""
