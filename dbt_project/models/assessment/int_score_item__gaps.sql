{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('int_score_item__in_stage') }}
),

raw_items as (
    select * from {{ ref('score_items') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

papers as (
    select * from {{ ref('papers') }}
),

score_groups as (
    select * from {{ ref('score_groups') }}
),

unscored_rules as (
    select * from {{ ref('unscored_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

tiered_items as (
    select distinct
        paper_code,
        item_code
    from {{ ref('score_item_tiers') }}
),

items_with_kinds as (
    select distinct
        paper_code,
        item_code
    from {{ ref('score_item_kinds') }}
),

facts_not_there as (
    {{ counts_that_are_not_there() }}
),

checked as (
    select
        items.paper_code,
        items.item_code,
        case
            when items.reads = 'rule' and rules.rule_id is null
                then 'score_items.csv, reads_code: it reads a rule that is not in force'
            when items.reads = 'indicator' and indicators.indicator_code is null
                then 'score_items.csv, reads_code: it reads an indicator that the level does not have'
            when score_groups.group_code is null then 'score_items.csv, group_code: its group is not in the paper'
            when items.method = 'tiered' and tiered_items.item_code is null
                then 'score_item_tiers.csv, item_code: a tiered item has no tiers'
            when items.method = 'by_kind' and items_with_kinds.item_code is null
                then 'score_item_kinds.csv, item_code: an item by kind has no kinds'
            when items.method = 'by_kind' and items.reads = 'fact' and items.kind_column = ''
                then 'score_items.csv, kind_column: an item by kind has no kind_column'
            when items.reads = 'fact' and facts_not_there.fact_name is not null
                then 'score_items.csv, reads_code, kind_column, flag_column: no such table of facts, or no such column in it'
            when items.reads = 'fact' and items.over_periods not in ('latest', 'sum')
                then 'score_items.csv, over_periods: rows of facts come together over the periods as latest or sum'
            when
                items.reads = 'report'
                and items.reads_code not in ('expected', 'reported', 'on_time', 'late', 'nil', 'missing', 'rejected')
                then 'score_items.csv, reads_code: it counts reports in a state that there is not'
            when items.method = 'per_unit' and items.per_unit_units is null
                then 'score_items.csv, per_unit: points per unit are missing'
            when
                items.method = 'deduction'
                and items.per_unit_units is null
                and (items_with_kinds.item_code is null or items.reads not in ('fact', 'record'))
                then 'score_items.csv, per_unit: points per unit are missing'
            when items.lower_units > items.upper_units
                then 'score_items.csv, lower_value, upper_value: the ends of the range are the wrong way round'
            when items.floor_units > items.cap_units then 'score_items.csv, cap, floor: its floor lies above its cap'
            when
                items.method in ('attainment', 'pass_fail')
                and items.reads <> 'rule'
                and coalesce(items.target_units, items.lower_units, items.upper_units) is null
                then 'score_items.csv, target: a target is missing'
            when
                items.method = 'range'
                and items.reads <> 'rule'
                and (items.lower_units is null or items.upper_units is null)
                then 'score_items.csv, lower_value, upper_value: an end of the range is missing'
            when items.counted = 'excess' and items.target_units is null then 'score_items.csv, target: a target is missing'
            when items.counted = 'missing' and items.reads <> 'rule' and items.target_units is null
                then 'score_items.csv, target: a target is missing'
            when items.counted = 'outside' and (items.lower_units is null or items.upper_units is null)
                then 'score_items.csv, lower_value, upper_value: an end of the range is missing'
        end as gap
    from items
    left join rules
        on
            items.reads = 'rule'
            and items.rulebook_version = rules.rulebook_version
            and items.reads_code = rules.rule_id
    left join indicators
        on
            items.reads = 'indicator'
            and items.reads_code = indicators.indicator_code
            and items.unit_level = indicators.unit_level
    left join score_groups
        on
            items.paper_code = score_groups.paper_code
            and items.group_code = score_groups.group_code
    left join facts_not_there
        on
            items.reads_code = facts_not_there.fact_name
            and items.kind_column = facts_not_there.kind_column
            and items.flag_column = facts_not_there.flag_column
    left join tiered_items
        on
            items.paper_code = tiered_items.paper_code
            and items.item_code = tiered_items.item_code
    left join items_with_kinds
        on
            items.paper_code = items_with_kinds.paper_code
            and items.item_code = items_with_kinds.item_code
),

unknown_words as (
    {{ unknown_score_item_words('raw_items') }}
),

misfits as (
    select
        paper_code,
        item_code,
        case
            when (reads = 'nothing') <> (method = 'veto')
                then 'score_items.csv, reads: only a veto reads nothing, and a veto reads nothing else'
            when method = 'by_kind' and reads not in ('fact', 'record')
                then 'score_items.csv, reads: only facts and records are counted by kind'
            when points < 0 then 'score_items.csv, points: points cannot be below nothing; take a deduction'
            when counts_as = 'base' and coalesce(points, 0) <= 0 then 'score_items.csv, points: a part of the total has no points'
            when cap < 0 then 'score_items.csv, cap: a cap cannot be below nothing'
            when per_unit < 0 then 'score_items.csv, per_unit: points per unit cannot be below nothing; take a deduction'
            when unit_size <= 0 then 'score_items.csv, unit_size: a unit has no size'
            when stack_keep <= 0 then 'score_items.csv, stack_keep: none of the stacking group would count'
        end as gap
    from raw_items
),

without_paper as (
    select
        raw_items.paper_code,
        raw_items.item_code,
        'score_items.csv, unit_level, score_kind: its level and kind of score are not in the paper' as gap
    from raw_items
    left join papers
        on
            raw_items.paper_code = papers.paper_code
            and raw_items.unit_level = papers.unit_level
            and raw_items.score_kind = papers.score_kind
    where papers.paper_code is null
),

-- A paper that says of some rules why they carry no points claims to be whole.
whole_papers as (
    select distinct
        stages.paper_code,
        stages.rulebook_version
    from stages
    inner join unscored_rules on stages.paper_code = unscored_rules.paper_code
),

rules_without_item as (
    select distinct
        whole_papers.paper_code,
        rules.rule_id as item_code,
        'score_items.csv, reads_code: no item reads the rule, and unscored_rules does not say why' as gap
    from whole_papers
    inner join rules on whole_papers.rulebook_version = rules.rulebook_version
    left join raw_items
        on
            whole_papers.paper_code = raw_items.paper_code
            and raw_items.reads = 'rule'
            and rules.rule_id = raw_items.reads_code
    left join unscored_rules
        on
            whole_papers.paper_code = unscored_rules.paper_code
            and rules.rule_id = unscored_rules.rule_id
    where raw_items.item_code is null and unscored_rules.rule_id is null
),

unscored_in_vain as (
    select distinct
        whole_papers.paper_code,
        unscored_rules.rule_id as item_code,
        'unscored_rules.csv, rule_id: it is listed as unscored, but is not in force or is read by an item' as gap
    from whole_papers
    inner join unscored_rules on whole_papers.paper_code = unscored_rules.paper_code
    left join rules
        on
            whole_papers.rulebook_version = rules.rulebook_version
            and unscored_rules.rule_id = rules.rule_id
    left join raw_items
        on
            whole_papers.paper_code = raw_items.paper_code
            and raw_items.reads = 'rule'
            and unscored_rules.rule_id = raw_items.reads_code
    where rules.rule_id is null or raw_items.item_code is not null
),

final as (
    select * from checked
    where gap is not null
    union all
    select * from without_paper
    union all
    select * from unknown_words
    union all
    select * from misfits
    where gap is not null
    union all
    select * from rules_without_item
    union all
    select * from unscored_in_vain
)

select * from final
