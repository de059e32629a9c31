"""Pages that hold no article, each with its reason; and articles that must not be lost."""

import tomllib
from importlib.resources import files

import pytest

from cleaning.article import clean, clean_text
from cleaning.refusal import NotAnArticle, Refusal
from crawler.page import Page
from crawler.site import Site

PARAGRAPHS = [
    "A nosebleed looks worse than it is. Sit down, lean forward a little and press the soft part of the nose for ten minutes.",
    "Breathe through the mouth and spit out the blood, since swallowed blood makes one sick. A cold cloth on the neck does no harm, but it does nothing either.",
    "Dry air is the most common cause. In winter the lining of the nose cracks, and a sneeze is enough to open a vessel. A bowl of water on the heater helps.",
    "Children who pick their nose bleed more often. Cut the nails short and put a little ointment into the nose in the evening.",
    "Call a doctor if it still bleeds after twenty minutes, if the blood runs down the throat, or if it began with a blow to the head.",
]
ARTICLE = "<h1>First aid for nosebleeds</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
TITLES = [
    "Warm feet in ten minutes",
    "Is cold water healthy?",
    "Gloves for every season",
    "When babies start to laugh",
    "A night light and the eyes",
    "Hay fever in the town",
    "Why eyelids twitch in spring",
    "Ten stretches for journeys",
]
LINKS = "<ul>" + "".join(f'<li><a href="/a/{n}">{title}</a></li>' for n, title in enumerate(TITLES)) + "</ul>"
MENU = '<nav><ul><li><a href="/">Home</a></li><li><a href="/health">Health</a></li><li><a href="/contact">Contact</a></li></ul></nav>'


def page(
    body: str,
    title: str = "Good Health",
    url: str = "https://health.example/nose/first-aid",
    head: str = "",
    status: int = 200,
) -> Page:
    source = f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head><body>{MENU}<main>{body}</main><footer>© 2024 Good Health. All rights reserved.</footer></body></html>"
    return Page(url, source.encode(), status=status, headers=(("Content-Type", "text/html; charset=utf-8"),))


LOGIN = "<h1>Sign in</h1><form><label>Username</label><input name=u><label>Password</label><input type=password><button>Log in</button></form><p>Forgot your password? Create an account.</p>"
PRODUCT = (
    '<script type="application/ld+json">{"@type": "Product", "name": "Nose spray", "offers": {"@type": "Offer", "price": "9.90"}}</script>'
    "<h1>Nose spray, 20 ml</h1><p>€ 9.90</p><button>Add to cart</button><p>In stock. Free shipping from € 30. Quantity: 1. SKU 12345.</p>"
    "<h2>Product details</h2><p>Sea water spray for dry noses. Gentle, without preservatives, for the whole family. Keeps for six months after opening.</p>"
    "<h2>Customer reviews</h2><p>4.5 of 5</p><p>Works well. Write a review.</p><h2>Customers also bought</h2>"
    + "".join(f'<div><a href="/p/{n}">Nose spray no. {n}, 20 ml bottle</a> € {n}.90 <button>Add to cart</button></div>' for n in range(1, 12))
)  # fmt: skip
FORUM = (
    '<script type="application/ld+json">{"@type": "DiscussionForumPosting", "comment": [{"@type": "Comment"}, {"@type": "Comment"}]}</script><h1>Nosebleeds every night, anyone?</h1>'
    + "".join(
        f"<div class=post><b>user{n}</b> Joined: 2019 Posts: {n}2 <span>{n} days ago</span><p>I had the same, my doctor said it was the dry air, and I put a bowl on the heater.</p><a href=#>Reply</a> <a href=#>Quote</a> <a href=#>Report</a> {n} likes</div>"
        for n in range(1, 14)
    )
)  # fmt: skip
INDEX = (
    "<h1>All about children</h1>"
    + "".join(
        f'<div class=card><h3><a href="/a/{n}">{title}</a></h3><p>{title}: what parents should know.</p><a href="/a/{n}">Read more</a></div>'
        for n, title in enumerate(TITLES * 3)
    )
    + '<a href="?page=2">Next page</a> Showing 1-24 of 80 results. Sort by: newest. Filter. Load more'
)  # fmt: skip
CHINESE_PRODUCT = (
    "<h1>维生素C片 100片</h1><p>市场价：￥29.00</p><p>促销：满59元包邮</p><p>库存：有货</p><p>销量：3210</p><p>加入购物车</p><p>立即购买</p><p>商品详情</p>"
    "<p>主要成份：维生素C。本品为片剂，每片含维生素C一百毫克，辅料为淀粉和糊精。</p><p>批准文号：见包装盒</p><p>用法用量：口服，成人一次1片，一日1次。</p><p>商品评价(321) 售后服务</p><h2>看了又看</h2>"
    + "".join(f'<div><a href="/p/{n}">维生素C片 {n}0片装</a> ￥{n}.90 加入购物车</div>' for n in range(1, 9))
)  # fmt: skip
CHINESE_FORUM = "<h1>哮喘病人的居家护理</h1>" + "".join(
    f"<div>{floor} | 网友{n} | 帖子 {n}2 | 积分 {n}5</div><div>发表于 2013-4-{n} 20:11:05 | 只看该作者 | 倒序浏览</div><p>被子勤晒，别养猫狗。</p>"
    for n, floor in enumerate(["楼主", "沙发", "板凳", "地板"], 1)
) + "<p>发表回复 您需要登录后才可以回帖</p>"  # fmt: skip

