{{ config(materialized='view') }}

with

score_items as (
    select * from {{ ref('int_score_item__in_stage') }}
    where reads = 'rule' and {{ changed_stages_filter('stage_code') }}
),

rules as (
    select * from {{ ref('int_rules__in_force') }}
),

indicators as (
    select * from {{ ref('indicators') }}
),

latest_results as (
    select * from {{ ref('int_stage__latest_results') }}
    where {{ changed_stages_filter('stage_code') }}
),

all_results as (
    select * from {{ ref('fct_rule_result') }}
),

answering_units as (
    select * from {{ ref('int_stage__answering_units') }}
    where {{ changed_stages_filter('stage_code') }}
),

carried as (
    select * from {{ ref('int_unit__carried_reports') }}
),

items as (
    select
        score_items.*,
        indicators.unit_level as judged_level
    from score_items
    inner join rules
        on
            score_items.rulebook_version = rules.rulebook_version
            and score_items.reads_code = rules.rule_id
    inner join indicators on rules.indicator_code = indicators.indicator_code
),

-- The latest result of each subject speaks, unless the item counts over all periods of the stage.
spoken as (
    select
        items.stage_code,
        latest_results.unit_code,
        items.unit_level,
        items.judged_level,
        items.score_kind,
        items.item_code,
        items.over_subjects,
        latest_results.outcome,
        latest_results.attainment_millionths,
        latest_results.value,
        latest_results.lower_bound
    from items
    inner join latest_results
        on
            items.stage_code = latest_results.stage_code
            and items.reads_code = latest_results.rule_id
    where items.over_periods = 'latest'
    union all
    select
        items.stage_code,
        all_results.unit_code,
        items.unit_level,
        items.judged_level,
        items.score_kind,
        items.item_code,
        items.over_subjects,
        all_results.outcome,
        all_results.attainment_millionths,
        all_results.value,
        all_results.lower_bound
    from items
    inner join all_results
        on
            items.reads_code = all_results.rule_id
            and all_results.period between items.first_period and items.last_period
    where items.over_periods <> 'latest'
    union all
    -- What a street was told before it got another code, or went into this one, counts on.
    select
        items.stage_code,
        carried.unit_code,
        items.unit_level,
        items.judged_level,
        items.score_kind,
        items.item_code,
        items.over_subjects,
        all_results.outcome,
        all_results.attainment_millionths,
        all_results.value,
        all_results.lower_bound
    from items
    inner join all_results
        on
            items.reads_code = all_results.rule_id
            and all_results.period between items.first_period and items.last_period
    inner join carried
        on all_results.unit_code = carried.part_code and all_results.period = carried.period
    where items.over_periods <> 'latest' and items.judged_level = items.unit_level
),

-- A result counts for the unit it is about; where a level answers for those below it, for their superior of that level.
answered as (
    select
        spoken.*,
        answering_units.answering_unit_code
    from spoken
    inner join answering_units
        on
            spoken.stage_code = answering_units.stage_code
            and spoken.unit_code = answering_units.unit_code
            and spoken.unit_level = answering_units.answering_level
    where
        spoken.unit_code = answering_units.answering_unit_code
        or spoken.judged_level <> spoken.unit_level
),

counted as (
    select
        stage_code,
        answering_unit_code as unit_code,
        unit_level,
        score_kind,
        item_code,
        over_subjects,
        count(*) as subject_count,
        sum(case when outcome = 'pass' then 1 else 0 end) as pass_count,
        sum(case when outcome = 'fail' then 1 else 0 end) as fail_count,
        sum(case when outcome = 'not_evaluated' then 1 else 0 end) as not_evaluated_count,
        sum(case when outcome = 'not_applicable' then 1 else 0 end) as not_applicable_count,
        sum(case when outcome = 'too_early' then 1 else 0 end) as too_early_count,
        sum(case when outcome = 'not_decided' then 1 else 0 end) as not_decided_count,
        sum(coalesce(attainment_millionths, 0)) as attainment_sum,
        sum({{ ten_thousandths("case when outcome in ('pass', 'fail') then value end") }}) as value_sum,
        min({{ ten_thousandths("case when outcome in ('pass', 'fail') then value end") }}) as value_min,
        max({{ ten_thousandths("case when outcome in ('pass', 'fail') then value end") }}) as value_max,
        sum({{ ten_thousandths(
            "case when outcome = 'fail' and coalesce(value, 0) < lower_bound then lower_bound - coalesce(value, 0) else 0 end"
        ) }}) as missing_units
    from answered
    group by stage_code, answering_unit_code, unit_level, score_kind, item_code, over_subjects
),

final as (
    select
        counted.stage_code,
        counted.unit_code,
        counted.unit_level,
        counted.score_kind,
        counted.item_code,
        counted.subject_count,
        counted.pass_count,
        counted.fail_count,
        counted.not_evaluated_count,
        counted.not_applicable_count,
        counted.too_early_count,
        counted.not_decided_count,
        counted.attainment_sum,
        case
            when counted.value_sum is null then null
            when counted.over_subjects = 'min' then counted.value_min
            when counted.over_subjects = 'max' then counted.value_max
            when counted.over_subjects = 'mean'
                then {{ half_up_signed('counted.value_sum', '(counted.pass_count + counted.fail_count)') }}
            else counted.value_sum
        end as value_units,
        counted.missing_units,
        cast(null as bigint) as kind_points,
        case
            when counted.pass_count + counted.fail_count > 0 then 'counted'
            when counted.not_evaluated_count > 0 then 'missing'
            when counted.too_early_count + counted.not_decided_count > 0 then 'pending'
            else 'not_applicable'
        end as input_state
    from counted
)

select * from final
