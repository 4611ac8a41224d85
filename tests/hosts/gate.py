"""Where the parts of a piece wait, in whatever process they play, until a test lets them go on."""

from __future__ import annotations

import socket

HANG = 60  # seconds: generous, only against a test that would hang

PLAYS = """
import socket

def plays(reading):
    with socket.create_connection(("127.0.0.1", PORT)) as line:
        line.sendall(reading.part.encode())
        line.recv(1)
    return f"{reading.part} has played"
"""
COMPOSE = "%%compose Waiting\nEverybody waits for the conductor."
TEAM = """%%orchestrate
parts:
  first: {player: python:plays}
  second: {player: python:plays, after: [first]}
  third: {player: python:plays, after: [second]}
"""


class Gate:
    """The other end of what `PLAYS` calls."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(HANG)
        self._line: socket.socket | None = None

    @property
    def plays(self) -> str:
        """The code of a player that waits here."""
        return PLAYS.replace("PORT", str(self._server.getsockname()[1]))

    def entered(self) -> str:
        """Wait for the next part to enter, and give its name. It plays until it is let go on."""
        self._line, _ = self._server.accept()
        self._line.settimeout(HANG)
        return self._line.recv(64).decode()

    def let_go(self) -> None:
        """Let the part that entered play to its end."""
        assert self._line is not None
        self._line.close()
        self._line = None

    def close(self) -> None:
        """Whatever still waits goes on."""
        if self._line is not None:
            self.let_go()
        self._server.close()
