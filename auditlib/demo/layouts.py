"""How the offices of a township lay out their sheets: names, heads, columns, dates, units.

Each column is `field=header`; every header is one of those that expectations/ledgers/ lists (a test looks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Sheet:
    """One ledger in one style."""

    name: str
    title: str
    columns: tuple[tuple[str, str], ...]  # field, header
    sums: tuple[str, ...] = ()  # fields that the total row adds; none: no total row
    dates: str = "cell"  # cell | iso | dot | han
    head: tuple[str, ...] = ("title", "org")  # lines above the header: title, org, unit, blank
    unit: str = ""  # 元 | 万元, told in the head
    two_rows: bool = False  # balance columns under 期初余额, 本期发生额, 期末余额
    square_metres: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of one township's offices."""

    sheets: Mapping[str, Sheet]
    numbers: Mapping[str, str]  # patterns of the records' own numbers
    org_head: str  # how the organisation is told above a table
    footer: str
    total: str  # the word of a total row
    zero: bool  # whether nothing is written as 0
    held: tuple[str, str]  # yes and no of `original_held` and `minutes_held`
    codes_as_numbers: bool
    workbook: str
    group_workbook: str
    agency_file: str
    statement: str  # file name of a bank statement
    encoding: str


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((f, h) for f, _, h in (pair.partition("=") for pair in text.split()))


def _sheet(name: str, title: str, text: str, sums: str = "", **options: object) -> Sheet:
    return Sheet(name, title, _columns(text), tuple(sums.split()), **options)  # type: ignore[arg-type]


_ORG = "org_code=单位代码 org_name=单位名称 "
_SIX_A = "opening_debit=借方 opening_credit=贷方 debit=借方 credit=贷方 closing_debit=借方 closing_credit=贷方"
_SIX_B = (
    "opening_debit=年初借方余额 opening_credit=年初贷方余额 debit=本年累计借方 credit=本年累计贷方 "
    "closing_debit=年末借方余额 closing_credit=年末贷方余额"
)
_SIX = "opening_debit opening_credit debit credit closing_debit closing_credit"
_YUAN = {"unit": "元"}

