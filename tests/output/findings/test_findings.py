"""What is found on pages of many shapes; the pages are our own words."""

import random
import string
import time
import timeit

import pytest

from cleaning.article import Article
from cleaning.blocks import Block
from output.findings import describe, find
from output.findings.cues import cues_of
from output.findings.finding import GROUPS
from output.findings.label import label_of
from output.findings.units import lay_out

from .articles import article


def li(text: str, list_id: int, item: int, tag: str = "ul") -> Block:
    return Block(text, "li", list_id=list_id, list_tag=tag, depth=1, item=item)


def told(page: Article) -> list[tuple[str, str]]:
    """Group and label of each finding."""
    return [(GROUPS[f.role], f.label) for f in find(page)]


HEADED = article(
    Block("What causes nosebleeds?", "h2"),
    li("Dry indoor air", 0, 1),
    li("Picking the nose", 0, 2),
    Block("Home remedies for nosebleeds", "h2"),
    li("Lean forward and pinch the soft part of the nose for ten minutes", 1, 1),
    li("Cold compress on the neck", 1, 2),
    Block("How to prevent nosebleeds", "h2"),
    li("Saline spray twice a day", 2, 1),
    li("A humidifier in the bedroom", 2, 2),
    Block("When to see a doctor", "h2"),
    li("Bleeding that goes on for more than 20 minutes", 3, 1),
    li("Nosebleeds after a blow to the head", 3, 2),
    title="Nosebleeds: causes, treatment and prevention | Example Health",
)


def test_headings_give_lists_their_roles() -> None:
    assert [(f.role.value, f.decided_by) for f in find(HEADED)] == [
        ("cause", "heading"), ("cause", "heading"), ("self_care", "heading"), ("self_care", "heading"),
        ("prevention", "heading"), ("prevention", "heading"), ("see_doctor", "heading"), ("see_doctor", "heading"),
    ]  # fmt: skip


def test_noun_phrases_are_causes_or_advice_by_their_list() -> None:
    page = article(
        "Headaches have everyday causes:", "- Skipping meals", "- Loud noise", "- Too little sleep",
        "To relieve a headache at home, try the following:", "- Warm bath", "- Head massage", "- Peppermint tea",
        title="Headaches",
    )  # fmt: skip
    assert told(page) == [
        ("cause", "Skipping meals"), ("cause", "Loud noise"), ("cause", "Too little sleep"),
        ("advice", "Warm bath"), ("advice", "Head massage"), ("advice", "Peppermint tea"),
    ]  # fmt: skip


def test_a_list_of_symptoms_after_call_a_doctor_is_advice() -> None:
    page = article(
        "Fever in children", "Most fevers pass by themselves.", "Call your doctor right away if your child has:",
        "- a stiff neck", "- a rash that does not fade", "- trouble breathing",
    )  # fmt: skip
    assert [f.role.value for f in find(page) if f.list_id >= 0] == ["see_doctor"] * 3


def test_a_list_that_goes_on_from_causes_to_advice_is_parted() -> None:
    page = article(
        "Constipation",
        "1. Lack of fiber. Too little fiber in the diet causes constipation.",
        "2. Lack of exercise. Sitting all day can cause constipation as well.",
        "3. Dehydration. Too little water makes the stool hard and leads to constipation.",
        "4. Drink two glasses of water when you get up.",
        "5. Eat more vegetables and whole grains.",
        "6. Take a walk after each meal.",
        title="Constipation",
    )
    assert [GROUPS[f.role] for f in find(page)] == ["cause"] * 3 + ["advice"] * 3


def test_advice_told_inside_a_cause_is_a_finding_of_its_own() -> None:
    page = article(
        "Why do children wake at night? The common reasons are:",
        "1. Hunger: A small child may be hungry again after a few hours. You can give it a little milk before bed.",
        "2. Noise: A loud street wakes light sleepers.",
        "3. Heat: A hot room makes for broken sleep. The room should be kept at 18 degrees.",
        title="Night waking in children",
    )
    found = find(page)
    assert [f.label for f in found if f.role == "cause"] == ["Hunger", "Noise", "Heat"]
    inner = [f for f in found if f.parent >= 0]
    assert [found[f.parent].label for f in inner] == ["Hunger", "Heat"]
    assert {GROUPS[f.role] for f in inner} == {"advice"}
    hunger = found[0]
    assert page.text[hunger.start : hunger.end].endswith("after a few hours.")


def test_a_denied_cause_is_negated() -> None:
    page = article(
        "What causes acne? Acne is caused by blocked pores. Acne is not caused by chocolate, which is an old myth.",
        title="Acne",
    )
    polarity = {page.text[f.start : f.end]: f.polarity for f in find(page) if f.role == "cause"}
    assert polarity["Acne is caused by blocked pores."] == "assert"
    assert all(value == "negated" for text, value in polarity.items() if "chocolate" in text)


def test_do_and_avoid() -> None:
    page = article(
        "What helps against heartburn?", "- Eat small meals", "- Avoid coffee and alcohol", "- Do not lie down after meals",
        "- Raise the head of the bed", title="Heartburn",
    )  # fmt: skip
    assert [f.polarity for f in find(page)] == ["do", "avoid", "avoid", "do"]


