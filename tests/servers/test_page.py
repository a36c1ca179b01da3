"""The web page as people meet it: in a browser, over a real process and real connections."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from browser import Site, chromium, faults, overflow, tab
from fake_server import Answer, FakeServer
from gems.app.http.keys import KeyRing
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.servers, pytest.mark.slow]
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with FakeServer(succeed_in=3, size=256) as fake:
        made = Site(tmp_path_factory.mktemp("ui"), fake)
        try:
            yield made
        finally:
            made.process.stop()


@pytest.fixture
def slow(site: Site) -> Iterator[Site]:
    """Its models take their time, so that there is something to watch."""
    site.fake.latency = {"text": 0.2, "vision": 0.3, "image": 0.6}
    yield site
    site.fake.latency = dict.fromkeys(site.fake.latency, 0.0)
    site.fake.script = site.fake.image_script = None


def ask(page: Page, site: Site, prompt: str, **options: str) -> str:
    """Types a prompt and has it drawn; the run's thread."""
    page.goto(f"{site.url}/")
    page.get_by_label("What shall be drawn?").fill(prompt)
    if options:
        page.get_by_text("Options", exact=True).click()
    for label, value in options.items():
        field = page.get_by_label(label.replace("_", " "))
        if field.evaluate("it => it.nodeName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Draw").click()
    page.wait_for_url("**/runs/*")
    return page.url.rpartition("/")[2]


def wait_for_end(page: Page) -> None:
    expect(page.get_by_text("how good is it?")).to_be_visible()


def drawn(browser: Browser, site: Site, prompt: str) -> str:
    """A run that has ended; its thread."""
    with tab(browser) as page:
        thread = ask(page, site, prompt)
        wait_for_end(page)
        return thread


def test_somebody_types_and_watches_three_rounds(browser: Browser, slow: Site) -> None:
    slow.fake.latency |= {"vision": 3.0, "image": 1.5}
    with tab(browser) as page:
        ask(page, slow, "a cat in three rounds")
        page.evaluate("document.querySelector('h1').kept = true")
        page.evaluate("""() => {
            window.said = [];
            const status = document.getElementById("status");
            const note = () => said.push(status.textContent);
            new MutationObserver(note).observe(status, {childList: true});
        }""")
        expect(page.locator("#round-1 .checks li.waiting").first).to_be_visible()
        slow.fake.latency["vision"] = 0.3
        expect(page.locator("#round-1 .checks li.fail .why").first).to_be_visible()
        page.evaluate("document.getElementById('round-1').kept = true")
        expect(page.locator("#round-1 blockquote")).to_be_visible()
        expect(page.locator("#round-2 .prompt ins").first).to_be_visible()
        expect(page.locator("#round-3 img")).to_be_visible()
        kept = page.evaluate(
            "[document.querySelector('h1'), document.getElementById('round-1')].map(it => it.kept)"
        )
        assert kept == [True, True], "the page was made anew"
        wait_for_end(page)
        rounds = page.locator("section.round h2").all_inner_texts()
        assert rounds == ["Round 3", "Round 2", "Round 1"]
        assert page.locator(".hero .checks li").count() == page.locator(".hero .checks li.pass").count()
        assert page.locator(".hero img").evaluate("it => it.naturalWidth") == 256
        said = page.evaluate("said")
        assert any("Round 2: drawing" in line for line in said), said
        assert said[-1].startswith("Ended: all passed"), said
        assert len(said) == len(set(said)), "the same is said once"


