"""Names of people, places and firms for a county that does not exist."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from . import identity

COUNTY = "汀岚县"
PROVINCE = "海岭省"
TOWNSHIPS = (
    "白鹭镇", "杉木乡", "桐花镇", "石桅乡", "蓼溪镇", "云坞乡", "荞坪镇", "鹿门乡", "砚湾镇", "茶亭乡", "鹤洲镇", "枫林乡",
    "青篱镇", "罗盘乡",
)  # fmt: skip
_TOWN_TAGS = ("BL", "SM", "TH", "SW", "LX", "YW", "QP", "LM", "YN", "CT", "HZ", "FL", "QL", "LP")
_PLACE_HEADS = (
    "梨花", "石臼", "荷叶", "柿树", "鹰岩", "半山", "龙潭", "麦地", "楠竹", "乌桕", "晒谷", "黄泥", "鹿角", "铜锣", "枫香",
    "芦花", "棠梨", "青石", "磨盘",
    "官塘", "杨梅", "落雁", "沙罐", "瓦窑", "桑园", "水碾", "凉亭", "斑竹", "榨油", "马蹄",
)  # fmt: skip
_PLACE_TAILS = ("渡", "坪", "湾", "坎", "冲", "坳", "垭", "畈", "滩", "岭", "桥", "坝", "寨", "沟", "塆", "垄")
_FIELD_HEADS = ("河", "井", "庙", "桥", "窑", "磨", "渠", "碑")
_FIELD_TAILS = ("后", "左", "右", "下", "上", "背", "前")
_SURNAMES = "丁万于甘古左包史白冉冯司邓田石龙卢叶全向牟阮江池汤汪肖岑余冷邱辛宋孟贺姚骆聂"
_GIVEN_FIRST = "伯仲春夏冬永长大世仁义礼智信忠孝廉勤俭素玉月淑慧雨雪竹松柏桂兰菊梅"
_GIVEN_LAST = "山河川林森田野安宁平顺泰康健芝英芬芳莲珍娥姣娟秀华荣富贵庆祥瑞和谦恒"
_FIRM_WORDS = ("禾穗", "丰畴", "青穗", "金垄", "沃野", "稻香", "碧畦", "牧歌", "丘谷", "翠岗", "新畲", "云梯")
_SHOP_WORDS = ("巧匠", "便民", "诚达", "安顺", "宏图", "立新", "捷成", "百工", "东升", "顺途")
_SHOP_TRADES = ("经营部", "商行", "服务部", "综合服务队", "便民服务站", "工程服务部")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    id_no: str


@dataclass
class Census:
    """Draws people whose names are all different, so that one name means one person."""

    rng: random.Random
    taken: set[str] = field(default_factory=set)

    def person(self) -> Person:
        while True:
            name = self.rng.choice(_SURNAMES) + self.rng.choice(_GIVEN_FIRST) + self.rng.choice(("", *_GIVEN_LAST))
            if name not in self.taken:
                self.taken.add(name)
                born = dt.date(1948, 1, 1) + dt.timedelta(days=self.rng.randrange(365 * 54))
                return Person(name, identity.citizen_id(self.rng, born))

    def firm(self, kind: str) -> Person:
        """A cooperative (kind 93) or a company (kind 91), told by its credit code."""
        tail = "种养专业合作社" if kind == "93" else "建设工程有限公司"
        name = self._once(lambda: COUNTY[:2] + self.rng.choice(_FIRM_WORDS) + self._more() + tail)
        return Person(name, identity.credit_code(self.rng, kind))

    def shop(self) -> str:
        return self._once(self._shop)

    def _shop(self) -> str:
        owner = self.rng.choice(_SURNAMES) + self._more()
        return owner + self.rng.choice(_SHOP_WORDS) + self.rng.choice(_SHOP_TRADES)

    def _more(self) -> str:
        """None, one or two characters that tell names apart."""
        last: list[str] = ["", *_GIVEN_LAST]
        first: list[str] = ["", "", *_GIVEN_FIRST]
        return self.rng.choice(last) + self.rng.choice(first)

    def _once(self, draw: Callable[[], str]) -> str:
        while True:
            name = draw()
            if name not in self.taken:
                self.taken.add(name)
                return name


def village_names(rng: random.Random, count: int) -> list[str]:
    """`count` different village names, the heads all different as long as they last."""
    tails = list(_PLACE_TAILS)
    rng.shuffle(tails)
    heads = list(_PLACE_HEADS)
    rng.shuffle(heads)
    return [f"{heads[i % len(heads)]}{tails[(i + i // len(heads)) % len(tails)]}村" for i in range(count)]


LARGEST = len(_PLACE_HEADS) * len(_PLACE_TAILS)


def township_tag(index: int) -> str:
    """The letters with which a township's numbers begin."""
    return _TOWN_TAGS[index % len(_TOWN_TAGS)]


def field_names(rng: random.Random, count: int) -> list[str]:
    """Names of fields, different within one organisation."""
    return rng.sample([a + b for a in _FIELD_HEADS for b in _FIELD_TAILS], count)