@pytest.mark.parametrize(
    "advice",
    [
        "Drink plenty of water to avoid a dry mouth.",
        "Pinch the nose for ten minutes to stop the bleeding.",
        "Do not forget to rinse with salt water.",
        "Stop and rest after every climb.",
        "Use a crutch if the foot must not bear weight.",
        "Suck ice (children should not try this).",
        "Walk a little every day, but you should not run.",
        "Stop what you are doing and sit down in the shade.",
        "Add no more than a tenth a week.",
    ],
)
def test_a_purpose_or_an_aside_does_not_turn_advice_round(advice: str) -> None:
    page = article("What helps:", "- Rest as much as you can", f"- {advice}", title="Sore throat")
    assert [f.polarity for f in find(page)] == ["do", "do"]


@pytest.mark.parametrize(
    "advice",
    [
        "Posture: never tilt the head back.",
        "Remember not to blow the nose.",
        "It is best not to drink hot soup.",
        "No smoking in the flat.",
        "Steer clear of dusty rooms.",
        "Alcohol. You should not drink any.",
        "Cotton buds are best left in the cupboard, and strong soap should be avoided.",
        "Note: do not whisper for hours.",
        "Once the pain is gone, don't start to shout at once.",
        "Important: Avoid cold drinks.",
        "Keep out of smoky rooms.",
        "Give nothing by mouth to somebody who is drowsy.",
    ],
)
def test_what_is_to_be_left_alone(advice: str) -> None:
    page = article(
        "What you can do at home:", "- Rest as much as you can", f"- {advice}", title="Sore throat"
    )
    assert [f.polarity for f in find(page)][1] == "avoid"


@pytest.mark.parametrize(
    "heading",
    ["Don't", "What not to do", "Foods to avoid", "Things you should never do", "What should you not eat?"],
)
def test_a_heading_tells_what_to_leave_alone(heading: str) -> None:
    page = article(
        Block("What helps", "h2"), li("Porridge", 0, 1), li("Bananas", 0, 2),
        Block(heading, "h2"), li("Coffee", 1, 1), li("Fried food", 1, 2), title="Heartburn",
    )  # fmt: skip
    assert [(f.label, f.polarity) for f in find(page)] == [
        ("Porridge", "do"), ("Bananas", "do"), ("Coffee", "avoid"), ("Fried food", "avoid"),
    ]  # fmt: skip


def test_how_to_avoid_the_complaint_itself_is_to_be_done() -> None:
    page = article(
        Block("How to avoid heartburn", "h2"),
        li("Small meals", 0, 1),
        li("A raised bed", 0, 2),
        title="Heartburn",
    )
    assert [f.polarity for f in find(page)] == ["do", "do"]


def test_what_to_do_in_order_to_limit_something_is_to_be_done() -> None:
    page = article(
        "To limit acid, try this:", "- Eat small meals", "- Raise the head of the bed", title="Heartburn"
    )
    assert [f.polarity for f in find(page)] == ["do", "do"]


@pytest.mark.parametrize(
    "heading", ["What does not cause dandruff", "Common myths about the causes of dandruff"]
)
def test_a_heading_denies_the_causes_below_it(heading: str) -> None:
    page = article(
        Block(heading, "h2"), li("Poor hygiene", 0, 1), li("Swimming pools", 0, 2), title="Dandruff"
    )
    assert {f.polarity for f in find(page) if f.role == "cause"} == {"negated"}


def test_a_fact_told_twice_is_one_finding_with_two_places() -> None:
    sentence = "Leg cramps are often caused by tired muscles after a long day on the feet."
    page = article(sentence, "Rest is good for body and mind in many ways.", sentence, title="Leg cramps")
    causes = [f for f in find(page) if f.role == "cause"]
    assert len(causes) == 1
    assert [page.text[s:e] for s, e in causes[0].also] == [sentence]


def test_item_headings_that_hold_cue_words_stay_items() -> None:
    page = article(
        Block("Causes of fatigue", "h2"),
        Block("Anaemia", "h3"), Block("Too few red blood cells carry too little oxygen.", "p"),
        Block("Lack of exercise", "h3"), Block("Muscles that are never used lose their strength.", "p"),
        Block("Medication", "h3"), Block("Antihistamines often make people drowsy.", "p"),
        Block("Treatment", "h2"), Block("Treatment depends on what is found.", "p"),
        title="Fatigue",
    )  # fmt: skip
    causes = [f.label for f in find(page) if f.role == "cause"]
    assert causes == ["Anaemia", "Lack of exercise", "Medication"]


def test_item_headings_with_lists_below_them_stay_items() -> None:
    page = article(
        Block("Causes of arch pain", "h2"),
        Block("Plantar fasciitis", "h3"), Block("The band along the sole is inflamed. Symptoms include:", "p"),
        li("Pain with the first steps", 0, 1), li("A stiff heel", 0, 2),
        Block("Flat feet", "h3"), Block("Some people are born with low arches. Symptoms may include:", "p"),
        li("Aching feet", 1, 1), li("Swollen ankles", 1, 2),
        title="Arch pain",
    )  # fmt: skip
    assert told(page) == [
        ("cause", "Plantar fasciitis"), ("symptom", "Pain with the first steps"), ("symptom", "A stiff heel"),
        ("cause", "Flat feet"), ("symptom", "Aching feet"), ("symptom", "Swollen ankles"),
    ]  # fmt: skip
    assert "Symptoms" not in page.text[find(page)[0].start : find(page)[0].end]


