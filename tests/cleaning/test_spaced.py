"""Chinese with a space between its characters."""

import pytest

from cleaning import clean_text
from cleaning.blocks import Block
from cleaning.spaced import close, closed, is_spread

SPREAD = """其 他 毛 病

蕁 麻 疹

蕁 麻 疹 是 常 見 的 皮 膚 毛 病 ， 皮 膚 上 會 長 出 一 塊 塊 又 紅 又 癢 的 風 團 ， 多 數 人 一 天 之 內 會 消 退 。

成 因

  • 食 物 ， 例 如 海 鮮 和 蛋
  • 藥 物
  • 2019 年 的 感 染
"""


def test_a_page_that_is_spread_out_is_closed() -> None:
    article = clean_text(SPREAD)
    assert "蕁麻疹是常見的皮膚毛病，皮膚上會長出" in article.text
    assert article.facts.title == "其他毛病"
    items = [article.text[p.start : p.end] for p in article.passages if p.kind == "item"]
    assert items == ["食物，例如海鮮和蛋", "藥物", "2019 年的感染"]
    assert article.text == "\n".join(v.block.text for v in article.verdicts if v.reason is None)


def test_a_bold_label_stays_bold() -> None:
    assert closed(Block("成 因 ： 遺 傳", "p", bold=5)) == Block("成因：遺傳", "p", bold=3)


@pytest.mark.parametrize("text", ["病因 症状 治疗", "多喝水 少吃盐", "A B C D", ""])
def test_spaces_between_words_stay(text: str) -> None:
    assert not is_spread([Block(text, "line")])


def test_spaces_beside_letters_and_numbers_stay() -> None:
    assert close("每 天 2 次 ， 用 A 型 的 藥") == "每天 2 次，用 A 型的藥"
