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

duties as (
    select
        unit_code,
        period,
        count(*) as member_count,
        sum(case when is_named_in_duty_list then 1 else 0 end) as named_count
    from {{ ref('int_member_unit__duties') }}
    where is_counted and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

mechanisms as (
    select
        unit_code,
        period,
        count(distinct document_kind) as mechanism_count
    from {{ ref('int_document__cooperation') }}
    where is_mechanism and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

chairs as (
    select
        unit_code,
        period,
        count(distinct term_no) as chair_count,
        count(distinct case when has_studied then term_no end) as studied_count
    from {{ ref('int_chair_term__study') }}
    where is_in_period and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

applications as (
    select
        unit_code,
        period,
        count(*) as application_count,
        sum(case when is_heard_before_filing then 1 else 0 end) as heard_count
    from {{ ref('int_award_opinion__heard') }}
    where is_application and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_code as subject_key,
        roster.unit_name as subject_name,
        'measured' as status,
        -- A committee has members: without one the register is not complete.
        case when duties.member_count > 0 then 'measured' else 'not_evaluated' end as duty_unit_pct__status,
        cast(coalesce(mechanisms.mechanism_count, 0) as decimal(18, 4)) as cooperation_mechanism_count,
        case when chairs.chair_count > 0 then 'measured' else 'not_applicable' end as studying_chair_pct__status,
        case when applications.application_count > 0 then 'measured' else 'not_applicable' end
            as heard_application_pct__status,
        {{ percentage('duties.named_count', 'duties.member_count') }} as duty_unit_pct,
        {{ percentage('chairs.studied_count', 'chairs.chair_count') }} as studying_chair_pct,
        {{ percentage('applications.heard_count', 'applications.application_count') }} as heard_application_pct
    from roster
    left join duties
        on roster.unit_code = duties.unit_code and roster.period = duties.period
    left join mechanisms
        on roster.unit_code = mechanisms.unit_code and roster.period = mechanisms.period
    left join chairs
        on roster.unit_code = chairs.unit_code and roster.period = chairs.period
    left join applications
        on roster.unit_code = applications.unit_code and roster.period = applications.period
)

select * from final