def test_a_box_among_headings_that_name_items_is_none() -> None:
    page = article(
        Block("How to sleep better", "h1"),
        Block("At a glance", "h2"), Block("Adults need seven hours of sleep or more.", "p"),
        Block("Background", "h2"), Block("Sleep is when the body mends itself.", "p"),
        Block("Keep the room dark", "h2"), Block("Hang heavy curtains and switch screens off.", "p"),
        Block("Get up at one time", "h2"), Block("Do so at weekends as well.", "p"),
        Block("Skip the late coffee", "h2"), Block("Caffeine works for six hours.", "p"),
        title="How to sleep better",
    )  # fmt: skip
    assert [f.label for f in find(page) if f.list_id >= 0] == [
        "Keep the room dark",
        "Get up at one time",
        "Skip the late coffee",
    ]


def test_a_list_after_a_whole_sentence_that_announces_it_is_no_summary() -> None:
    page = article(
        "Here are some ways to ease flat feet.",
        "• Leave shoes that are higher than two inches in the cupboard.", "• Get insoles made. They are made to measure.",
        "• Lose weight if your feet carry too much.", title="Flat feet",
    )  # fmt: skip
    assert [f.list_position for f in find(page)] == [1, 2, 3]


def test_what_should_be_possible_again_is_no_advice() -> None:
    page = article(
        Block("Recovery after a sprained ankle", "h2"), "After six weeks you should be able to:", li("walk without crutches", 0, 1),
        li("climb stairs", 0, 2), li("stand on one leg", 0, 3), title="Sprained ankle",
    )  # fmt: skip
    assert find(page) == []


def test_what_could_develop_is_no_advice_inside_a_cause() -> None:
    page = article(
        Block("Causes of low back pain", "h2"), li("Ageing. You could develop worn discs over the years.", 0, 1),
        li("Lifting. You could ask a second person to help.", 0, 2), title="Low back pain",
    )  # fmt: skip
    found = find(page)
    assert [found[f.parent].label for f in found if f.parent >= 0] == ["Lifting"]


def test_a_pointer_at_an_items_end_does_not_hide_the_item() -> None:
    page = article(
        Block("Causes of hair loss", "h2"), li("Stress. Worry makes hair fall. See also our page on sleep.", 0, 1),
        li("See also our page on wigs.", 0, 2), li("Too little iron. It feeds the roots.", 0, 3), title="Hair loss",
    )  # fmt: skip
    assert [f.label for f in find(page)] == ["Stress", "Too little iron"]


def test_an_item_that_leads_on_is_none() -> None:
    page = article(
        "Causes of canker sores:", "- A bitten cheek", "- They also come up owing to the following reasons", "- Stress", title="Canker sores"
    )  # fmt: skip
    assert [f.label for f in find(page)] == ["A bitten cheek", "Stress"]


def test_what_sends_to_a_doctor_is_not_the_last_item_s() -> None:
    page = article(
        Block("How to ease restless legs at home", "h2"),
        Block("Move", "h3"), Block("Walk up and down the hall for five minutes.", "p"),
        Block("Warmth", "h3"), Block("Take a warm bath before bed.", "p"),
        Block("See your doctor if your legs keep you awake three nights a week.", "p"),
        title="Restless legs",
    )  # fmt: skip
    found = find(page)
    assert [f.role.value for f in found][-1] == "see_doctor"
    assert not any("doctor" in page.text[f.start : f.end] for f in found[:-1])


def test_a_cause_that_ends_in_a_call_for_the_doctor_stays_a_cause() -> None:
    page = article(
        Block("Causes of a swollen leg", "h2"),
        li("Varicose veins. Blood pools in the legs.", 0, 1),
        li("Long flights. The muscles do not pump.", 0, 2),
        li("Blood clot. One calf is swollen and hurts. Call an ambulance if you also get short of breath.", 0, 3),
        li("Infection. The skin is hot and red. See a doctor the same day.", 0, 4),
        title="Swollen leg",
    )  # fmt: skip
    found = find(page)
    assert [f.label for f in found if f.role == "cause"] == [
        "Varicose veins",
        "Long flights",
        "Blood clot",
        "Infection",
    ]
    assert [found[f.parent].label for f in found if f.role == "see_doctor"] == ["Blood clot", "Infection"]


def test_labels_that_are_headings_give_the_role() -> None:
    page = article(
        Block("Dry air", "h2"), li("Cause: heated rooms take moisture out of the skin.", 0, 1), li("Solution: apply a cream after every shower.", 0, 2),
        Block("Tight shoes", "h2"), li("Cause: the heel is squeezed all day.", 1, 1), li("Solution: wear wide shoes.", 1, 2),
        title="Cracked heels: causes and solutions",
    )  # fmt: skip
    found = find(page)
    assert [GROUPS[f.role] for f in found] == ["cause", "advice", "cause", "advice"]
    assert not any(page.text[f.start : f.end].startswith(("Cause", "Solution")) for f in found)


@pytest.mark.parametrize(
    "heading",
    [
        "Ingredients",
        "Pros",
        "Types of headaches",
        "What you need",
        "Why choose our clinic?",
        "Questions to ask your doctor",
        "In this article you will learn",
        "Side effects",
        "More information",
        "Related articles",
    ],
)
def test_lists_beside_the_point_hold_no_findings(heading: str) -> None:
    page = article(
        Block("What helps against headaches", "h2"), li("A walk in fresh air", 0, 1), li("A glass of water", 0, 2),
        Block(heading, "h2"), li("One onion and a litre of stock", 1, 1), li("Tension and cluster headaches", 1, 2), title="Headaches",
    )  # fmt: skip
    assert [f.label for f in find(page)] == ["A walk in fresh air", "A glass of water"]