CARDS = "<h1>Sleep</h1>" + "".join(
    f'<div class=card><h2><a href="/sleep/{n}">{title}</a></h2><p>{text}</p></div>'
    for n, (title, text) in enumerate(zip(TITLES, PARAGRAPHS * 2, strict=False))
)  # fmt: skip
MEDICINES = "<h1>Names of medicines</h1><ul>" + "".join(
    f'<li><a href="/{n}">Medicine {n:05}</a> (generic)</li>' for n in range(30)
) + "</ul>"  # fmt: skip
GERMAN_404 = (
    "<h1>Hoppla, das hat nicht geklappt</h1><p>Die von Ihnen aufgerufene Seite gibt es leider nicht, oder sie ist umgezogen. Prüfen Sie bitte, ob Sie sich vertippt haben. "
    "Über die Suche oben finden Sie alle unsere Texte, und auf der Startseite stehen die neuesten zu Schlaf, Ernährung und Bewegung. Wir bitten um Entschuldigung "
    "und freuen uns, wenn Sie uns schreiben, woher Sie gekommen sind.</p>"
)  # fmt: skip
POLISH_404 = (
    "<h1>Coś poszło nie tak</h1><p>Strona, której szukasz, nie istnieje albo ma już inny adres. Możesz wrócić na początek lub skorzystać z wyszukiwarki, aby znaleźć "
    "artykuł. Przepraszamy i zapraszamy do lektury innych tekstów o śnie, diecie oraz zdrowiu dzieci. Jeżeli trafiasz tu po raz drugi, napisz do nas, a naprawimy odnośnik "
    "tak szybko, jak się da. Dziękujemy za cierpliwość i za pomoc.</p>"
)  # fmt: skip
APOLOGY = (
    "<h1>Hmm, where did it go?</h1><p>We can't seem to find the text you came for. Our editors retire old leaflets when the advice in them no longer holds, and some have "
    "got a new name.</p><p>If you typed the address by hand, look once more for a slip. The conditions library and the search box will bring you to everything that we still "
    "have, and the help line answers from eight to five.</p>"
)  # fmt: skip
MAINTENANCE = (
    "<h1>A short break</h1><p>We are performing some maintenance tonight and expect to be back online shortly. If you need a doctor in the meantime, call the number on your "
    "card; in an emergency, call the ambulance. Appointments for tomorrow stand as they are, and letters that you have sent us are safe. Thank you for waiting with us, "
    "and sleep well.</p>"
)  # fmt: skip
ROBOTS = (
    "<h1>Pardon our interruption</h1><p>Something about your browser made us think you were a bot. There are several reasons for which this may happen to a reader:</p><ul>"
    "<li>You are a power user moving through this website faster than we thought possible.</li><li>A third-party browser plugin keeps scripts from running on our pages.</li></ul>"
    "<p>Make sure that cookies and JavaScript are enabled, and load the page again.</p>"
)  # fmt: skip
CONSENT = (
    "<h1>Good Health belongs to the Good family</h1><p>On our pages and in our apps we use cookies to keep you signed in, to keep the pages safe, and to count our readers.</p>"
    "<p>If you press “Accept all”, we and our partners will also keep things on your device and build a profile of what you read, for advertising and research.</p>"
    "<p>If you press “Reject all”, nothing more is kept. You can withdraw your consent whenever you like, at the foot of each page.</p>"
)  # fmt: skip
PAYWALL = (
    f"<h1>First aid for nosebleeds</h1><p>{PARAGRAPHS[0]}</p><div><h2>Subscribe to keep reading</h2><p>You have reached your limit of free articles. Take out a subscription "
    "and read all that we write, on paper or on the screen, for the price of a coffee a week. Cancel at any time.</p><p>Already a subscriber? Sign in with the address "
    "that you gave us when you ordered, or ask our readers' desk for help.</p></div>"
)  # fmt: skip
PROFESSION = (
    "<h1>Are you a healthcare professional?</h1><p>The pages that follow are intended for healthcare professionals. Please confirm that you are a doctor, a nurse or a pharmacist "
    "before you go on. If you take the medicine yourself or care for somebody who does, our pages for patients tell you how it works, how to take it and when to ask for "
    "help.</p><a href='/hcp'>Yes, I am a healthcare professional</a>"
)  # fmt: skip