_MERGED = {
    "trial_balance": _sheet("余额2025", "2025年度科目余额表", "account_code=科目代码 account_name=会计科目 " + _SIX_A, _SIX,
    two_rows=True, **_YUAN),
    "trial_balance_prior": _sheet("余额2024", "2024年度科目余额表", "account_code=科目代码 account_name=会计科目 " + _SIX_A, _SIX,
    two_rows=True, **_YUAN),
    "journal": _sheet(
        "凭证", "2025年记账凭证序时簿",
        "date=制单日期 voucher_no=凭证字号 line_no=行号 summary=业务摘要 account_code=科目代码 account_name=会计科目 "
        "detail=明细科目 "
        "counterparty=往来单位 debit=借方 credit=贷方 attachments=附件张数 invoice_no=发票号码 handler=经办人 approver=批准人 "
        "preparer=制单 "
        "reviewer=复核 entered_on=录入时间 decision_no=决议号", "debit credit", dates="dot", **_YUAN),
    "bank_accounts": _sheet("账户", "银行账户登记表", "holder=账户名称 account_no=银行账号 bank=开户行 purpose=账户性质 "
    "status=账户状态 filed=是否已备案"),
    "fixed_assets": _sheet(
        "固定资产", "固定资产登记簿",
        "asset_no=资产编码 name=固定资产名称 category=资产类别 nature=经营性质 location=坐落地点 quantity=账面数量 unit=计量单位 "
        "acquired_on=购建时间 "
        "original_value=账面原值 useful_life_years=折旧年限 residual_rate=净残值率 accumulated_depreciation=已提折旧 "
        "net_value=账面净值 "
        "use_status=使用情况 user=使用单位 contract_no=合同号 idle_since=闲置时间",
        "original_value accumulated_depreciation net_value", **_YUAN),
    "asset_count": _sheet(
        "盘点", "固定资产盘点清单",
        "asset_no=资产编码 name=资产名称 location=存放位置 quantity=实盘数量 condition=实物状况 use_status=使用情况 "
        "counted_on=盘点时间 counted_by=盘点人员",
        dates="dot"),
    "resources": _sheet(
        "资源", "资源性资产登记簿",
        "parcel_no=地块编码 name=小地名 land_class=土地类型 location=四至 area_mu=总面积(亩) household_mu=已承包到户面积(亩) "
        "use_status=利用现状 "
        "user=经营者 contract_no=合同号 reserve_land=机动地", "area_mu household_mu"),
    "resource_survey": _sheet("测绘", "确权测绘成果表", "parcel_no=地块编码 land_class=土地类型 area_mu=实测面积(亩)", "area_mu"),
    "contracts": _sheet(
        "合同", "经济合同登记簿",
        "contract_no=合同号 name=合同事项 kind=合同类别 party_b=乙方名称 party_b_id=证件号码 subject_no=标的物编号 "
        "area_mu=合同面积(亩) "
        "signed_on=签约日期 starts_on=起始日期 ends_on=终止日期 annual_rent=年租金额 total=合同总价 decision_no=决议号 "
        "trade_no=平台交易号 "
        "original_held=合同原件 status=合同状态", **_YUAN),
    "receipts": _sheet(
        "收租", "租金收缴登记", "contract_no=合同号 due_on=约定收款日期 amount_due=应收租金 received_on=到账日期 "
        "amount_received=实收租金 voucher_no=记账凭证号",
        "amount_due amount_received", **_YUAN),
    "claims": _sheet(
        "往来", "往来款项清单",
        "claim_no=往来编号 kind=款项性质 account_code=科目代码 counterparty=往来单位(个人) arisen_on=形成日期 due_on=约定到期日 "
        "amount=账面余额 "
        "last_movement_on=最近往来日期 decision_no=决议号", **_YUAN),
    "members": _sheet(
        "成员", "成员(股东)名册", "member_no=股权证号 name=成员姓名 id_no=公民身份号码 household_no=户编号 shares=股份数 "
        "status=成员状态 joined_on=入社日期", "shares"),
    "distributions": _sheet(
        "分红", "2025年度分红花名册", "fiscal_year=分红年度 member_no=股权证号 name=股东姓名 shares=股份数 amount=实发金额 "
        "paid_on=兑付日期", "shares amount", **_YUAN),
    "projects": _sheet(
        "工程", "工程项目登记表",
        "project_no=项目编码 name=工程名称 kind=工程类型 budget=预算总额 contract_amount=中标价 grant=上级补助 "
        "self_raised=集体自筹 paid=累计付款 "
        "tender=采购方式 supplier=承建单位 started_on=开工时间 completed_on=竣工日期 accepted_on=竣工验收日期 "
        "capitalised_on=转固时间 asset_no=形成资产编号",
        "budget contract_amount grant self_raised paid", **_YUAN),
    "handover": _sheet(
        "移交", "财务移交清单",
        "item_class=移交类型 item_no=移交序号 item=移交内容 quantity_out=移交数量 amount_out=移交金额 quantity_in=接收数量 "
        "amount_in=接收金额 "
        "handed_by=移交人 received_by=接收人 supervised_by=监交人员 elected_on=选举日期 handed_on=交接日期", dates="dot",
        **_YUAN),
    "disclosures": _sheet("公开", "财务公开登记表", "period=公开期间 item=公开内容 amount=公开金额 published_on=公示日期 "
    "method=公示方式", **_YUAN),
    "decisions": _sheet(
        "会议", "民主决策登记",
        "decision_no=决议号 held_on=召开日期 body=会议类型 subject=议决事项 entitled=应到会人数 present=实到会人数 "
        "in_favour=赞成票数 minutes_held=记录存档"),
    "inspections": _sheet(
        "巡查", "资产安全检查记录",
        "asset_no=资产编码 planned_on=应检日期 inspected_on=检查日期 inspector=检查人 result=检查结果 hazard=隐患情况 "
        "fixed_on=整改完成日期"),
    "agency_trial_balance": _sheet(
        "代理账余额", "2025年度委托代理中心科目余额表", "org_name=核算单位 fiscal_year=会计年度 account_code=科目代码 "
        "account_name=会计科目 " + _SIX_B, _SIX, **_YUAN),
    "bank_statement": _sheet(
        "", "账户交易明细",
        "account_no=本方账号 date=交易日期 memo=交易摘要 counterparty=对方名称 counterparty_account=对方账号 paid_out=支出金额 "
        "paid_in=收入金额 balance=账户余额",
        dates="iso"),
}  # fmt: skip

