{{ config(materialized='view') }}

with

items as (
    select * from {{ ref('int_score_item__in_stage') }}
    where reads = 'indicator' and {{ changed_stages_filter('stage_code') }}
),

indicator_values as (
    select * from {{ ref('int_indicators__values') }}
),

stage_units as (
    select * from {{ ref('int_stage__roster') }}
    where {{ changed_stages_filter('stage_code') }}
),

told as (
    select
        *,
        nullif(subject_key, unit_code) as subject
    from indicator_values
),

-- An item over all periods goes on from what a street was told before it got another code, or went into this one.
values_of_units as (
    {{ with_carried_reports('told', ['indicator_code', 'unit_level', 'subject', 'status', 'value']) }}
),

staged as (
    select
        items.stage_code,
        items.unit_level,
        items.score_kind,
        items.item_code,
        items.over_periods,
        items.over_subjects,
        values_of_units.unit_code,
        coalesce(values_of_units.subject, values_of_units.unit_code) as subject_key,
        values_of_units.period,
        values_of_units.status,
        case
            when values_of_units.status in ('measured', 'provisional', 'incomplete')
                then {{ ten_thousandths('values_of_units.value') }}
        end as value_units
    from items
    inner join values_of_units
        on
            items.reads_code = values_of_units.indicator_code
            and items.unit_level = values_of_units.unit_level
            and values_of_units.period between items.first_period and items.last_period
            and (items.over_periods <> 'latest' or not values_of_units.is_carried)
),

-- A report that is not due yet says nothing: it must not push aside what is known of an earlier period.
dated as (
    select
        *,
        row_number() over (
            partition by stage_code, unit_level, score_kind, item_code, unit_code, subject_key
            order by case when status <> 'not_due' then 1 else 0 end desc, period desc
        ) as recency,
        max(case when status <> 'not_due' then period end) over (
            partition by stage_code, unit_level, score_kind, item_code, unit_code
        ) as last_telling_period
    from staged
),

by_subject as (
    select
        stage_code,
        unit_level,
        score_kind,
        item_code,
        over_periods,
        over_subjects,
        unit_code,
        subject_key,
        case over_periods
            when 'sum' then sum(value_units)
            when 'min' then min(value_units)
            when 'max' then max(value_units)
            when 'mean' then {{ half_up_signed('sum(value_units)', 'count(value_units)') }}
            else max(case when recency = 1 then value_units end)
        end as value_units,
        max(case when recency = 1 then status end) as status,
        max(case when status = 'not_evaluated' then 1 else 0 end) as is_ever_missing
    from dated
    -- A row about the unit as a whole stands in for subjects nobody reported, until a later report names some.
    where
        over_periods <> 'latest'
        or subject_key <> unit_code
        or last_telling_period is null
        or period >= last_telling_period
    group by stage_code, unit_level, score_kind, item_code, over_periods, over_subjects, unit_code, subject_key
),

counted as (
    select
        stage_code,
        unit_level,
        score_kind,
        item_code,
        over_subjects,
        unit_code,
        count(*) as subject_count,
        count(value_units) as valued_count,
        sum(case when value_units is null and is_ever_missing = 1 then 1 else 0 end) as not_evaluated_count,
        sum(case when value_units is null and is_ever_missing = 0 and status = 'not_due' then 1 else 0 end)
            as too_early_count,
        sum(value_units) as value_sum,
        min(value_units) as value_min,
        max(value_units) as value_max
    from by_subject
    group by stage_code, unit_level, score_kind, item_code, over_subjects, unit_code
),

final as (
    select
        counted.stage_code,
        counted.unit_code,
        counted.unit_level,
        counted.score_kind,
        counted.item_code,
        counted.subject_count,
        cast(0 as bigint) as pass_count,
        cast(0 as bigint) as fail_count,
        counted.not_evaluated_count,
        counted.subject_count - counted.valued_count - counted.not_evaluated_count - counted.too_early_count
            as not_applicable_count,
        counted.too_early_count,
        cast(0 as bigint) as not_decided_count,
        cast(null as bigint) as attainment_sum,
        case
            when counted.valued_count = 0 then null
            when counted.over_subjects = 'min' then counted.value_min
            when counted.over_subjects = 'max' then counted.value_max
            when counted.over_subjects = 'mean'
                then {{ half_up_signed('counted.value_sum', 'counted.valued_count') }}
            else counted.value_sum
        end as value_units,
        cast(null as bigint) as missing_units,
        cast(null as bigint) as kind_points,
        case
            when counted.valued_count > 0 then 'counted'
            when counted.not_evaluated_count > 0 then 'missing'
            when counted.too_early_count > 0 then 'pending'
            else 'not_applicable'
        end as input_state
    from counted
    inner join stage_units
        on
            counted.stage_code = stage_units.stage_code
            and counted.unit_code = stage_units.unit_code
)

select * from final