def test_a_run_is_stopped_while_it_draws_and_keeps_its_picture(browser: Browser, slow: Site) -> None:
    with tab(browser) as page:
        ask(page, slow, "a cat that is stopped")
        expect(page.locator("#round-1 blockquote")).to_be_visible()
        slow.fake.latency["image"] = 20.0
        expect(page.locator("#round-2")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        wait_for_end(page)
        expect(page.locator(".standing .badge")).to_have_text("cancelled")
        assert page.locator(".hero img").evaluate("it => it.naturalWidth") == 256


def test_a_person_reviews_a_round_with_each_kind_of_answer(browser: Browser, site: Site) -> None:
    with tab(browser) as page:
        ask(page, site, "a cat that is looked at", Ask_me="every_round", Rounds="9")
        review = page.locator(".review")
        expect(review).to_contain_text("Round 1: what do you say?")
        assert not faults(page)
        review.get_by_label("Draw next").fill("a cat on a mat, by hand")
        page.get_by_role("button", name="Go on").click()
        expect(review).to_contain_text("Round 2: what do you say?")
        expect(page.locator("#round-2 .prompt")).to_contain_text("on a mat, by hand")
        page.get_by_text("Correct the requirements").click()
        review.locator("select").first.select_option("pass")
        review.locator("select").last.select_option("drop")
        page.get_by_label("Also required").fill("a red collar")
        page.get_by_label("What is wrong").fill("the tail is missing")
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".hero .checks")).to_contain_text("a red collar")
        expect(page.locator(".hero .checks")).to_contain_text("the tail is missing")
        page.get_by_role("button", name="Accept this picture").click()
        wait_for_end(page)
        expect(page.locator(".standing .badge")).to_have_text("accepted")
        expect(page.get_by_text("What a person said")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_person_is_asked_first_and_changes_what_came_of_it(
    browser: Browser, site: Site, width: int
) -> None:
    with tab(browser, width) as page:
        page.goto(f"{site.url}/")
        page.get_by_text("Options", exact=True).click()
        page.get_by_label("go through the request before drawing").check()
        page.get_by_label("What shall be drawn?").fill("a cat to be told more of")
        page.get_by_role("button", name="Draw").click()
        page.get_by_label("Which style?").fill("watercolour")
        page.get_by_text("What it will be held to").click()
        page.get_by_label("Requirement 2").fill("")
        page.get_by_label("Also required").fill("a red collar")
        assert not faults(page) and overflow(page) <= 0
        page.get_by_role("button", name="Draw it").click()
        wait_for_end(page)
        expect(page.get_by_text("Drawn as: a cat to be told more of, watercolour")).to_be_visible()
        expect(page.locator(".hero .checks")).to_contain_text("a red collar")
        page.get_by_label("What shall be different?").fill("now make the sky darker")
        page.get_by_role("button", name="Draw it so").click()
        page.get_by_label("Which style?").wait_for()
        page.get_by_role("button", name="Draw it").click()
        expect(page.get_by_role("heading", name="Before: a cat to be told more of")).to_be_visible()
        wait_for_end(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("now make the sky darker")
        assert not faults(page) and overflow(page) <= 0
        before = page.locator(".turn img").first
        before.scroll_into_view_if_needed()
        expect(before).to_have_js_property("naturalWidth", 256)


def test_a_killed_run_goes_on_where_it_was(browser: Browser, slow: Site) -> None:
    with tab(browser, lost=True) as page:
        ask(page, slow, "a cat that is killed")
        expect(page.locator("#round-1 blockquote")).to_be_visible()
        slow.kill()
        expect(page.get_by_text("Connection lost")).to_be_visible()
        paid = len(slow.fake.done("image"))
        slow.process = slow.start()
        expect(page.get_by_text("Connection lost")).to_be_hidden()
        page.get_by_role("button", name="Go on with it").click()
        wait_for_end(page)
        assert len(slow.fake.done("image")) <= paid + 2
        expect(page.locator(".standing .badge")).to_have_text("all passed")


def test_a_server_that_is_ended_leaves_at_once_and_the_run_can_go_on(
    browser: Browser, slow: Site
) -> None:
    with tab(browser, lost=True) as page:
        ask(page, slow, "a cat that is left")
        expect(page.locator("#round-1 img")).to_be_visible()
        slow.process.stop(signal.SIGINT)
        assert slow.process.process.returncode == 0
        assert len(slow.process.log.read_text().splitlines()) == slow.starts
        slow.process = slow.start()
        page.get_by_role("button", name="Go on with it").click()
        wait_for_end(page)


def test_another_way_from_a_round_and_both_side_by_side(browser: Browser, site: Site) -> None:
    with tab(browser) as page:
        thread = ask(page, site, "a cat at a fork")
        wait_for_end(page)
        first = page.locator("#round-1")
        first.get_by_text("Go another way from here").click()
        first.get_by_label("Draw next").fill("a cat by another way")
        first.get_by_role("button").click()
        page.wait_for_url(f"**/runs/{thread}-fork")
        wait_for_end(page)
        expect(page.locator("#round-2 .prompt")).to_contain_text("by another way")
        page.goto(f"{site.url}/runs?q=fork")
        compare = page.get_by_role("button", name="Compare two")
        expect(compare).to_be_disabled()
        for box in page.get_by_role("checkbox").all():
            box.check()
        compare.click()
        expect(page.locator(".pair img")).to_have_count(2)
        assert not faults(page) and overflow(page) <= 0


def test_stars_are_given_by_keyboard_and_found_again(browser: Browser, site: Site) -> None:
    thread = drawn(browser, site, "a cat with stars")
    with tab(browser) as page:
        page.goto(f"{site.url}/runs/{thread}")
        page.get_by_role("button", name="4 stars").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")
        page.goto(f"{site.url}/runs")
        page.get_by_label("Stars, at least").select_option("4")
        page.get_by_role("button", name="Find").click()
        assert page.locator(".card-link").evaluate_all("all => all.map(it => it.pathname)") == [
            f"/runs/{thread}"
        ]


def test_a_run_is_deleted_by_keyboard_after_a_second_thought(browser: Browser, site: Site) -> None:
    thread = drawn(browser, site, "a cat that goes")
    with tab(browser, 360) as page:
        page.goto(f"{site.url}/runs/{thread}")
        expect(page.get_by_role("button", name="Delete it for good")).to_be_hidden()
        page.get_by_text("Delete this run").focus()
        page.keyboard.press("Enter")
        assert not faults(page) and overflow(page) <= 0
        page.keyboard.press("Tab")
        button = page.get_by_role("button", name="Delete it for good")
        expect(button).to_be_focused()
        expect(button).to_have_accessible_description(re.compile("go for good"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs")
        assert not page.locator(f"a[href='/runs/{thread}']").count()


def test_everything_is_reached_by_keyboard(browser: Browser, site: Site) -> None:
    with tab(browser) as page:
        page.goto(f"{site.url}/runs")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_label("Words")).to_be_focused()
        page.goto(f"{site.url}/")
        expect(page.get_by_label("What shall be drawn?")).to_be_focused()
        page.keyboard.type("a cat by keyboard")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/runs/a-cat-by-keyboard*")
        wait_for_end(page)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_keeps_anybody_out(browser: Browser, site: Site, width: int, scheme: Any) -> None:
    long = "a cat " + "of-a-very-long-word-" * 12
    thread = drawn(browser, site, f"{long} {width} {scheme}")
    paths = [
        "/", "/runs", f"/runs/{thread}", f"/compare?run={thread}&run={thread}", "/skills",
        "/experiences", "/settings", "/settings/findings", "/login", "/runs?q=nothing-like-it",
    ]  # fmt: skip
    with tab(browser, width, color_scheme=scheme) as page:
        for path in paths:
            page.goto(f"{site.url}{path}")
            page.wait_for_load_state("networkidle")
            for summary in page.locator("summary").all():
                summary.click()
            assert not faults(page), (path, faults(page))
            assert overflow(page) <= 0, path


def test_a_page_that_keeps_people_out_would_be_noticed(browser: Browser) -> None:
    with tab(browser, 360) as page:
        page.set_content("<p style='width: 40rem; color: #ccc'>wide and pale</p><input>")
        assert any("color-contrast" in fault for fault in faults(page))
        assert any("label" in fault for fault in faults(page)) and overflow(page) > 0


def test_an_outage_is_one_line_and_the_run_goes_on_after_it(browser: Browser, slow: Site) -> None:
    slow.fake.image_script = lambda call, number: Answer("<b>no such model</b>", status=401)
    with tab(browser) as page:
        ask(page, slow, "a cat in an outage")
        expect(page.get_by_role("alert")).to_contain_text("<b>no such model</b>")
        slow.fake.image_script = None
        page.get_by_role("button", name="Go on with it").click()
        wait_for_end(page)


def test_without_scripts_everything_works_as_well(browser: Browser, site: Site) -> None:
    with tab(browser, java_script_enabled=False) as page:
        page.goto(f"{site.url}/")
        page.get_by_label("What shall be drawn?").fill("a cat without scripts")
        page.get_by_role("button", name="Draw").click()
        expect(page.get_by_text("how good is it?")).to_be_visible()


def test_with_keys_a_person_comes_in_once(browser: Browser, site: Site) -> None:
    ring = KeyRing(site.home)
    _, text = ring.add("ann")
    try:
        with tab(browser) as page:
            page.goto(f"{site.url}/skills")
            page.get_by_label("Key").fill("gems_wrong")
            with page.expect_response(re.compile("/login")) as answer:
                page.get_by_role("button", name="Come in").click()
            assert answer.value.status == 422
            expect(page.get_by_role("alert")).to_contain_text("opens nothing")
            page.get_by_label("Key").fill(text)
            page.get_by_role("button", name="Come in").click()
            expect(page).to_have_url(f"{site.url}/skills")
    finally:
        (site.home / "keys.json").unlink()
