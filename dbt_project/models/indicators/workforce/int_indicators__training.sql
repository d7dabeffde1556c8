{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

streets as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

periods as (
    select * from {{ ref('dim_period') }}
),

trainings as (
    select
        unit_code,
        period,
        count(distinct case when is_trained_kind and headcount > 0 then audience end) as kind_count,
        sum(case when is_trained_kind then headcount else 0 end) as trained_count,
        sum(case when is_incentive then headcount else 0 end) as incentive_count
    from {{ ref('int_training__classified') }}
    group by unit_code, period
),

staff as (
    select
        unit_code,
        period,
        count(distinct case when is_serving_incentive_person then person_key end) as person_count
    from {{ ref('int_staff__roles') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

-- The report of the same quarter of the year before is the baseline of what is to rise.
baselines as (
    select
        periods.period,
        streets.unit_code,
        coalesce(trainings.trained_count, 0) as trained_count
    from periods
    inner join periods as year_before
        on periods.year = year_before.year + 1 and periods.quarter = year_before.quarter
    inner join streets on year_before.period = streets.period
    left join trainings
        on streets.unit_code = trainings.unit_code and streets.period = trainings.period
    where {{ changed_periods_filter('periods.period') }}
),

counted as (
    select
        streets.unit_code,
        streets.unit_level,
        streets.period,
        streets.unit_name,
        coalesce(trainings.kind_count, 0) as kind_count,
        coalesce(trainings.trained_count, 0) - baselines.trained_count as increase_count,
        coalesce(trainings.incentive_count, 0) as incentive_count,
        coalesce(staff.person_count, 0) as person_count
    from streets
    left join trainings
        on streets.unit_code = trainings.unit_code and streets.period = trainings.period
    left join staff
        on streets.unit_code = staff.unit_code and streets.period = staff.period
    left join baselines
        on streets.unit_code = baselines.unit_code and streets.period = baselines.period
    where {{ changed_periods_filter('streets.period') }}
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        'measured' as status,
        cast(kind_count as decimal(18, 4)) as trained_kind_count,
        cast(increase_count as decimal(18, 4)) as trained_increase_count,
        case when increase_count is null then 'not_due' else 'measured' end as trained_increase_count__status,
        {{ percentage('incentive_count', 'person_count') }} as incentive_pct,
        case when person_count > 0 then 'measured' else 'not_evaluated' end as incentive_pct__status
    from counted
)

select * from final
