"""``docs/rulebook.md``: the rule book's seeds as a document that an official can read."""

from __future__ import annotations

from decimal import Decimal

from scripts.docs.markdown import NOTHING, ROOT, RULEBOOK, Row, code, document, generated_note, read_csv, table

PARAMETER_STATUS = {"text": "text 原文明定", "draft": "draft 草案", "decided": "decided 已裁定"}
FORCES = {
    "quota": "quota 定额",
    "duty": "duty 应做",
    "conditional": "conditional 有条件的",
    "strive": "strive 努力方向",
    "encouraged": "encouraged 鼓励",
    "trend": "trend 趋势",
}
EXAMPLES = {"pass": "达标例 Passes", "fail": "未达标例 Fails"}
SCORE_KINDS = {
    "own": "own 本级职责",
    "superior": "superior 上级保障",
    "member_unit": "member_unit 成员单位（不计入得分）",
}
COUNTS_AS = {"base": "base 计入总分", "extra": "extra 另行加减"}

INTRODUCTION = """
本册列出现行规则：每条规则引自文件原文，写明指标、标准、责任单位、口径选择和计分权重。
规则是数据，修改规则只改 `dbt_project/seeds/rulebook/`，不改程序。

The rule book in force: each rule with the sentence it stands on, its indicator and bounds, who owes it, the readings
that the text leaves open, and its weight. The text itself is [document.zh.txt](document.zh.txt). Rules are data in
`dbt_project/seeds/rulebook/`; how to change one is told in [CONTRIBUTING.md](../CONTRIBUTING.md).
"""


def _seed(name: str) -> list[Row]:
    return read_csv(RULEBOOK / f"{name}.csv")


def _is_in_force(rule: Row, choices: dict[str, str]) -> bool:
    """Whether the rule is the reading that the rulings chose."""
    return not rule["ruling_code"] or choices[rule["ruling_code"]] == rule["ruling_choice"]


def bounds(rule: Row, measure_unit: str) -> str:
    """The standard of a rule in figures, such as ``≥ 10 人``."""
    lower, upper = rule["lower_bound"], rule["upper_bound"]
    if rule["operator"] == "eq":
        text = f"= {lower}"
    elif rule["operator"] == "between":
        text = f"{lower}–{upper}"
    else:
        text = f"≥ {lower}" if rule["operator"] == "ge" else f"≤ {upper}"
    return f"{text} {measure_unit}"


def _points(thousandths: str) -> str:
    return f"{(Decimal(thousandths) / 1000).normalize():f}"


def _overview(in_force: list[Row], clauses: dict[str, Row], indicators: dict[str, Row]) -> str:
    rows = [
        (
            code(rule["rule_id"]),
            f"“{clauses[rule['clause_id']]['quote_zh']}”",
            bounds(rule, indicators[rule["indicator_code"]]["measure_unit_zh"]),
            f"{rule['owed_by_zh']}（{rule['owed_by']}）",
            PARAMETER_STATUS[rule["parameter_status"]],
        )
        for rule in in_force
    ]
    header = ("规则 Rule", "原文 Quote", "标准 Bounds", "责任单位 Owed by", "参数 Parameter")
    return document("## 规则一览 Rules at a glance", table(header, rows))


def _formula_and_examples(rule: Row, book: _Book) -> list[tuple[str, str]]:
    """How the value of one reading is computed, and a value that passes and one that fails, in both languages."""
    indicator = book.indicators[rule["indicator_code"]]
    unit = indicator["measure_unit_zh"]
    examples = [
        (
            EXAMPLES[row["example"]],
            f"{row['value']} {unit}：{row['situation_zh']} — {row['situation_en']}",
        )
        for row in book.examples
        if (row["rule_id"], row["indicator_code"]) == (rule["rule_id"], rule["indicator_code"])
    ]
    return [("公式", indicator["formula_zh"]), ("Formula", indicator["formula_en"]), *examples]