_HEAD_4 = ("title", "blank", "org")
_CODED = {
    "trial_balance": _sheet("科目余额表2025", "科目余额表", _ORG + "fiscal_year=年度 account_code=科目编码 account_name=科目名称 "
    "" + _SIX_B, _SIX, **_YUAN),
    "trial_balance_prior": _sheet("科目余额表2024", "科目余额表", _ORG + "fiscal_year=年度 account_code=科目编码 "
    "account_name=科目名称 " + _SIX_B, _SIX, **_YUAN),
    "journal": _sheet(
        "序时账", "会计凭证序时账",
        _ORG + "date=凭证日期 voucher_no=凭证号数 line_no=分录序号 summary=摘要 account_code=科目编码 account_name=科目名称 "
        "detail=辅助核算 "
        "counterparty=收付款单位 debit=借方金额 credit=贷方金额 attachments=附单据数 invoice_no=票据号码 handler=经手人 "
        "approver=审批人 "
        "preparer=制单人 reviewer=审核人 entered_on=报账日期 decision_no=民主决策编号", "debit credit", head=("title", "blank",
        "org", "unit"), **_YUAN),
    "bank_accounts": _sheet("银行账户", "银行账户备案表", _ORG + "account_no=账号 bank=开户银行 purpose=账户用途 holder=户名 "
    "status=状态 filed=备案情况"),
    "fixed_assets": _sheet(
        "固定资产台账", "固定资产清查登记表",
        _ORG + "asset_no=卡片编号 name=资产名称 category=资产分类 nature=资产性质 location=坐落位置 quantity=数量 unit=计量单位 "
        "acquired_on=取得时间 "
        "original_value=原值 useful_life_years=使用年限 residual_rate=残值率 accumulated_depreciation=累计折旧 net_value=净值 "
        "use_status=使用状况 "
        "user=承租人 contract_no=合同编号 idle_since=闲置起始日", "original_value accumulated_depreciation net_value",
        dates="han", **_YUAN),
    "asset_count": _sheet(
        "盘点表", "资产盘点表",
        _ORG + "asset_no=卡片编号 name=资产名称 location=存放地点 quantity=清点数量 condition=资产状况 use_status=使用状况 "
        "counted_on=清点日期 counted_by=清点人",
        dates="iso"),
    "resources": _sheet(
        "资源台账", "土地资源台账",
        _ORG + "parcel_no=宗地编号 name=地块名称 land_class=地类 location=坐落 area_mu=面积(亩) household_mu=家庭承包面积(亩) "
        "use_status=使用状态 "
        "user=承租人 contract_no=合同编号 reserve_land=是否机动地", "area_mu household_mu"),
    "resource_survey": _sheet("确权面积", "确权登记面积表", _ORG + "parcel_no=宗地编号 land_class=地类 area_mu=测量面积(平方米)",
    "area_mu", square_metres=True),
    "contracts": _sheet(
        "合同台账", "承包合同登记表",
        _ORG + "contract_no=合同编号 name=合同名称 kind=合同类型 party_b=承租方 party_b_id=承租方证件号 subject_no=资产/地块编号 "
        "area_mu=面积(亩) "
        "signed_on=签订日期 starts_on=期限起 ends_on=期限止 annual_rent=年租金 total=合同总额 decision_no=决策编号 "
        "trade_no=产权交易编号 "
        "original_held=有无原件 status=履行情况", dates="han", **_YUAN),
    "receipts": _sheet(
        "收款台账", "合同收款登记表", _ORG + "contract_no=合同编号 due_on=应收日期 amount_due=应收金额 received_on=实收日期 "
        "amount_received=实收金额 voucher_no=入账凭证号",
        "amount_due amount_received", **_YUAN),
    "claims": _sheet(
        "债权债务", "债权债务清单",
        _ORG + "claim_no=登记编号 kind=类别 account_code=科目编码 counterparty=对方单位 arisen_on=发生日期 due_on=还款期限 "
        "amount=尚欠金额 "
        "last_movement_on=最后变动日期 decision_no=决策编号", dates="iso", **_YUAN),
    "members": _sheet("成员名册", "成员花名册", _ORG + "household_no=户号 member_no=成员编号 name=姓名 id_no=身份证号码 "
    "shares=份额 status=状态 joined_on=加入日期", "shares"),
    "distributions": _sheet(
        "收益分配", "收益分配发放明细表", _ORG + "fiscal_year=年度 member_no=成员编号 name=领款人 shares=份额 amount=应发金额 "
        "paid_on=发放时间", "shares amount", **_YUAN),
    "projects": _sheet(
        "项目台账", "工程建设项目台账",
        _ORG + "project_no=工程编号 name=项目名称 kind=项目类别 budget=概算金额 contract_amount=合同价款 grant=财政补助资金 "
        "self_raised=自筹资金 paid=已付款 "
        "tender=发包方式 supplier=施工单位 started_on=开工日期 completed_on=完工时间 accepted_on=验收时间 "
        "capitalised_on=转固日期 asset_no=转固资产编号",
        "budget contract_amount grant self_raised paid", unit="万元"),
    "handover": _sheet(
        "交接清单", "三资移交清单",
        _ORG + "item_no=交接编号 item_class=交接类别 item=交接内容 quantity_out=交出数量 amount_out=交出金额 "
        "quantity_in=接管数量 amount_in=接管金额 "
        "handed_by=交出人 received_by=接管人 supervised_by=监交人 elected_on=换届日期 handed_on=交接时间", **_YUAN),
    "disclosures": _sheet("财务公开", "财务公开台账", _ORG + "period=所属时期 item=公开事项 amount=金额 published_on=张贴日期 "
    "method=公开渠道", **_YUAN),
    "decisions": _sheet(
        "民主决策", "四议两公开决议台账",
        _ORG + "decision_no=决议编号 held_on=会议时间 body=会议形式 subject=议题 entitled=应到人数 present=实到人数 "
        "in_favour=同意票数 minutes_held=有无记录", dates="han"),
    "inspections": _sheet(
        "安全巡查", "资产巡查登记", _ORG + "asset_no=资产编号 planned_on=计划巡查日期 inspected_on=实巡日期 inspector=巡查人员 "
        "result=巡查情况 hazard=安全隐患 fixed_on=整改时间"),
    "agency_trial_balance": _sheet(
        "代管余额", "2025年度代管科目余额表", _ORG + "fiscal_year=年度 account_code=科目编码 account_name=科目名称 " + _SIX_B,
        _SIX, **_YUAN),
    "bank_statement": _sheet(
        "", "历史明细",
        "account_no=账号 date=记账日期 direction=收付标志 amount=交易金额 balance=余额 counterparty=对方户名 "
        "counterparty_account=对方账号 memo=摘要", dates="iso"),
}  # fmt: skip
_CODED = {k: s if s.head != ("title", "org") else replace(s, head=_HEAD_4) for k, s in _CODED.items()}