REFUSED = [
    pytest.param(page("<h1>Nothing</h1>", status=404), Refusal.STATUS, id="status 404"),
    pytest.param(page(ARTICLE, status=503), Refusal.STATUS, id="status 503"),
    pytest.param(page("<h1>Page not found</h1><p>Sorry, the page you are looking for does not exist.</p>", "404"), Refusal.SOFT_404, id="soft 404"),
    pytest.param(page("<h1>Oops!</h1><p>We couldn't find that page. Try searching.</p>", "Page not found | Good Health"), Refusal.SOFT_404, id="soft 404 by its title"),
    pytest.param(page("<h1>System message</h1><p>Sorry, the article has been deleted by the editor.</p>" + LINKS, "System message"), Refusal.SOFT_404, id="deleted article, related links below"),
    pytest.param(page("<h1>Fehler</h1><p>Die gesuchte Seite gibt es nicht.</p>", "Seite nicht gefunden"), Refusal.SOFT_404, id="German soft 404"),
    pytest.param(page("<h1>提示信息</h1><p>您访问的页面不存在。</p>", "提示信息"), Refusal.SOFT_404, id="Chinese soft 404"),
    pytest.param(page(GERMAN_404, "Fehler 404 | Gute Gesundheit"), Refusal.SOFT_404, id="long German soft 404"),
    pytest.param(page(POLISH_404, "Dobre zdrowie"), Refusal.SOFT_404, id="long Polish soft 404 without a telling title"),
    pytest.param(page(APOLOGY), Refusal.SOFT_404, id="an apology in two paragraphs"),
    pytest.param(page(MAINTENANCE), Refusal.SOFT_404, id="maintenance"),
    pytest.param(page(ROBOTS), Refusal.WALL, id="test for robots"),
    pytest.param(page(CONSENT), Refusal.WALL, id="choice of cookies"),
    pytest.param(page(PAYWALL), Refusal.WALL, id="paywall below a teaser"),
    pytest.param(page(PROFESSION), Refusal.WALL, id="question for the reader's profession"),
    pytest.param(page(LOGIN, "Log in"), Refusal.LOGIN, id="login form"),
    pytest.param(page("<h1>Stretching the calf</h1><iframe src='https://www.youtube.com/embed/x'></iframe><p>A short film by our nurse. Enjoy it.</p>"), Refusal.VIDEO, id="video with a line of text"),
    pytest.param(page("<h1>Stretching</h1><p>Watch it here.</p>", head='<meta property="og:type" content="video.other">'), Refusal.VIDEO, id="video by og:type"),
    pytest.param(page(f"<h1>Nosebleeds</h1><p>{PARAGRAPHS[0]}</p>"), Refusal.TOO_SHORT, id="one paragraph"),
    pytest.param(page("<h1>Good Health</h1>" + LINKS, url="https://health.example/"), Refusal.INDEX, id="front page of links"),
    pytest.param(page(INDEX, url="https://health.example/category/children"), Refusal.INDEX, id="category with blurbs"),
    pytest.param(page(CARDS), Refusal.INDEX, id="linked headings with a blurb each"),
    pytest.param(page(MEDICINES), Refusal.INDEX, id="list of links without blurbs"),
    pytest.param(page(PRODUCT, url="https://shop.example/product/nose-spray"), Refusal.PRODUCT, id="product"),
    pytest.param(page(FORUM, url="https://forum.example/threads/nosebleeds-every-night.1234"), Refusal.FORUM, id="forum thread"),
    pytest.param(page(CHINESE_PRODUCT, url="https://shop.example/12345.html"), Refusal.PRODUCT, id="Chinese product"),
    pytest.param(page(CHINESE_FORUM), Refusal.FORUM, id="Chinese forum thread"),
]  # fmt: skip