def _readings(rules: list[Row], book: _Book) -> str:
    """The readings of one rule, with what each would change; empty when the text has only one."""
    ruling = book.rulings.get(rules[0]["ruling_code"])
    if ruling is None:
        return ""
    rows, others = [], []
    for rule in rules:
        indicator = book.indicators[rule["indicator_code"]]
        is_default = rule["ruling_choice"] == ruling["choice"]
        reading = f"{indicator['name_zh']} {bounds(rule, indicator['measure_unit_zh'])}"
        rows.append((code(rule["ruling_choice"]), "是 yes" if is_default else "", reading, indicator["name_en"]))
        if not is_default:
            title = f"改为 When it were {code(rule['ruling_choice'])}"
            others.append(table((title, ""), _formula_and_examples(rule, book)))
    header = ("选择 Choice", "现行 In force", "口径", "Reading")
    return document(
        f"口径 Ruling `{ruling['ruling_code']}`",
        table(header, rows),
        f"- 理由：{ruling['reason_zh']}\n- Why: {ruling['reason_en']}\n"
        f"- 改动的影响：{ruling['effect_zh']}\n- Effect of the alternative: {ruling['effect_en']}",
        *others,
    )


def _left_open(clause: Row) -> str:
    """What the text of a clause leaves open, in both languages."""
    return f"{clause['open_parameter_zh']} — {clause['open_parameter']}" if clause["open_parameter"] else ""


def _rule_section(rules: list[Row], chosen: Row, book: _Book) -> str:
    clause, indicator = book.clauses[chosen["clause_id"]], book.indicators[chosen["indicator_code"]]
    items = [row for row in book.items if (row["reads"], row["reads_code"]) == ("rule", chosen["rule_id"])]
    weights = [
        f"{row['unit_level']} / {SCORE_KINDS[row['score_kind']]} {row['points']}（{COUNTS_AS[row['counts_as']]}）"
        for row in items
    ]
    reasons = [f"{row['reason_zh']} {row['reason_en']}" for row in book.unscored if row["rule_id"] == chosen["rule_id"]]
    facts = [
        ("条款 Clause", f"{code(chosen['clause_id'])}（{clause['section']}）“{clause['quote_zh']}”"),
        ("指标 Indicator", f"{code(chosen['indicator_code'])} {indicator['name_zh']} — {indicator['name_en']}"),
        *_formula_and_examples(chosen, book),
        ("粒度 Grain", indicator["grain"]),
        ("标准 Bounds", f"{bounds(chosen, indicator['measure_unit_zh'])}（{code(chosen['operator'])}）"),
        ("责任单位 Owed by", f"{chosen['owed_by_zh']}（{chosen['owed_by']}）"),
        ("参数 Parameter", PARAMETER_STATUS[chosen["parameter_status"]]),
        ("原文留待确定 Left open by the text", _left_open(clause)),
        ("权重 Weight", "；".join(weights + reasons)),
        ("依据 Evidence", f"{code(indicator['evidence_model'])}.{code(indicator['evidence_flag'])}"),
        ("未达标提示 Message", chosen["message_zh"]),
        ("整改 Remedy", chosen["remedy_zh"]),
    ]
    return document(
        f"### {chosen['rule_id']} {indicator['name_zh']}",
        table(("项目 Item", "内容 Content"), facts),
        _readings(rules, book),
    )


class _Book:
    """The seeds of the rule book, by their keys."""

    def __init__(self) -> None:
        self.clauses = {row["clause_id"]: row for row in _seed("clauses")}
        self.indicators = {row["indicator_code"]: row for row in _seed("indicators")}
        self.rulings = {row["ruling_code"]: row for row in _seed("rulings")}
        self.examples = _seed("rule_examples")
        self.items = _seed("score_items")
        self.unscored = _seed("unscored_rules")
        choices = {ruling: row["choice"] for ruling, row in self.rulings.items()}
        self.rules: dict[str, list[Row]] = {}
        for rule in _seed("rules"):
            self.rules.setdefault(rule["rule_id"], []).append(rule)
        self.in_force = [rule for rules in self.rules.values() for rule in rules if _is_in_force(rule, choices)]


def _rulings(book: _Book) -> str:
    rows = []
    for ruling, row in book.rulings.items():
        others = [choice for choice in row["choices"].split("|") if choice != row["choice"]]
        alternatives = "、".join(map(code, others))
        quote = f"“{book.clauses[row['clause_id']]['quote_zh']}”"
        rows.append((code(ruling), quote, code(row["choice"]), alternatives, f"{row['effect_zh']} {row['effect_en']}"))
    header = ("口径 Ruling", "原文 Quote", "现行 Default", "其他 Alternatives", "改动的影响 Effect")
    return document(
        "## 口径选择 Rulings",
        "原文可作多种理解之处，逐项选定一种；换一种只改 `rulings.csv` 的 `choice`。\n"
        "Where the text can be read in several ways, one reading is chosen; to choose another, change `choice`.",
        table(header, rows),
    )


