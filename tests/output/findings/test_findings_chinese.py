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
        pytest.param("何時求醫", "see_doctor", id="when to seek a doctor, in Traditional characters"),
        pytest.param("高風險族群", "risk_factor", id="groups at risk"),
        pytest.param("流鼻血是怎么形成的", "cause", id="how it arises"),
        pytest.param("成因", "cause", id="origin"),
        pytest.param("病徵", "symptom", id="signs of the illness"),
        pytest.param("有甚麼徵狀", "symptom", id="which signs"),
        pytest.param("併發症", "complication", id="complications"),
        pytest.param("止住流鼻血的小窍门", "self_care", id="knacks"),
        pytest.param("衛教重點", "self_care", id="what patients are taught"),
        pytest.param("平时请注意", "self_care", id="please mind"),
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
    pytest.param("流鼻血多半由空气干燥、挖鼻孔、鼻炎反复发作、血压偏高以及鼻部受过外伤这些原因引起。", [("cause", "assert")], id="mostly by, a long list"),
    pytest.param("流鼻血的原因有空气干燥、挖鼻孔和外伤。", [("cause", "assert")], id="its causes are"),
    pytest.param("它的发生与空气干燥、血压偏高等因素有关。", [("cause", "assert")], id="it has to do with"),
    pytest.param("流鼻血与多种因素有关。", [], id="has to do with many things"),
    pytest.param("流鼻血由多种原因引起。", [], id="by many causes"),
    pytest.param("季節性的主要由冷空氣引起。", [("cause", "assert")], id="one kind of it"),
    pytest.param("成年人以血压偏高为主要原因。", [("cause", "assert")], id="have as main cause"),
    pytest.param("流鼻血是鼻腔里的小血管破裂而引起的出血。", [("cause", "assert")], id="a definition that tells the cause"),
    pytest.param("流鼻血的表现是鼻孔里流出鲜红的血。", [("symptom", "assert")], id="shows as"),
    pytest.param("病人可能会感到头晕、心慌。", [("symptom", "assert")], id="they may feel"),
    pytest.param("高血压患者更容易流鼻血。", [("risk_factor", "assert")], id="who gets it more easily"),
    pytest.param("拖久了会导致贫血。", [("complication", "assert")], id="left alone"),
    pytest.param("反复出血的人可以做鼻镜检查。", [("diagnosis", "assert")], id="an examination"),
    pytest.param("流鼻血可以通过填塞、电凝等办法来止住。", [("treatment", "do")], id="by these means"),
    pytest.param("止血药须在医生指导下服用。", [("treatment", "do")], id="by a doctor's orders"),
    pytest.param("血流不停，應盡快找醫生。", [("see_doctor", "do")], id="find a doctor"),
    pytest.param("想预防流鼻血，要保持鼻腔湿润。", [("self_care", "do")], id="who wants to prevent it"),
    pytest.param("抽烟的人应尽早戒烟。", [("self_care", "do")], id="said of smokers"),
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
        ("临睡前一小时避免大量喝水。", "avoid"),
        ("预防水肿，关键是不要久站。", "avoid"),
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
        ("小儿腹泻家庭护理与用药指南", "腹泻"),
        ("中暑症状", "中暑"),
        ("长期失眠怎么办", "失眠"),
        ("膝關節退化有甚麼徵狀？", "膝關節退化"),
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


def test_what_a_page_says_beyond_the_above_is_no_topic() -> None:
    page = article(Block("除了上面这些典型症状，还可能有：", "h2"), *listed(*SILENT), title="")
    assert describe(page).topic == ""


def test_the_last_clause_of_a_lead_in_tells_what_follows() -> None:
    lead = Block("弄清了原因，就可以用下面几种办法来止血：", "p")
    page = article(lead, *listed(*SILENT), title="流鼻血")
    assert {f.role.value for f in find(page)} == {"self_care"}


def test_titles_above_lists_of_advice_are_no_advice() -> None:
    page = article(
        Block("可以用下面几种办法来止血：", "p"),
        Block("饮食", "li", list_id=0, list_tag="ol", depth=1, item=1),
        Block("多喝水", "li", list_id=1, list_tag="ul", depth=2, item=1),
        Block("多吃蔬菜", "li", list_id=1, list_tag="ul", depth=2, item=2),
        Block("休息", "li", list_id=0, list_tag="ol", depth=1, item=2),
        Block("每天早点睡觉", "li", list_id=2, list_tag="ul", depth=2, item=1),
        title="流鼻血",
    )
    assert [f.label for f in find(page)] == ["多喝水", "多吃蔬菜", "每天早点睡觉"]


def test_an_item_is_what_its_name_and_first_sentence_say() -> None:
    page = article(
        Block("流鼻血是什么原因引起的", "h2"),
        "1、空气干燥。屋里太干，鼻黏膜容易裂开。应遵医嘱服用维生素，再涂抹药膏。",
        "2、鼻炎。鼻子总是发痒，揉多了就出血。应先把鼻炎治好，常用的药物有鼻喷剂。",
        "3、血压偏高。血管里的压力大。应遵医嘱服用降压药。",
        title="流鼻血是什么原因引起的",
    )
    found = find(page)
    assert [f.role.value for f in found] == ["cause", "treatment"] * 3
    assert page.text[found[3].start : found[3].end] == "应先把鼻炎治好，常用的药物有鼻喷剂。"


def test_the_column_of_kinds_is_no_finding() -> None:
    page = article(
        "中暑的症状：",
        "类型 | 具体表现",
        "轻度 | 头晕、口渴、出汗多",
        "重度 | 昏迷、抽搐、体温很高",
        title="中暑",
    )
    assert [page.text[f.start : f.end] for f in find(page)] == ["头晕、口渴、出汗多", "昏迷、抽搐、体温很高"]