@pytest.mark.parametrize(("refused", "reason"), REFUSED)
def test_what_is_no_article_is_refused_for_its_reason(refused: Page, reason: Refusal) -> None:
    with pytest.raises(NotAnArticle) as caught:
        clean(refused)
    assert caught.value.reason is reason
    assert str(caught.value).startswith(reason.value)


ABOUT_WALLS = (
    "<p>Many a leaflet was intended for healthcare professionals only. Some sites ask: “Are you a healthcare professional?” Others say “subscribe to keep reading”.</p>"
    "<p>Sites with health advice show a banner: we use cookies, accept all, reject all. To check the address of the page you are looking for does no harm.</p>"
)  # fmt: skip
ROUND_UP = "".join(
    f'<h2><a href="https://shop.example/{n}">{title}</a></h2>'
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    for n, title in enumerate(TITLES)
)
ANCHORED = "".join(
    f'<h2 id="s{n}"><a href="#s{n}">{title}</a></h2><p>{text}</p>'
    for n, (title, text) in enumerate(zip(TITLES, PARAGRAPHS, strict=False))
)
UNFOLDING = "".join(
    f'<h3><a href="javascript:void(0)">{title}</a></h3><p>{text}</p>'
    for title, text in zip(TITLES, PARAGRAPHS, strict=False)
)
ANSWER = (
    '<script type="application/ld+json">{"@type": "QAPage", "mainEntity": {"@type": "Question", "acceptedAnswer": {"@type": "Answer"}}}</script>'
    "<h1>Why does my nose bleed at night?</h1><p>Asked by a reader, 3 years ago</p><p>I wake up with blood on my pillow. Should I be worried?</p><h2>One doctor answered</h2>"
    + "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    + "<p>4 likes</p><a href=#>Reply</a> <a href=#>Report</a>"
)  # fmt: skip

KEPT = [
    pytest.param(page(ARTICLE), id="a short article"),
    pytest.param(page(ARTICLE, url=""), id="without address"),
    pytest.param(page(ARTICLE + "<h2>Related articles</h2>" + LINKS), id="with related links"),
    pytest.param(page(ARTICLE + LOGIN), id="with a login form below"),
    pytest.param(page("<iframe src='https://www.youtube.com/embed/x'></iframe>" + ARTICLE), id="with a video"),
    pytest.param(page(ARTICLE, url="https://health.example/questions/12/nosebleeds"), id="an address like a forum's"),
    pytest.param(page(ANSWER, url="https://health.example/questions/why-does-my-nose-bleed"), id="one doctor's answer at an address like a forum's"),
    pytest.param(page(ARTICLE + ABOUT_WALLS), id="words of walls"),
    pytest.param(page("<h1>Aids for the nose</h1>" + ROUND_UP), id="linked headings with much below each"),
    pytest.param(page("<h1>First aid for nosebleeds</h1>" + ANCHORED), id="headings that link to themselves"),
    pytest.param(page("<h1>First aid for nosebleeds</h1>" + UNFOLDING), id="questions whose answers unfold"),
    pytest.param(page(ARTICLE, url="https://health.example/category/first-aid/nosebleeds"), id="an address like an index's"),
    pytest.param(page(ARTICLE + "<p>Error 404 was the name of the boy's band. The page could not be found in his book.</p>"), id="words of an error page"),
    pytest.param(page(ARTICLE, title="Not found: why doctors miss nosebleeds"), id="a title about not finding"),
    pytest.param(page(ARTICLE + "<p>A spray costs about $ 9. The price differs from shop to shop, and so do delivery and returns.</p>"), id="with a price"),
]  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_an_article_is_not_lost(kept: Page) -> None:
    text = clean(kept).text
    assert all(paragraph in text for paragraph in PARAGRAPHS)


