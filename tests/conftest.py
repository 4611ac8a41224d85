"""What holds for every test: no live calls, no keys, and in CI no silent skips."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import socket
import sys
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from score_kernel import session
from score_kernel.players.model import close_connections
from tests.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

# No example may fail for the machine's load; in CI every run tries the same examples.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "local")

# What could make a test reach a provider, or play with somebody's model. Taken away as this file is
# loaded, so that kernels and other processes which tests start have none of it either.
_SECRET = re.compile(
    r"(SCORE_MODEL|.*_API_KEY|.*_API_TOKEN|.*_API_BASE|.*_BASE_URL|AWS_.*|AZURE_.*|VERTEX.*"
    r"|GOOGLE_APPLICATION_CREDENTIALS|HF_TOKEN)"
)
for _name in [name for name in os.environ if _SECRET.fullmatch(name)]:
    del os.environ[_name]


# A shell that starts the tests in its background lets them ignore SIGINT, and what they start, too: then
# no interrupt would ever arrive where one is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_cases: reads the recorded cases (tests/cases.py)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the notebooks: they take minutes in which they only wait, and others can reckon."""
    items.sort(key=lambda item: item.path.name != "test_notebooks.py")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if CASES is None and item.get_closest_marker("needs_cases"):
        pytest.skip("the recorded cases are not here (set SCORE_CASES)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI, a skipped test of the browser, or of the cases that are there, is a failure."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        must_run = item.get_closest_marker("browser") or (CASES and item.get_closest_marker("needs_cases"))
        if must_run:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"must run in CI, and was skipped: {reason}"
    return report


class LiveCall(Exception):
    """A test tried to leave this machine."""


def _is_here(host: str | bytes | None) -> bool:
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@pytest.fixture(autouse=True, scope="module")
def _connections_closed_after() -> Iterator[None]:
    """litellm keeps a client for each address, drops the oldest of many, and closes none of them."""
    yield
    if "litellm" in sys.modules and session._stage is not None:
        session.stage().submit(close_connections()).result(30)


@pytest.fixture(autouse=True)
def _no_live_calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connecting to another machine, or asking for its address, fails the test.

    It fails even where the code under test takes the error for a network that is down.
    """
    tried: list[str] = []
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    getaddrinfo = socket.getaddrinfo

    def check(host: Any) -> None:
        if not _is_here(host):
            tried.append(str(host))
            raise LiveCall(f"a test tried to reach {host}")

    def check_address(family: int, address: Any) -> None:
        if family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check_address(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check_address(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    if tried:
        pytest.fail(f"the test tried to reach {', '.join(sorted(set(tried)))}", pytrace=False)