def test_questions_in_a_list_are_read_one_by_one() -> None:
    page = article(
        Block("Common questions", "h2"),
        li("Is it dangerous? No, but lost sleep wears people down.", 0, 1),
        li("What causes restless legs? Restless legs are often caused by low iron.", 0, 2),
        li("When should I see a doctor? See your doctor if your legs keep you awake most nights.", 0, 3),
        title="Restless legs",
    )  # fmt: skip
    roles = [f.role.value for f in find(page)]
    assert roles[-1] == "see_doctor"
    assert roles.count("see_doctor") == 1
    assert "cause" in roles


def test_a_column_that_explains_its_rows_names_nothing() -> None:
    rows = [
        "Cause | Why it happens",
        "Low iron | The brain makes less dopamine",
        "Pregnancy | Hormones and folate change",
    ]
    page = article(
        Block("Causes of restless legs", "h2"),
        *(Block(text, "tr", list_id=0, list_tag="table", depth=1, item=n) for n, text in enumerate(rows, 1)),
        title="Restless legs",
    )
    assert [f.label for f in find(page) if f.role == "cause"] == ["Low iron", "Pregnancy"]


def test_the_truth_after_a_denial_is_a_finding_of_its_own() -> None:
    page = article(
        "Colds are not caused by cold weather. They are caused by more than 200 different viruses.",
        title="Colds",
    )
    assert [f.polarity for f in find(page)] == ["negated", "assert"]


def test_sub_headings_under_a_cause_heading_are_causes() -> None:
    page = article(
        Block("What causes dizziness?", "h2"),
        Block("Low blood sugar", "h3"), Block("Those who skip breakfast may feel faint before noon.", "p"),
        Block("Dehydration", "h3"), Block("Too little water lowers the blood pressure.", "p"),
        Block("What to do about dizziness", "h2"), Block("Sit down and drink a glass of water.", "p"),
        title="Dizziness",
    )  # fmt: skip
    causes = [f for f in find(page) if f.role == "cause"]
    assert [f.label for f in causes] == ["Low blood sugar", "Dehydration"]
    assert page.text[causes[0].start : causes[0].end].endswith("before noon.")


def test_table_columns_have_the_roles_of_their_heads() -> None:
    rows = ["Cause | What to do", "Dry air | Run a humidifier", "Smoke | Air the room"]
    blocks = [Block(row, "tr", list_id=0, list_tag="table", item=n) for n, row in enumerate(rows, 1)]
    assert told(article(*blocks, title="Cough at night")) == [
        ("cause", "Dry air"), ("advice", "Run a humidifier"), ("cause", "Smoke"), ("advice", "Air the room"),
    ]  # fmt: skip


def test_a_column_that_names_what_its_row_is_about_is_no_finding() -> None:
    rows = [
        ("Type", "What you see"), ("Between the toes", "White, soggy skin that itches and peels"),
        ("Sole and side", "Dry, thick scales"), ("Instep", "Small, itchy blisters"),
    ]  # fmt: skip
    cells = [
        Block(" | ".join(row), "tr", list_id=0, list_tag="table", depth=1, item=n)
        for n, row in enumerate(rows, 1)
    ]
    found = find(article(Block("How do I know?", "h2"), *cells, title="Athlete's foot"))
    assert [f.role.value for f in found] == ["symptom"] * 3
    assert "Between the toes" not in [f.label for f in found]


@pytest.mark.parametrize(
    "lead", ["Get checked if your tiredness comes with:", "Have it looked at if you notice:", "You may have:"]
)
def test_signs_under_a_heading_that_asks_when_to_see_a_doctor_are_advice(lead: str) -> None:
    page = article(
        Block("When to talk to a doctor", "h2"), lead, li("loud snoring at night", 0, 1), li("unplanned weight loss", 0, 2), title="Tiredness"
    )  # fmt: skip
    assert [f.role.value for f in find(page)] == ["see_doctor", "see_doctor"]


@pytest.mark.parametrize(
    ("lead", "role"),
    [
        ("It's more likely to be heel pain if:", "symptom"),
        ("You are more likely to get heel pain if:", "risk_factor"),
        ("Watch the wound for signs of infection, including:", "see_doctor"),
        ("It is most common in people who report that:", "risk_factor"),
        ("A man may have habits that raise his chances of it, including:", "risk_factor"),
        ("Shoes and other things that may cause heel pain include:", "cause"),
        ("Illnesses that can injure the heel directly are:", "cause"),
    ],
)
def test_a_lead_in_tells_what_its_list_is(lead: str, role: str) -> None:
    page = article(
        "Heel pain is common.", lead, "- the skin above the heel is warm", "- the pain is worse at night", "- you cannot stand on the foot",
        title="Heel pain",
    )  # fmt: skip
    assert {f.role.value for f in find(page) if f.list_id >= 0} == {role}


