"""Doubles for tests: of ours, and of whoever builds on Score Kernel.

- `provider`   a provider on this machine, speaking OpenAI's and Anthropic's form, whole or faulty
- `players`    a player that plays what the test says
- `clock`      a clock that stands still until it is told to move
- `shell`      an IPython shell to run cells in
"""
