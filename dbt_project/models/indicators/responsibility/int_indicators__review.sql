{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'district'
        and {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

reports as (
    select
        unit_code,
        period,
        max(lag_day_count) as longest_day_count
    from {{ ref('int_street_report__review') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        cast(reports.longest_day_count as decimal(18, 4)) as review_lag_day_count,
        case
            when reports.longest_day_count is null and roster.deadline_at > build.known_at then 'not_due'
            when reports.longest_day_count is null then 'not_evaluated'
            -- What is still to come before the deadline may wait longer.
            when roster.deadline_at > build.known_at then 'provisional'
            else 'measured'
        end as status
    from roster
    cross join build
    left join reports
        on roster.unit_code = reports.unit_code and roster.period = reports.period
)

select * from final
