"""Whatever others write into a room is text there, wherever it is shown."""

from playwright.sync_api import Page, expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.talkers import Meet, start_call

_HIT = "window.hits=(window.hits||0)+1"
CORPUS = [
    f"<script>{_HIT}</script>",
    f"<ScRiPt>{_HIT}</sCrIpT>",
    f"</title><script>{_HIT}</script>",
    f"</script><script>{_HIT}</script>",
    f"</textarea><script>{_HIT}</script>",
    f"--></style><script>{_HIT}</script>",
    f"<img src=x onerror={_HIT}>",
    f'"><img src=x onerror="{_HIT}">',
    f"'><img src=x onerror='{_HIT}'>",
    f"<img/src=x/onerror={_HIT}>",
    f"<svg onload={_HIT}>",
    f"<svg><script>{_HIT}</script></svg>",
    f"<svg><animate onbegin={_HIT} attributeName=x></svg>",
    f"<body onload={_HIT}>",
    f"<iframe srcdoc='<script>parent.{_HIT}</script>'></iframe>",
    f'<iframe src="javascript:parent.{_HIT}"></iframe>',
    f"<object data='javascript:{_HIT}'></object>",
    f"<embed src='javascript:{_HIT}'>",
    f"<a href='javascript:{_HIT}' autofocus>link</a>",
    f"<video><source onerror={_HIT}></video>",
    f"<audio src=x onerror={_HIT}>",
    f"<details open ontoggle={_HIT}>x</details>",
    f"<input autofocus onfocus={_HIT}>",
    f"<select autofocus onfocus={_HIT}>",
    f"<marquee onstart={_HIT}>x</marquee>",
    f"<math><mi xlink:href='javascript:{_HIT}'>x</mi></math>",
    f"<form action='javascript:{_HIT}'><button>x</button></form>",
    f"<button formaction='javascript:{_HIT}'>x</button>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_HIT}'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>*{display:none}</style>",
    f"<template><script>{_HIT}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={_HIT}>'>",
    f"javascript:{_HIT}",
    f"data:text/html,<script>{_HIT}</script>",
    f"{{{{{_HIT}}}}}",
    f"${{{_HIT}}}",
    f"<%= {_HIT} %>",
    "{{ config }}{% raw %}",
    "{name} {when} {time}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "<!--<img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<x onclick=alert(1)>press</x>",
    '"];alert(1);//',
    "';alert(1);//",
    "</div></section></main><h1>Not ours</h1>",
]


def test_there_are_fifty():
    assert len(CORPUS) == len(set(CORPUS)) == 50


def elements(page: Page) -> int:
    """How many elements a page has that are no lines of its chat, notices or devices, which come and go."""
    return int(
        page.evaluate("() => document.querySelectorAll('*:not(#said *, #notices *, #problems *, option)').length")
    )


def test_titles_descriptions_names_and_chat_are_text(meet: Meet, backstage: Backstage):
    practice = backstage.practice()
    plain = start_call(practice, title="Title", description="Text", hostName="Sarah", guestName="John")
    usual, host = meet(plain["guestJoinUrl"]).join("John"), meet(plain["hostJoinUrl"]).join()
    expect(usual.page.locator("#title")).to_have_text("Title")
    count = elements(usual.page)
    for one in (usual, host):
        one.page.context.close()
    for at in range(0, len(CORPUS), 10):
        ten = CORPUS[at : at + 10]
        names = [one for one in ten if len(one) <= 100]
        said = {"title": ten[0][:200], "description": "\n".join(ten), "hostName": names[0], "guestName": names[-1]}
        call = start_call(practice, **said)
        host, guest = meet(call["hostJoinUrl"]), meet(call["guestJoinUrl"])
        host.join(names[2])
        guest.join(names[1])
        expect(guest.page.locator("#title")).to_have_text(ten[0][:200], use_inner_text=True)
        assert guest.page.locator("#about").inner_text().split("\n") == ten
        assert elements(guest.page) == count
        host.expect_connected()
        expect(host.page.locator("#theirs-name")).to_have_text(names[1])
        for one in ten:
            host.say(one)
            guest.expect_said(one)
        for each in (host, guest):
            assert each.page.evaluate("() => window.hits") is None
            assert each.page.locator("#said *:not(li, strong, span), #notices *:not(p)").count() == 0
        for each in (host, guest):
            each.page.context.close()