@pytest.mark.parametrize(
    "lead",
    [
        "More information about causes of heel pain is provided in these leaflets:",
        "The heel has several tasks in the body, including:",
    ],
)
def test_a_list_that_points_elsewhere_or_tells_of_the_healthy_body_says_nothing(lead: str) -> None:
    page = article(
        Block("What causes heel pain?", "h2"), lead, "- Stress fracture", "- Infection", "- Overuse of the tendon", title="Heel pain"
    )  # fmt: skip
    assert [f.role.value for f in find(page)] == []


def test_a_definition_names_a_cause_unless_the_list_of_causes_follows_it() -> None:
    says = "Heel pain is a disorder caused by too much weight on the tendon."
    causes = ["The common causes are:", "- Stress fracture", "- Infection", "- Hard floors"]
    apart = article(
        Block("What is heel pain?", "h2"), says, Block("Common causes", "h2"), *causes, title="Heel pain"
    )
    above = article(Block("What causes heel pain?", "h2"), says, *causes, title="Heel pain")
    assert says in [apart.text[f.start : f.end] for f in find(apart) if f.role == "cause"]
    assert [f.label for f in find(above) if f.role == "cause"] == [
        "Stress fracture",
        "Infection",
        "Hard floors",
    ]


def test_a_cause_that_is_named_outright_is_found() -> None:
    said = "The most common cause is being overtired."
    page = article(
        Block("What causes night terrors?", "h2"), f"{said} A fever may set one off. So may a strange bed.", title="Night terrors"
    )  # fmt: skip
    assert ("cause", said) in [(f.role.value, page.text[f.start : f.end]) for f in find(page)]


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("The most common cause is being overtired.", "Being overtired"),
        ("You are over 60.", "Over 60"),
        (
            "Never put ice, butter or toothpaste on burned skin.",
            "Never put ice, butter or toothpaste on burned skin",
        ),
        ("You are fast asleep, and suddenly your calf turns to stone.", "Your calf turns to stone"),
        ("You're pregnant or breastfeeding.", "Pregnant or breastfeeding"),
        ("IT IS OFTEN CAUSED BY COLD FEET.", "COLD FEET"),
        ("İzmir fever comes back, and then it goes.", "İzmir fever comes back"),
        ("Always try to drink water, for it helps.", "Drink water"),
        ("Gritty, burning eyes and a blurred view", "Gritty, burning eyes and a blurred view"),
        ("A dry, barking cough that wakes the child.", "A dry, barking cough"),
        ("Rest in a cool, dark room.", "Rest in a cool, dark room"),
        ("Stress, noise and too little sleep may be to blame.", "Stress, noise and too little sleep"),
        ("Drink 1.5 liters of water, better two.", "Drink 1.5 liters of water"),
        ("No more than 2,000 mg of salt (a teaspoon) counts.", "No more than 2,000 mg of salt"),
        ("Your collar is too tight.", "Your collar is too tight"),
        ("The child has a stiff neck.", "The child has a stiff neck"),
        ("People who work at night sleep less.", "People who work at night sleep less"),
        ("Pain that wakes you at night", "Pain that wakes you at night"),
        ("You have never had measles.", "Have never had measles"),
        ("If the fever lasts longer than three days.", "The fever lasts longer than three days"),
        ("Call your doctor if the cough lasts.", "The cough lasts"),
        ("Did you know that dry air tires the eyes?", "Dry air tires the eyes"),
        ("Last but not least, sleep enough.", "Sleep enough"),
        ("One of the most common causes is dry air.", "Dry air"),
        ("Another, less known cause is cold.", "Cold"),
        ("Up to 30 percent of cases are due to stress.", "Stress"),
        ("Twice a day, rinse with salt water.", "Rinse with salt water"),
        ("Instead of coffee, drink water.", "Drink water"),
        ("The best thing you can do is rest.", "Rest"),
        ("Your doctor may prescribe eye drops.", "Eye drops"),
        ("Remember not to rub the eyes.", "Remember not to rub the eyes"),
        ("Treatment of dry eyes: rest and cool compresses.", "Rest and cool compresses"),
        ("The main reasons are: dust and smoke.", "Dust and smoke"),
        ("Dr. Lee: Air the room.", "Air the room"),
        ("Myth: Carrots cure weak eyes.", "Myth: Carrots cure weak eyes"),
        ("Prevention Wear goggles at work.", "Wear goggles at work"),
    ],
)
def test_a_label_is_the_heart_of_the_first_sentence(said: str, label: str) -> None:
    assert label_of(said, cues_of("en"), None) == label


@pytest.mark.parametrize(
    ("own", "said", "label"),
    [
        ("Stress:", "Stress: it tightens the muscles.", "Stress"),
        ("Zinc", "Zinc tablets help some people.", "Zinc tablets"),
        ("Smoking", "Smoking can dry the eyes.", "Smoking"),
        ("Genetic factors", "Genetic factors. It runs in families.", "Genetic factors"),
        ("Tip:", "Tip: Air the room.", "Air the room"),
        ("Dr. Lee", "Dr. Lee: Air the room.", "Air the room"),
    ],
)
def test_a_label_of_the_page_s_own_stands_if_it_says_something(own: str, said: str, label: str) -> None:
    assert label_of(said, cues_of("en"), None, own) == label


def test_a_question_is_no_finding() -> None:
    page = article(
        "What causes hiccups?", "Why do I get hiccups?", "Is it the fizzy drinks?", title="Hiccups"
    )
    assert find(page) == []


