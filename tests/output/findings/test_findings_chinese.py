"""Chinese: topic, lists and their roles, advice in prose."""

import pytest

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


def listed(*items: str, list_id: int = 0) -> list[Block]:
    return [
        Block(item, "li", list_id=list_id, list_tag="ul", depth=1, item=number)
        for number, item in enumerate(items, 1)
    ]


SILENT = ["空气干燥", "挖鼻孔", "鼻中隔偏曲", "鼻外伤", "血小板减少"]
"""Items that hold no cue of any role."""


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        pytest.param("流鼻血的原因", "cause", id="causes"),
        pytest.param("流鼻血的发病机制", "cause", id="how it comes about"),
        pytest.param("引起流鼻血的元凶", "cause", id="culprits"),
        pytest.param("高危因素", "risk_factor", id="risk factors"),
        pytest.param("好发人群", "risk_factor", id="whom it befalls"),
        pytest.param("饮食禁忌", "self_care", id="foods to leave alone"),
        pytest.param("日常保健", "self_care", id="daily care"),
        pytest.param("急救", "self_care", id="first aid"),
        pytest.param("怎样缓解流鼻血", "self_care", id="how to ease it"),
        pytest.param("流鼻血需要注意哪些", "self_care", id="what to mind"),
        pytest.param("解决办法", "self_care", id="ways out"),
        pytest.param("如何避免流鼻血", "prevention", id="how to avoid it"),
        pytest.param("流鼻血的防治", "prevention", id="prevention"),
        pytest.param("流鼻血的治疗方法", "treatment", id="ways of treatment"),
        pytest.param("流鼻血吃什么药", "treatment", id="medicines"),
        pytest.param("就医提醒", "see_doctor", id="when to see a doctor"),
    ],
)
def test_a_heading_speaks_for_all_items_that_say_nothing_themselves(heading: str, role: str) -> None:
    page = article(Block(heading, "h2"), *listed(*SILENT), title="流鼻血")
    assert [f.role.value for f in find(page)] == [role] * len(SILENT)


@pytest.mark.parametrize("heading", ["流鼻血", "流鼻血的病因、症状和治疗"])
def test_items_that_say_nothing_under_a_heading_that_tells_nothing_are_no_findings(heading: str) -> None:
    assert find(article(Block(heading, "h2"), *listed(*SILENT), title="流鼻血")) == []


PROSE = [
    pytest.param("如果孩子出现呕吐、发热，应立即去医院就诊。", [("see_doctor", "do")], id="signs and the hospital"),
    pytest.param("出血半小时不止，请及时到医院检查。", [("see_doctor", "do")], id="to the hospital for a check"),
    pytest.param("这种情况不需要去医院。", [], id="no need of a hospital"),
    pytest.param("本文仅供参考，如有不适请及时就医。", [], id="disclaimer"),
    pytest.param("平时要多喝水。", [("self_care", "do")], id="in daily life"),
    pytest.param("首先，不要慌张。", [("self_care", "avoid")], id="first"),
    pytest.param("饮食方面，应少吃辛辣食物。", [("self_care", "avoid")], id="as to food"),
    pytest.param("指导意见：建议多喝水，保持鼻腔湿润。", [("self_care", "do")], id="behind a label"),
    pytest.param("医生建议：多吃新鲜蔬菜。", [("self_care", "do")], id="a doctor's advice"),
    pytest.param("你好，睡前不要喝咖啡。", [("self_care", "avoid")], id="greeting"),
    pytest.param("意见建议：不要挖鼻孔，必要时去医院检查。", [("self_care", "avoid")], id="hospital if need be"),
    pytest.param("流鼻血的原因有很多，常见的有几种。", [], id="there are many causes"),
    pytest.param("以上就是流鼻血的原因。", [], id="these were the causes"),
    pytest.param("很多孩子会出现流鼻血。", [], id="it occurs"),
    pytest.param("空气干燥会引起流鼻血。", [("cause", "assert")], id="leads to it"),
    pytest.param("流鼻血多由空气干燥造成。", [("cause", "assert")], id="is caused by"),
    pytest.param("挖鼻孔是流鼻血的主要原因。", [("cause", "assert")], id="is its cause"),
    pytest.param("要知道，流鼻血并不可怕。", [], id="one should know"),
    pytest.param("患者最好不要自行用药。", [("self_care", "avoid")], id="said of patients"),
    pytest.param("病情描述：流鼻血三天了，不要做检查可以吗，建议吃什么药。", [], id="a patient's question"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "found"), PROSE)