def _code_classes() -> str:
    classes: dict[tuple[str, str], list[str]] = {}
    for row in _seed("code_classes"):
        classes.setdefault((row["class_code"], row["code_list"]), []).append(row["value_zh"])
    rows = [(code(name), code(code_list), "、".join(values)) for (name, code_list), values in classes.items()]
    return document(
        "## 计入的选项 Code classes",
        "指标只数下列选项。Which values of a code list an indicator counts.",
        table(("类别 Class", "选项表 Code list", "计入的选项 Values that count"), rows),
    )


def _parameters() -> str:
    rows = [
        (
            code(row["parameter_code"]),
            row["name_zh"],
            row["name_en"],
            f"{row['value']} {row['measure_unit_zh']}",
            PARAMETER_STATUS[row["parameter_status"]],
            f"{row['reason_zh']} {row['reason_en']}",
        )
        for row in _seed("parameters")
    ]
    header = ("参数 Parameter", "含义", "Meaning", "取值 Value", "状态 Status", "理由 Why")
    return document(
        "## 其他参数 Parameters",
        "规则标准之外的数，如“较多”的界限。Numbers that rules need besides their bounds, such as what “many” means.",
        table(header, rows),
    )


def _time() -> str:
    stages = [
        (
            code(row["stage_code"]),
            row["name_zh"],
            row["first_period"],
            row["last_period"],
            row["accepts_draft"],
            row["appeal_days"],
        )
        for row in _seed("stages")
    ]
    calendar = [
        (f"{row['first_period']} – {row['last_period']}", row["deadline_days_after_end"], row["deadline_time"])
        for row in _seed("reporting_calendar")
    ]
    notices = [
        (code(row["notice_id"]), row["title_zh"], row["issued_on"], row["deadline_at"], row["period"])
        for row in _seed("notices")
    ]
    return document(
        "## 时间 Time",
        "### 阶段 Stages",
        table(
            ("阶段 Stage", "名称 Name", "首期 First", "末期 Last", "草案计入 Counts drafts", "申诉天数 Appeal days"),
            stages,
        ),
        "### 报送期限 Reporting calendar",
        "北京时间。Days after the end of the quarter, Asia/Shanghai time.",
        table(("各期 Periods", "期末后天数 Days", "时刻 Time"), calendar),
        "### 通知 Notices",
        "`deadline_at` 为世界时（UTC），北京时间加8小时。Stored in UTC; Shanghai time is 8 hours later.",
        table(("编号 Notice", "标题 Title", "印发 Issued", "截止 Deadline (UTC)", "计入 Counts in"), notices),
    )


def _papers() -> str:
    rows = [
        (
            code(row["paper_code"]),
            row["name_zh"],
            f"{row['unit_level']} / {SCORE_KINDS[row['score_kind']]}",
            row["total_points"],
            row["na_policy"],
        )
        for row in _seed("papers")
    ]
    return table(("计分表 Paper", "名称 Name", "层级 Level", "总分 Total", "不适用时 Not applicable"), rows)


def _items(book: _Book) -> str:
    groups = {(row["paper_code"], row["group_code"]): row["name_zh"] for row in _seed("score_groups")}
    rows = [
        (
            code(row["item_code"]),
            row["name_zh"],
            f"{row['unit_level']} / {SCORE_KINDS[row['score_kind']]}",
            f"{groups[row['paper_code'], row['group_code']]}（{row['group_code']}）",
            f"{row['reads']} {code(row['reads_code'])}",
            row["method"],
            COUNTS_AS[row["counts_as"]],
            row["points"],
        )
        for row in book.items
    ]
    header = (
        *("计分项 Item", "名称 Name", "层级 Level", "组别 Group", "取数 Reads", "方法 Method", "计法 Counts as"),
        "分值 Points",
    )
    return table(header, rows)


def _bands() -> str:
    rows = [
        (
            code(row["band_code"]),
            row["name_zh"],
            row["lower_score"],
            row["lower_share"] and f"{_points(row['lower_share'] + '00')} %",
            row["max_unit_share"] and f"{_points(row['max_unit_share'] + '00')} %",
        )
        for row in _seed("bands")
    ]
    return table(("等次 Band", "名称 Name", "最低分 From", "最低得分率 Least share", "单位比例上限 At most"), rows)