def test_pages_about_animals_are_refused() -> None:
    page = article(
        "Why does my dog cough?", "Dogs cough for many reasons.", "Your dog may have kennel cough.", "See the vet with a dog that coughs.",
        title="Why does my dog cough?",
    )  # fmt: skip
    assert describe(page).refused == "about animals"
    assert find(page) == []


ANIMALS = [
    ("Laminitis: early signs", "Ponies and overweight horses are at risk. Their hooves are warm. Call your vet at once."),
    ("Hairballs", "Cats swallow fur. Call your veterinarian if your kitty retches."),
    ("Scours in calves", "Scours is diarrhoea in young calves. Keep them off wet pasture and from other cattle. Call the vet."),
    ("Feather plucking in parrots", "A parrot that pulls its feathers may be bored. See an avian vet if it bleeds."),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text"), ANIMALS)
def test_pages_that_send_to_a_vet_are_about_animals(title: str, text: str) -> None:
    assert describe(article(text, title=title)).refused == "about animals"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Charley horse", "A charley horse is a cramp. Stretch a charley horse gently. A charley horse passes."),
        ("PET scan", "A PET scan shows organs. Your doctor may order a PET scan. A PET scan takes an hour."),
        ("Dog bites: first aid", "Wash a dog bite. See a doctor if the dog is a stray. Ask its vet about vaccines. A dog bite is dirty."),
        ("Ringworm", "Children catch it from a cat. Kittens and cats carry it. Take the cat to the vet. The doctor gives a cream."),
    ],
)  # fmt: skip
def test_pages_that_name_animals_and_send_to_a_doctor_are_about_people(title: str, text: str) -> None:
    assert describe(article(text, title=title)).refused == ""


TABLE = [
    "Measure the boards twice before you cut them.", "Glue the legs to the frame and leave them overnight.", "Avoid screws near the edge, since the wood splits.",
    "Sand the top with fine paper and wipe the dust away.", "Oil keeps water out better than wax.", "A coat of varnish can cause bubbles if the room is cold.",
]  # fmt: skip


def test_pages_that_are_not_about_health_are_refused() -> None:
    foreign = article("How to build a table", *TABLE * 4, title="How to build a table")
    assert describe(foreign).refused == "not about health"
    assert find(foreign) == []
    about = article("Back pain", *TABLE * 4, title="Back pain from building a table")
    assert describe(about).refused == ""
    assert describe(article(*TABLE, title="How to build a table")).refused == ""  # too short to tell


@pytest.mark.parametrize("language", ["de", "es-MX", "ja"])
def test_nothing_is_looked_for_in_languages_without_cues(language: str) -> None:
    page = article(
        "Ursachen", "- Stress", "- Alcohol", "To relieve it, drink water.", title="Kopfschmerzen", language=language
    )  # fmt: skip
    assert describe(page).refused == f"in a language that is not read: {language[:2]}"
    assert describe(page).topic == ""
    assert find(page) == []


SUBJECTS = [
    pytest.param("Why does my child get leg cramps?", "leg cramps", "children", id="why does my child get"),
    pytest.param(
        "How to stop leg cramps in children at night", "leg cramps", "children", id="how to stop … at night"
    ),
    pytest.param("Heartburn: causes, symptoms and treatment", "heartburn", "", id="colon and parts"),
    pytest.param("10 home remedies for constipation", "constipation", "", id="so many remedies for"),
    pytest.param("Common causes of back pain | Example Health", "back pain", "", id="with the site's name"),
    pytest.param(
        "What causes morning sickness in pregnancy?", "morning sickness", "pregnant women", id="in pregnancy"
    ),
    pytest.param("Diaper rash in babies: what helps", "diaper rash", "infants", id="in babies"),
    pytest.param("Dizziness in the elderly", "dizziness", "older adults", id="in the elderly"),
    pytest.param("Snoring - Example Clinic", "snoring", "", id="one word and a site"),
    pytest.param("When to see a doctor about chest pain", "chest pain", "", id="when to see a doctor about"),
    pytest.param("Understanding tinnitus", "tinnitus", "", id="understanding"),
    pytest.param(
        "8 natural ways to lower your blood pressure", "high blood pressure", "", id="ways to lower"
    ),
    pytest.param("Foods that boost your immune system", "immune system", "", id="that boost"),
    pytest.param("Why does my lower back hurt?", "lower back pain", "", id="hurts"),
    pytest.param("Surprising reasons your knees ache", "knee pain", "", id="reasons your … ache"),
    pytest.param("6 reasons your feet are always cold", "cold feet", "", id="reasons your … are"),
    pytest.param("Why are my ankles swollen?", "swollen ankles", "", id="why are my"),
    pytest.param("Why does my right heel hurt?", "heel pain", "", id="which heel"),
    pytest.param("Why do my eyes twitch?", "twitching eyes", "", id="why do my"),
    pytest.param("Children's lips are dry in winter", "dry lips", "children", id="whose lips"),
    pytest.param("Baby\u2019s nose is blocked at night", "blocked nose", "infants", id="a baby's"),
    pytest.param("Why do babies\u2019 ears hurt on a plane?", "ear pain", "infants", id="babies'"),
    pytest.param("7 reasons you wake up tired", "tiredness", "", id="reasons you"),
    pytest.param("Cat allergy", "cat allergy", "", id="which allergy"),
    pytest.param(
        "Symptoms, causes and remedies of canker sores", "canker sores", "", id="as the title has it"
    ),
]


