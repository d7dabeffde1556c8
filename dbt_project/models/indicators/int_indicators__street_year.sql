{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

-- Which quarters of the year up to the period were expected of the street, and which it reported.
streets as (
    select * from {{ ref('int_street__quarters_of_year') }}
    where {{ changed_periods_filter('period') }}
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
            when streets.reported_count = 0 and streets.is_before_deadline then 'not_due'
            when streets.reported_count = 0 then 'not_evaluated'
            when streets.quarter < 4 then 'provisional'
            when not streets.is_reported and streets.is_before_deadline then 'provisional'
            when streets.reported_count < streets.expected_count then 'incomplete'
            else 'measured'
        end as received_status,
        -- What its superiors say they paid does not hang on the report of the street.
        case
            when streets.quarter < 4 or streets.is_before_deadline then 'provisional'
            else 'measured'
        end as allocated_status
    from streets
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