def _scores(book: _Book) -> str:
    unscored = [
        (code(row["paper_code"]), code(row["rule_id"]), row["reason_zh"], row["reason_en"]) for row in book.unscored
    ]
    return document(
        "## 计分 Scores",
        "计分表全部是数据，写法见 [scoring.md](scoring.md)。"
        "Scoring papers are data; how to write one is told in [scoring.md](scoring.md).",
        "### 计分表 Papers",
        _papers(),
        "### 计分项 Items",
        "得分 = 总分 × Σ得分 ÷ Σ分值，只计可评判的项，以千分之一分的整数计算。\n"
        "Score = total × Σ earned ÷ Σ points over the items that could be judged, in whole thousandths.",
        _items(book),
        "### 不计分的规则 Rules without points",
        table(("计分表 Paper", "规则 Rule", "理由", "Why"), unscored),
        "### 等次 Bands",
        _bands(),
    )


def _outcomes() -> str:
    becomes = [
        (
            code(row["status"]),
            row["is_evaluated"],
            *(code(row[f"when_{case}"]) for case in ("met", "unmet", "null", "draft")),
        )
        for row in read_csv(ROOT / "expectations" / "outcomes.csv")
    ]
    texts = [
        (code(row["outcome"]), code(row["status"]), row["outcome_zh"], row["message_zh"], row["remedy_zh"])
        for row in _seed("outcome_texts")
    ]
    states = [
        (code(row["state"]), row["name_zh"], row["message_zh"], row["is_reported"])
        for row in _seed("submission_states")
    ]
    return document(
        "## 结果 Outcomes",
        "六种结果合计等于应评判的全部对象。The six outcomes add up to everything that was to be judged.",
        table(("数值状态 Status", "评判 Judged", "达到 Met", "未达到 Unmet", "无数值 No value", "草案 Draft"), becomes),
        table(("结果 Outcome", "数值状态 Status", "名称 Name", "说明 Message", "办法 Remedy"), texts),
        "### 报送状态 States of a submission",
        table(("状态 State", "名称 Name", "说明 Message", "已报 Reported"), states),
    )


def _all_clauses(book: _Book) -> str:
    def owed_by(clause_id: str) -> str:
        levels = [rule["owed_by_zh"] for rule in book.in_force if rule["clause_id"] == clause_id]
        return "、".join(dict.fromkeys(levels))

    rows = [
        (
            code(key),
            row["section"],
            f"“{row['quote_zh']}”",
            FORCES[row["force"]],
            f"{owed_by(key)}（{row['owed_by']}）",
            row["grain"],
            _left_open(row),
            "、".join(code(rule["rule_id"]) for rule in book.in_force if rule["clause_id"] == key),
        )
        for key, row in book.clauses.items()
    ]
    header = (
        *("条款 Clause", "章节 Section", "原文 Quote", "约束力 Force", "责任 Owed by", "粒度 Grain", "待定 Open"),
        "规则 Rules",
    )
    judged = len({rule["clause_id"] for rule in book.in_force})
    return document(
        "## 全部条款 All clauses",
        f"文件中可衡量的{len(rows)}句，其中{judged}句已有规则。"
        f"The {len(rows)} measurable sentences of the document; {judged} of them have rules.",
        table(header, rows),
    )


def _versions() -> str:
    rows = [
        (code(row["rulebook_version"]), row["name_zh"], row["valid_from"], row["valid_to"] or NOTHING)
        for row in _seed("rulebook_versions")
    ]
    return document("## 版本 Versions", table(("版本 Version", "名称 Name", "生效 From", "失效 To"), rows))


def render() -> str:
    """The whole document."""
    book = _Book()
    chosen = {rule["rule_id"]: rule for rule in book.in_force}
    return document(
        "# 规则手册 Rule book",
        generated_note("`dbt_project/seeds/rulebook/*.csv` and `expectations/outcomes.csv`"),
        INTRODUCTION,
        _versions(),
        _overview(book.in_force, book.clauses, book.indicators),
        "## 规则 Rules",
        *(_rule_section(rules, chosen[rule_id], book) for rule_id, rules in book.rules.items()),
        _rulings(book),
        _code_classes(),
        _parameters(),
        _time(),
        _scores(book),
        _outcomes(),
        _all_clauses(book),
    )