@pytest.mark.parametrize(("title", "topic", "population"), SUBJECTS)
def test_titles_name_topic_and_people(title: str, topic: str, population: str) -> None:
    subject = describe(article("It is common, and it mostly passes by itself.", title=title))
    assert (subject.topic, subject.population, subject.source) == (topic, population, "title")


def test_the_topic_is_spelt_as_in_the_title() -> None:
    page = article(
        "A canker sore is a small ulcer in the mouth. Canker sores heal by themselves.",
        Block("Causes of canker sores", "h2"), "A canker sore may come of a bitten cheek.", title="Symptoms, causes and remedies of canker sores",
    )  # fmt: skip
    assert describe(page).topic == "canker sores"


def test_the_last_word_of_a_name_is_no_rival_of_the_whole() -> None:
    page = article(
        "Long flights make the blood slow. The name for what may follow is deep vein thrombosis.",
        Block("How it shows", "h2"), "In deep vein thrombosis one calf swells.",
        Block("What helps", "h2"), "Walk about. Deep vein thrombosis is treated with tablets. Deep vein thrombosis may come back.",
        title="Clots on long-haul flights",
    )  # fmt: skip
    assert describe(page).topic == "deep vein thrombosis"


def test_without_a_title_headings_and_repetition_name_the_topic() -> None:
    page = article(
        "What is gout?",
        "Gout is a kind of arthritis.",
        "What causes gout?",
        "Gout is caused by too much uric acid in the blood.",
    )
    assert describe(page).topic == "gout"


@pytest.mark.parametrize(
    "topic", ["hiatal hernia", "stress incontinence", "hip fracture", "vascular dementia", "cystic acne"]
)
def test_a_known_name_inside_the_pages_own_is_not_the_topic(topic: str) -> None:
    known = topic.split()[1] if topic.split()[0] != "stress" else "stress"
    page = article(
        f"A {topic} is common. Many people have a {topic}, and a {known} may come back.",
        Block(f"Symptoms of {topic}", "h2"),
        title=topic.capitalize(),
    )
    assert describe(page).topic == topic


@pytest.mark.parametrize("title", ["What your tongue says about your health", "How much sleep do you need?"])
def test_one_cause_among_several_is_not_the_topic(title: str) -> None:
    page = article(
        "Many things may be behind it:", "- Stress", "- Anaemia", "- Diabetes", "Diabetes damages nerves, and diabetes is common.", title=title
    )  # fmt: skip
    assert describe(page).topic == ""


@pytest.mark.parametrize(
    ("title", "said", "topic"),
    [
        ("Snow on the shoulders", "It falls from the scalp and shows on a dark coat.", ""),
        ("Potter disease", "It falls from the scalp and shows on a dark coat.", "potter disease"),
        ("Snow blindness on the glacier", "The sun burns the eye.", "snow blindness"),
        ("Grandpa’s grey coat", "A grey coat is warm. The grey coat shows every flake.", ""),
        ("Milk and me: understanding milk belly", "Milk belly is common.", "milk belly"),
        ("Milk and me: what is left to eat", "Milk belly is common.", ""),
        ("Top oral hygiene tips for 2026", "Good oral hygiene begins at night. Oral hygiene is a habit.", "oral hygiene"),
        ("Oral hygiene and gum disease", "Good oral hygiene is a habit. So is oral hygiene.", "gum disease"),
        ("Why does my daughter bite her nails?", "Fingers go to the mouth.", "nail biting"),
        ("Why am I tired all the time?", "It is common to be tired all the time.", "tiredness"),
        ("When behind the eyes; pain", "It comes at night.", ""),
        ("Ménière’s disease", "It comes at night.", "ménière's disease"),
    ],
)  # fmt: skip
def test_what_a_title_names_is_the_topic_and_what_it_plays_with_is_not(
    title: str, said: str, topic: str
) -> None:
    assert describe(article(said, title=title)).topic == topic


@pytest.mark.parametrize("title", ["9 tips", "Ask the nutritionist", "A word from the kitchen"])
def test_what_is_explained_in_passing_is_not_the_topic(title: str) -> None:
    page = article("The spoon is a tool that cooks forget.", "A spoon holds 15 ml.", title=title)
    assert describe(page).topic == ""


def test_what_to_look_out_for_at_the_end_is_not_the_topic() -> None:
    page = article(
        "The day after a new sport is fine, and the second is the one on which you walk down the stairs backward.",
        "Dark urine is a reason to be seen the same day.",
        title="What your muscles are telling you",
    )
    assert describe(page).topic == ""


def test_a_bare_adjective_is_no_topic() -> None:
    page = article(
        "Most people feel it for two days. Meanwhile, a slow walk is the best that you can do.",
        title="Sore after sport? What your muscles tell you",
    )
    assert describe(page).topic == ""


def test_a_name_that_stands_out_in_the_lead_is_the_topic() -> None:
    page = article(
        "Gout comes at night and hurts.",
        "It may be set off by:",
        "- Stress",
        "- Diabetes",
        title="The toe on fire",
    )
    assert describe(page).topic == "gout"