COUNTY_SHEETS = {
    "organisations": _sheet(
        "名录", "汀岚县农村集体经济组织名录",
        "org_code=单位代码 org_name=单位全称 level=组织层级 parent_code=上级单位代码 credit_code=统一社会信用代码 "
        "head=主要负责人 accountant=会计人员 "
        "cashier=出纳人员 member_count=成员总数 households=总户数", head=("title", "blank")),
    "cadres": _sheet(
        "干部花名册", "村组干部及近亲属花名册",
        "org_code=单位代码 org_name=单位名称 name=姓名 role=担任职务 id_no=身份证号码 phone=手机号码 bank_account=银行卡号 "
        "related_to=与谁关系", head=("title", "blank")),
}  # fmt: skip

STYLES: Mapping[str, Style] = MappingProxyType({
    "merged": Style(
        _MERGED,
        {
            "voucher": "记字第{n}号", "invoice": "2599{tag}{n:06d}", "contract": "{tag}-HT{yy:02d}-{n:02d}",
            "decision": "{tag}-J{yy:02d}-{n:02d}",
            "asset": "{tag}-G{n:03d}", "parcel": "{tag}-D{n:02d}", "claim": "{tag}-W{n:02d}", "member": "{tag}-{n:03d}",
            "project": "{tag}-X{yy:02d}-{n}", "handover": "{tag}-Y{n:02d}",
        },
        "编制单位：{name}", "会计：{accountant}      出纳：{cashier}      审核：{reviewer}", "合计", False, ("是", "否"), False,
        "{village}三资台账2025.xlsx", "{name}三资台账2025.xlsx", "{township}代理记账余额表.xlsx", "{name}交易明细{last}.csv",
        "gb18030",
    ),
    "coded": Style(
        _CODED,
        {
            "voucher": "{n}", "invoice": "{tag}FP{n:05d}", "contract": "{tag}HT{year}{n:03d}", "decision": "{tag}MJ{year}{n:03d}",
            "asset": "{tag}GD{n:03d}", "parcel": "{tag}DK{n:03d}", "claim": "{tag}WL{n:03d}", "member": "{tag}CY{n:03d}",
            "project": "{tag}XM{year}{n:02d}", "handover": "{tag}YJ{n:02d}",
        },
        "填报单位：汀岚县{township}{name}", "负责人签字：{head}    制表人：{accountant}    填表日期：2026年1月9日", "总计", True,
        ("有", "无"), True,
        "三资台账.xlsx", "三资台账（第一村民小组）.xlsx", "代管中心余额表.xlsx", "对账单_{last}.csv", "utf-8-sig",
    ),
})  # fmt: skip