FEVER = (
    "<h1>Fever in a small child</h1><h2>What helps</h2><ul><li>Plenty to drink, in small sips</li><li>Light clothes and a thin blanket</li><li>A cool room with the window ajar</li>"
    "<li>Rest, and a story or two</li></ul><h2>What does not help</h2><ul><li>Cold baths</li><li>Thick blankets to sweat it out</li><li>Rubbing the skin with alcohol</li></ul>"
    "<h2>When to call the doctor</h2><ul><li>A baby below three months with any fever</li><li>A fever that lasts more than three days</li><li>A stiff neck, or spots that do not fade "
    "under a glass</li><li>A child who cannot be woken well</li><li>Crying that nothing will still, or hardly any wet nappies in half a day</li>"
    "<li>A first fit, even if it is over within a minute</li></ul>"
)  # fmt: skip
STITCH = (
    "<h1>What to do about a stitch</h1><p>A stitch is a pain under the ribs that comes on while running. A large meal just before or shallow breathing may bring it on.</p>"
    "<p>Slow down to a walk, bend forward a little and breathe out slowly. It goes within a few minutes.</p><p>Wait two hours after a meal before you run.</p>"
)  # fmt: skip
PLAYER = "<iframe src='https://www.youtube.com/embed/x'></iframe>"
FILM = '<script type="application/ld+json">{"@type": "VideoObject", "name": "Fever"}</script>'
SHORT = [
    pytest.param(page(FEVER), id="a list"),
    pytest.param(page(PLAYER + FEVER), id="a list below a player"),
    pytest.param(page(FEVER, head=FILM), id="a list and a film in the markup"),
    pytest.param(page(FEVER + LOGIN), id="a list above a form to log in"),
    pytest.param(page(FEVER + "<aside><p>Not what you need? Try searching our library.</p></aside>"), id="a list beside a search"),
    pytest.param(page(FEVER.replace("Cold baths", "Syrups that are no longer available")), id="a list with a thing no longer available"),
    pytest.param(page(PLAYER + STITCH), id="few sentences below a player"),
    pytest.param(page(STITCH + LOGIN), id="few sentences above a form to log in"),
]  # fmt: skip


@pytest.mark.parametrize("short", SHORT)
def test_a_short_article_is_not_lost(short: Page) -> None:
    assert len(clean(short).text.split()) >= 50


def test_the_words_of_a_notice_are_folded_as_the_page_is() -> None:
    cues = tomllib.loads(files("cleaning").joinpath("cues/refusals.toml").read_text("utf-8"))
    words = [word for table in ("soft_404", "wall") for listed in cues[table].values() for word in listed]
    assert [word for word in words if word != word.casefold() or "’" in word] == []


def test_another_language_is_refused_when_the_profile_names_one() -> None:
    spanish = "".join(f"<p>{text}</p>" for text in [
        "Una hemorragia nasal parece peor de lo que es. Siéntese, incline la cabeza un poco hacia delante y apriete la parte blanda de la nariz durante diez minutos.",
        "Respire por la boca y escupa la sangre, porque la sangre tragada provoca náuseas. Un paño frío en la nuca no hace daño, pero tampoco sirve de nada.",
        "El aire seco es la causa más frecuente. En invierno la mucosa de la nariz se agrieta, y basta un estornudo para abrir un vaso.",
    ])  # fmt: skip
    profile = Site(
        name="health", contact="https://health.example/bot", language="en", start=("https://health.example/",)
    )
    with pytest.raises(NotAnArticle) as caught:
        clean(page(f"<h1>Hemorragia nasal</h1>{spanish}"), profile)  # the page declares lang="en"
    assert caught.value.reason is Refusal.LANGUAGE
    assert clean(page(f"<h1>Hemorragia nasal</h1>{spanish}")).facts.language == "es"


def test_flattened_text_is_refused_only_when_it_is_short() -> None:
    assert clean_text("\n".join(PARAGRAPHS)).text.splitlines() == PARAGRAPHS
    with pytest.raises(NotAnArticle) as caught:
        clean_text(PARAGRAPHS[0])
    assert caught.value.reason is Refusal.TOO_SHORT


def test_an_address_of_any_shape_is_taken() -> None:
    for url in (
        "",
        "x",
        "https://",
        "https://a",
        "https://a/?",
        "file:///a b.html",
        "https://a/%ff/\ud800",
        "//a/b",
        "https://a" + "/b" * 5000,
    ):
        assert clean(page(ARTICLE, url=url)).text