@pytest.mark.parametrize(
    "headings", [["Slipped disc", "Pregnancy", "Old age"], ["Is melatonin safe for children?"]]
)
def test_one_heading_about_people_is_a_section(headings: list[str]) -> None:
    page = article(*(Block(heading, "h2") for heading in headings), "It passes by itself.", title="Sciatica")
    assert describe(page).population == ""


def test_findings_are_sound_whatever_the_text() -> None:
    rng = random.Random(3)
    words = [
        *(
            [
                "cause",
                "of",
                "the",
                "pain",
                "is",
                "a",
                "cold",
                "drink",
                "see",
                "your",
                "doctor",
                "if",
                "1.",
                "2.",
                "•",
                "-",
                ":",
                "?",
                "avoid",
                "may",
                "not",
                "due",
                "to",
            ]
        ),
        *string.punctuation,
    ]
    for _ in range(60):
        lines = [" ".join(rng.choices(words, k=rng.randrange(1, 25))) for _ in range(rng.randrange(1, 12))]
        page = article(*lines, title=" ".join(rng.choices(words, k=4)))
        found = find(page)
        for finding in found:
            assert 0 <= finding.start < finding.end <= len(page.text)
            assert page.text[finding.start : finding.end].strip()
            assert 0.0 <= finding.confidence <= 1.0
            assert finding.label
            assert -1 <= finding.parent < len(found)
            assert all(0 <= start < end <= len(page.text) for start, end in finding.also)


@pytest.mark.parametrize(
    "line",
    [
        "- Lack of sleep causes headaches",
        "Headaches are caused by stress.",
        "What causes headaches?",
        "1. Rest: sleep well at night",
    ],
)
def test_a_long_page_takes_linear_time(line: str) -> None:
    def seconds(n: int) -> float:
        page = article(*[f"{line} {i}." for i in range(n)], title="Headaches")
        return min(timeit.repeat(lambda: find(page), number=1, repeat=2, timer=time.process_time))

    assert seconds(1_200) < 12 * seconds(300) + 0.05


def test_an_empty_article_has_no_findings() -> None:
    assert find(article("")) == []
    assert describe(article("")).topic == ""


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("What may be behind it", "cause"),
        ("Where the pain comes from", "cause"),
        ("How you catch it", "cause"),
        ("Risk groups", "risk_factor"),
        ("What to look out for", "symptom"),
        ("How it shows", "symptom"),
        ("What parents can do", "self_care"),
        ("Quick help", "self_care"),
        ("How to keep it away", "prevention"),
        ("Call right away if", "see_doctor"),
        ("Off to the doctor", "see_doctor"),
        ("What the doctor prescribes", "treatment"),
    ],
)
def test_plain_headings_have_a_role(heading: str, role: str) -> None:
    units = lay_out(
        article(Block(heading, "h2"), li("Some words", 0, 1), li("Other words", 0, 2)), cues_of("en"), None
    )
    assert {unit.heading_role for unit in units} == {role}


def test_advice_that_has_grown_on_to_a_list_of_causes_is_advice() -> None:
    page = article(
        Block("Reasons for tired eyes", "h2"),
        *(
            li(text, 0, number)
            for number, text in enumerate(
                [
                    "Too little light at the desk",
                    "Dry air from the heating",
                    "A screen that stands too close",
                    "Look at something far away every 20 minutes",
                    "Lower the screen so that you look slightly down",
                    "Use lubricating drops without preservatives",
                    "Drink enough water during the day",
                    "Ask an optician for glasses for the screen",
                ],
                1,
            )
        ),
        title="Tired eyes",
    )
    assert [GROUPS[f.role] for f in find(page)] == ["cause"] * 3 + ["advice"] * 5


def test_prose_under_research_and_outlook_is_closed() -> None:
    units = lay_out(
        article(Block("What research is being done?", "h2"), "New drugs are tried.", Block("Causes", "h2"), "A virus."),
        cues_of("en"),
        None,
    )  # fmt: skip
    assert [unit.closed for unit in units] == [True, False]


def test_a_word_that_opens_a_paragraph_belongs_to_its_explanation() -> None:
    page = article(
        "Who gets nosebleeds more often?",
        "Boys. Their noses bleed twice as often up to the age of ten.",
        "Flying. The dry air of a cabin raises the risk for a day or two.",
        title="Nosebleeds",
    )
    assert [page.text[f.start : f.end] for f in find(page)] == [
        "Boys. Their noses bleed twice as often up to the age of ten.",
        "Flying. The dry air of a cabin raises the risk for a day or two.",
    ]
    assert [f.label for f in find(page)] == ["Boys", "Flying"]


def test_titles_glued_to_their_text_name_symptoms() -> None:
    page = article(
        "Signs of dehydration tend to come together.Dry mouthYour body saves water and makes little spit. The tongue sticks."
        "Dark urineThe kidneys hold water back.Sore headA lack of fluid makes the head ache.",
        title="Symptoms of dehydration",
    )
    assert [(f.role.value, f.label) for f in find(page) if f.list_id >= 0] == [
        ("symptom", "Dry mouth"), ("symptom", "Dark urine"), ("symptom", "Sore head"),
    ]  # fmt: skip


def test_symptoms_that_something_is_likelier_to_cause_are_symptoms() -> None:
    page = article(
        "Large styes are also more likely to cause other symptoms beside the lump, including:",
        "- fever", "- tiredness", "- watery eyes",
        title="Styes",
    )  # fmt: skip
    assert {f.role.value for f in find(page)} == {"symptom"}
