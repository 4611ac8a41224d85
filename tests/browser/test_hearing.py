"""A performance that is heard, in a real browser: what reaches the loudspeaker, measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .test_page import piece as piece  # the fixtures
from .test_page import saved as saved

if TYPE_CHECKING:
    from pathlib import Path

    from .test_page import Opener

pytestmark = pytest.mark.browser

LISTEN = """
(() => {
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to === this.context.destination) {
      const analyser = this.context.createAnalyser();
      connect.call(this, analyser);
      const wave = new Float32Array(analyser.fftSize);
      window.loudness = () => {
        analyser.getFloatTimeDomainData(wave);
        return Math.max(...wave.map(Math.abs));
      };
    }
    return connect.call(this, to, ...more);
  };
})();
"""


def test_it_is_silent_until_asked_for_sounds_as_it_plays_and_is_silent_again(
    saved: Opener, piece: Path
) -> None:
    found = saved(piece, bypass_csp=True)  # the test's own questions are no script of the page's
    page = found.page
    page.add_init_script(LISTEN)
    found.open()
    page.get_by_role("combobox", name="Speed").select_option("0.25")
    found.button("Back to start").click()
    found.button("Play").click()
    expect(found.button("Pause")).to_be_visible()
    assert page.evaluate("'loudness' in window") is False  # nothing was made that could sound
    found.button("Hear it").click()
    page.wait_for_function("loudness() > 0.02")
    assert page.evaluate("loudness() <= 1")
    expect(found.button("Play")).to_be_visible()  # it is over
    page.wait_for_function("loudness() < 0.001")
    found.playhead.fill("0")  # looking for a place makes no sound
    found.playhead.fill("500")
    assert page.evaluate("loudness() < 0.001")
