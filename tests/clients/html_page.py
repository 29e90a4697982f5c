"""Reads an HTML report as people do, in a browser without a network: filters, sorts, expands, prints, and checks it against
the accessibility rules of axe-core.

Usage: html_page.py BROWSER FILE SEARCH. Prints what was seen, as JSON.
"""

import json
import pathlib
import shutil
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def opened(browser, file, complaints, **options):
    """The page, ready; whatever it says on the console or asks of the network is a complaint."""
    page = browser.new_context(**options).new_page()
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("request", lambda request: request.url.startswith(("file:", "blob:")) or complaints.append(request.url))
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.goto(file.as_uri())
    if options.get("java_script_enabled", True):
        page.wait_for_selector("html[data-ready]")
    return page


def counted(page):
    """How many findings the list says it shows."""
    return int(page.inner_text("#count").split()[0].replace(",", ""))


def column(page, name):
    return [cell.inner_text().split("\n")[0] for cell in page.query_selector_all(f'#rows > tr > td[data-label="{name}"]')]


def filters(page, search):
    seen = {}
    for outcome in ["open", "fail", "unknown", "waived", "pass", "not-applicable", ""]:
        page.select_option("#outcome", outcome)
        seen[outcome or "all"] = counted(page)
        shown = set(column(page, "Outcome"))
        assert outcome in ("open", "waived", "") or shown <= {outcome}, shown
    everything = page.inner_text("#count")
    page.fill("#search", search)
    expect(page.locator("#count")).not_to_have_text(everything)
    seen["search"] = counted(page)
    page.click("button[type=reset]")
    assert counted(page) == seen["open"]
    page.select_option("#severity", "high")
    assert set(column(page, "Severity")) == {"high"}
    page.click("button[type=reset]")
    return seen


def sorts(page):
    for direction, is_reversed in [("ascending", False), ("descending", True)]:
        page.click("#heads button:has-text('Account')")
        assert page.get_attribute("#heads th:nth-child(4)", "aria-sort") == direction
        names = column(page, "Account")
        assert len(set(names)) > 1 or counted(page) > len(names), names
        assert names == sorted(names, reverse=is_reversed), names
    page.click("#next")
    assert column(page, "Account")[0] <= names[-1]


def expands(page):
    page.click("button[type=reset]")
    button = page.locator("#rows .expand").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    detail = page.inner_text("#rows .detail")
    assert all(word in detail for word in ["Evidence", "Why it matters", "To mend it", "Id"]), detail
    identifier = page.locator("#rows .detail dd code").last.inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#rows .detail").count() == 0
    page.fill("#search", identifier)
    expect(page.locator("#count")).to_contain_text("1 finding of")
    page.click("button[type=reset]")


def maps(page):
    """Folds an organizational unit and opens it again, reads what an account records, and asks for the findings of a cell."""
    unit = page.locator("#heat-map tbody").filter(has_text="Workloads / Test")
    n_accounts = unit.locator("tr.account").count()
    button = unit.locator("button.expand")
    button.click()
    assert unit.locator("tr.account").count() == 0 and button.get_attribute("aria-expanded") == "false"
    button.click()
    assert unit.locator("tr.account").count() == n_accounts > 0
    unit.locator("tr.account td.f").first.hover()
    says = page.inner_text("#heat-map-says")
    assert says.endswith("fail"), says
    page.locator("#coverage-map tr.account button").filter(has_text="payments-test").click()
    told = page.inner_text("#coverage-map tr.detail")
    assert "management-write: recorded" in told and "rds-data: lost (for example" in told, told
    control = page.locator("#heat-map thead th").all_inner_texts().index("log-file-validation-enabled")
    page.locator("#heat-map tr.account").filter(has_text="orders-prod").locator(f"td >> nth={control - 1}").click()
    expect(page.locator("#control option:checked")).to_have_text("log-file-validation-enabled")
    assert page.input_value("#search") == "512340987611"
    assert 1 <= counted(page) == len(column(page, "Outcome"))
    page.click("button[type=reset]")
    cell = page.locator("#heat-map tr.account").filter(has_text="orders-prod").locator("td.f").first
    practice = page.locator("#heat-map thead th").nth(cell.evaluate("(cell) => cell.cellIndex")).inner_text()
    cell.click()
    assert page.input_value("#outcome") == "open"
    expect(page.locator("#control option:checked")).to_have_text(practice)
    assert 1 <= counted(page) and set(column(page, "Outcome")) <= {"fail", "unknown"}
    page.click("button[type=reset]")


def walks(page):
    """Goes through the heat map with the keyboard alone."""
    page.locator("#heat-map td[tabindex='0']").focus()
    first = page.inner_text("#heat-map-says")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    says = page.inner_text("#heat-map-says")
    assert says.count(" · ") == 2 and says != first, says
    assert page.locator("#heat-map td[tabindex='0']").count() == 1
    while not page.evaluate("document.activeElement.closest('tr.account')"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "search"
    page.click("button[type=reset]")


def finds_nothing(page):
    page.fill("#search", "nobody is called this")
    expect(page.locator("#none")).to_be_visible()
    assert page.inner_text("#count").startswith("0 findings of") and not page.is_visible("#listed")
    page.click("#none button")
    expect(page.locator("#listed")).to_be_visible()
    assert page.input_value("#search") == "" and counted(page) > 0


def prints(page):
    """What stands on paper, with a finding expanded that is not on the first sheets."""
    page.select_option("#outcome", "")
    page.locator("#next").click()
    page.locator("#rows .expand").last.click()
    detail = page.inner_text("#rows .detail")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.inner_text("body")
    assert detail.split("\n")[-1] in paper, detail
    assert page.evaluate("[...document.querySelectorAll('details.open')].every((control) => control.open)")
    assert paper.index("snapshot sha256") < paper.index("What is open"), "what it was made from stands behind the verdict"
    assert paper.count("snapshot sha256") == 1
    margins = page.evaluate("[...document.styleSheets].at(-1).cssRules[0].cssText")
    assert "CloudTrail of o-" in margins and "counter(pages)" in margins, margins
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.inner_text("#rows .detail") == detail, "the reader's finding is folded again"
    page.click("button[type=reset]")
    return paper


def accessible(page, where):
    violations = Axe().run(page).response["violations"]
    bad = [
        f"{where}: {violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]
    assert not bad, "\n".join(bad)


def main(program, file, search):
    file = pathlib.Path(file).absolute()
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which(program), args=QUIET)
        page = opened(browser, file, complaints, viewport=SIZES["desktop"])
        seen = filters(page, search)
        sorts(page)
        expands(page)
        maps(page)
        seen["points"] = page.locator("#trend circle").count()
        walks(page)
        finds_nothing(page)
        seen["paper"] = prints(page)
        gaps = page.locator("#gaps tbody td[data-says='Unknown for it']").all_inner_texts()
        seen["gaps"] = [int(gap.split()[0].replace(",", "")) for gap in gaps]
        seen["header"] = page.inner_text("header")
        for theme in ["light", "dark"]:
            for name, size in SIZES.items():
                page = opened(browser, file, complaints, viewport=size, color_scheme=theme)
                page.locator("#rows .expand").first.click()
                accessible(page, f"{theme} {name}")
                width = page.evaluate("document.documentElement.scrollWidth")
                assert width <= size["width"], f"{name}: {width} pixels wide"
        plain = opened(browser, file, complaints, java_script_enabled=False)
        seen["without script"] = plain.inner_text("main")
        browser.close()
    assert not complaints, complaints
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
