"""Pictures of the pages: every one is on a sheet, and those for the documents are small."""

import pytest

from tests.support.browser.made_up import show
from tests.support.browser.pictures import A_SHEET, MOST_BYTES, shrunk, write_images, write_sheets
from tests.support.browser.states import LOOKS, all_states

NOISE = """<canvas width="600" height="800"></canvas><script>
const pen = document.querySelector('canvas').getContext('2d');
let at = 1;
const next = (most) => (at = at * 16807 % 2147483647) % most;  // the same picture each time
for (let spots = 0; spots < 60000; spots++) {
  pen.fillStyle = `hsl(${next(360)} 80% ${next(100)}%)`;
  pen.fillRect(next(600), next(800), 4, 4);
}</script>"""


@pytest.fixture
def noise(visit) -> bytes:
    """A picture that is hard to make small."""
    page = visit()
    show(page, NOISE)
    return page.screenshot(full_page=True)


def test_a_picture_for_the_documents_is_small_whatever_it_shows(browser, noise):
    small = shrunk(browser, noise)
    assert len(noise) > MOST_BYTES >= len(small)
    assert (small[:4], small[8:12]) == (b"RIFF", b"WEBP")


def test_every_picture_is_on_a_sheet_of_its_look_and_in_the_index(browser, visit, tmp_path):
    picture = visit("/__local/inbox").locator("h1").screenshot()
    names = [f"state-{number:02}.{look.name}" for look in LOOKS for number in range(A_SHEET + 1)]
    for name in names:
        (tmp_path / f"{name}.png").write_bytes(picture)
    written = write_sheets(browser, tmp_path)
    assert [path.name for path in written] == [
        "index.html",
        *(f"sheet-{look.name}-{number}.png" for look in LOOKS for number in (1, 2)),
    ]
    index = written[0].read_text()
    assert all(f'src="{name}.png"' in index for name in names)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written[1:])


def test_the_chosen_pictures_are_written_for_the_documents_and_a_missing_one_is_named(browser, visit, tmp_path):
    chosen = [f"{state.name}.{look}" for state in all_states() for look in state.in_docs]
    assert chosen
    with pytest.raises(FileNotFoundError, match=chosen[0]):
        write_images(browser, tmp_path, tmp_path)
    picture = visit("/__local/inbox").locator("h1").screenshot()
    for name in chosen:
        (tmp_path / f"{name}.png").write_bytes(picture)
    assert {path.stem for path in write_images(browser, tmp_path, tmp_path)} == set(chosen)
