"""Simplified Chinese: topic, lists and their roles."""

from cleaning.blocks import Block
from output.findings import describe, find

from .articles import article

RUN_ON = (
    "很多孩子晚上睡觉时会腿抽筋。孩子腿抽筋是什么原因？孩子腿抽筋可能与以下原因有关："
    "1、疲劳。白天运动过度，肌肉得不到休息，夜里容易抽筋。2、受凉。夜里腿脚受凉会引起腿抽筋。3、缺钙。缺钙时肌肉容易兴奋。"
    "1、多吃含钙的食物，比如牛奶和豆腐。2、睡前用热水泡脚。3、不要长时间吃生冷食物。4、有报道说维生素E能减少抽筋，但尚无定论。"
)


def test_a_run_on_page_has_its_topic_and_its_people() -> None:
    subject = describe(article(RUN_ON))
    assert (subject.topic, subject.population) == ("腿抽筋", "children")


def test_a_run_on_page_has_causes_then_advice() -> None:
    found = find(article(RUN_ON))
    assert [f.label for f in found if f.role == "cause"] == ["疲劳", "受凉", "缺钙"]
    advice = [f for f in found if f.role != "cause"]
    assert [f.role.value for f in advice] == ["self_care"] * 4
    assert [f.polarity for f in advice] == ["do", "do", "avoid", "do"]
    assert [f.hedge for f in advice] == [False, False, False, True]


def test_headings_give_lists_their_roles() -> None:
    page = article(
        Block("便秘的原因", "h2"),
        Block("饮水不足", "li", list_id=0, list_tag="ul", depth=1, item=1),
        Block("缺乏运动", "li", list_id=0, list_tag="ul", depth=1, item=2),
        Block("便秘怎么办", "h2"),
        Block("每天喝足够的水", "li", list_id=1, list_tag="ul", depth=1, item=1),
        Block("多吃蔬菜水果", "li", list_id=1, list_tag="ul", depth=1, item=2),
        Block("出现以下情况要及时就医：", "p"),
        Block("便血", "li", list_id=2, list_tag="ul", depth=1, item=1),
        Block("腹痛", "li", list_id=2, list_tag="ul", depth=1, item=2),
        title="便秘的原因和治疗",
    )
    assert describe(page).topic == "便秘"
    assert [(f.role.value, f.label, f.decided_by) for f in find(page)] == [
        ("cause", "饮水不足", "heading"),
        ("cause", "缺乏运动", "heading"),
        ("self_care", "每天喝足够的水", "heading"),
        ("self_care", "多吃蔬菜水果", "heading"),
        ("see_doctor", "便血", "lead_in"),
        ("see_doctor", "腹痛", "lead_in"),
    ]


def test_evidence_is_the_articles_text() -> None:
    page = article(RUN_ON)
    texts = [page.text[f.start : f.end] for f in find(page)]
    assert texts[0].startswith("疲劳。")
    assert texts[-1] == "有报道说维生素E能减少抽筋，但尚无定论。"
