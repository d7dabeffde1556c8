{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where unit_level = 'street'
),

periods as (
    select * from {{ ref('dim_period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

streets as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.is_reported,
        periods.year,
        periods.quarter,
        periods.quarter = 4 as is_year_end,
        roster.deadline_at > build.known_at as is_before_deadline
    from roster
    inner join periods on roster.period = periods.period
    cross join build
),

-- Which quarters of the year up to the period were expected of the street, and which it reported.
reports as (
    select
        streets.unit_code,
        streets.period,
        count(*) as expected_count,
        sum(case when up_to_now.is_reported then 1 else 0 end) as reported_count
    from streets
    inner join streets as up_to_now
        on
            streets.unit_code = up_to_now.unit_code
            and streets.year = up_to_now.year
            and streets.quarter >= up_to_now.quarter
    where {{ changed_periods_filter('streets.period') }}
    group by streets.unit_code, streets.period
),

funds as (
    select
        unit_code,
        period,
        sum(case when is_basic_received then amount_cny else 0 end) as basic_received_cny,
        sum(case when is_basic_allocated then amount_cny else 0 end) as basic_allocated_cny,
        sum(case when is_basic_or_project_received then amount_cny else 0 end) as basic_and_project_received_cny,
        sum(case when is_basic_or_project_allocated then amount_cny else 0 end) as basic_and_project_allocated_cny
    from {{ ref('int_funding__of_year') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

with_status as (
    select
        streets.unit_code,
        streets.unit_level,
        streets.period,
        streets.year,
        funds.basic_received_cny,
        funds.basic_allocated_cny,
        funds.basic_and_project_received_cny,
        funds.basic_and_project_allocated_cny,
        -- What the street says it received: known as far as it has reported.
        case
            when reports.reported_count = 0 and streets.is_before_deadline then 'not_due'
            when reports.reported_count = 0 then 'not_evaluated'
            when not streets.is_year_end then 'provisional'
            when not streets.is_reported and streets.is_before_deadline then 'provisional'
            when reports.reported_count < reports.expected_count then 'incomplete'
            else 'measured'
        end as received_status,
        -- What its superiors say they paid does not hang on the report of the street.
        case
            when not streets.is_year_end or streets.is_before_deadline then 'provisional'
            else 'measured'
        end as allocated_status
    from streets
    inner join reports
        on streets.unit_code = reports.unit_code and streets.period = reports.period
    left join funds
        on streets.unit_code = funds.unit_code and streets.period = funds.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        received_status as status,
        cast(coalesce(basic_allocated_cny, 0) as decimal(18, 4)) as basic_funds_allocated_cny,
        allocated_status as basic_funds_allocated_cny__status,
        cast(coalesce(basic_and_project_allocated_cny, 0) as decimal(18, 4)) as basic_and_project_funds_allocated_cny,
        allocated_status as basic_and_project_funds_allocated_cny__status,
        concat(unit_code, '/', cast(year as string)) as subject_key,
        concat(cast(year as string), '年') as subject_name,
        case
            when received_status not in ('not_due', 'not_evaluated')
                then cast(coalesce(basic_received_cny, 0) as decimal(18, 4))
        end as basic_funds_received_cny,
        case
            when received_status not in ('not_due', 'not_evaluated')
                then cast(coalesce(basic_and_project_received_cny, 0) as decimal(18, 4))
        end as basic_and_project_funds_received_cny
    from with_status
)

select * from final