def test_prose_is_a_finding_where_it_says_so_outright(sentence: str, found: list[tuple[str, str]]) -> None:
    page = article(f"流鼻血很常见。{sentence}", title="流鼻血")
    assert [(f.role.value, f.polarity) for f in find(page)] == found


@pytest.mark.parametrize(
    ("item", "polarity"),
    [
        ("千万不要自行服用利尿药。", "avoid"),
        ("最好不要久站久坐。", "avoid"),
        ("孕妇不能憋尿。", "avoid"),
        ("尽量不穿紧身的裤子。", "avoid"),
        ("谨防摔倒。", "avoid"),
        ("睡觉时不要仰卧，左侧卧更好。", "avoid"),
        ("洗澡以后，不要马上吹风。", "avoid"),
        ("禁烟酒。", "avoid"),
        ("少吃腌制食品。", "avoid"),
        ("應避免飲濃茶。", "avoid"),
        ("別空腹喝咖啡。", "avoid"),
        ("少不了优质蛋白，每天吃鸡蛋。", "do"),
        ("穿宽松的衣服，不要捂得太厚。", "do"),
        ("如果症状不能缓解，可以热敷。", "do"),
    ],
)
def test_the_first_clause_tells_what_to_leave_alone(item: str, polarity: str) -> None:
    page = article(Block("注意事项", "h2"), *listed(item, "多喝水。"), title="孕妇水肿")
    assert [f.polarity for f in find(page)] == [polarity, "do"]


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("湿疹患者的护理", "湿疹"),
        ("高血压患者不能吃什么", "高血压"),
        ("糖尿病人应该如何护理双脚", "糖尿病"),
        ("哮喘病人的居家护理", "哮喘"),
        ("落枕了怎么快速缓解", "落枕"),
        ("痛经该怎么办", "痛经"),
        ("痛风早期症状有哪些", "痛风"),
        ("三个月宝宝便秘怎么办", "便秘"),
        ("孕晚期脚肿怎么办", "脚肿"),
        ("失眠如何调理", "失眠"),
        ("中暑的急救方法", "中暑"),
        ("颈椎病患者日常要注意什么", "颈椎病"),
        ("口腔溃疡反复发作是什么原因", "口腔溃疡"),
        ("脚后跟疼到底是怎么回事", "脚后跟疼"),
        ("过敏反应怎么办", "过敏反应"),
        ("孕婦腳水腫怎麼辦", "腳水腫"),
    ],
)
def test_a_title_names_the_bare_condition(title: str, topic: str) -> None:
    page = article(f"{topic}很常见，很多人都遇到过。{topic}大多不用担心。", title=title)
    assert describe(page).topic == topic


@pytest.mark.parametrize("text", ["把暖宝宝放在小腹，可以缓解痛经。", "生完孩子以后，痛经会减轻。"])
def test_a_heat_patch_is_no_baby_and_childbirth_no_child(text: str) -> None:
    assert describe(article(Block(text, "h2"), text, title="痛经怎么办")).population == ""


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    page = article(
        Block("流鼻血怎麼辦", "h2"),
        *listed("捏住鼻翼", "頭稍微前傾", "避免用力擤鼻涕"),
        Block("什麼時候要就醫？", "h2"),
        *listed("出血不止", "頭部受傷後流血", list_id=1),
        title="流鼻血的處理",
    )
    assert [(f.role.value, f.polarity) for f in find(page)] == [
        ("self_care", "do"),
        ("self_care", "do"),
        ("self_care", "avoid"),
        ("see_doctor", "do"),
        ("see_doctor", "do"),
    ]
    assert all(f.label in page.text for f in find(page))
