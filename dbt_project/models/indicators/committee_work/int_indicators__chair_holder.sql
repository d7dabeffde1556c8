{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level = 'street'
        and is_reported
        and {{ changed_periods_filter('period') }}
),

holders as (
    select * from {{ ref('int_chair_term__holders') }}
    where {{ changed_periods_filter('period') }}
),

-- A term that stands in two rows is one subject, judged by the worse of them.
final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        holders.subject_key,
        'measured' as status,
        cast(min(case when holders.is_qualified then 1 else 0 end) as decimal(18, 4)) as qualified_chair_count,
        max(concat(holders.term_no, ' ', holders.unit_name)) as subject_name
    from roster
    inner join holders
        on roster.unit_code = holders.unit_code and roster.period = holders.period
    group by roster.unit_code, roster.unit_level, roster.period, holders.subject_key
)

select * from final
