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

chair_terms as (
    select * from {{ ref('int_chair_term__classified') }}
    where is_in_period and {{ changed_periods_filter('period') }}
),

activities as (
    select
        unit_code,
        period,
        term_row,
        count(*) as activity_count
    from {{ ref('int_chair_term__activities') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period, term_row
),

-- A term that stands in two rows is one subject, judged by the worse of them.
by_term as (
    select
        chair_terms.unit_code,
        chair_terms.period,
        chair_terms.subject_key,
        max(concat(chair_terms.term_no, ' ', chair_terms.unit_name)) as subject_name,
        max(chair_terms.month_count) as month_count,
        max(chair_terms.day_count) as day_count,
        min(coalesce(activities.activity_count, 0)) as activity_count,
        max(
            case when chair_terms.end_on <= chair_terms.period_ends_on then 0 else 1 end
        ) = 1 as is_running
    from chair_terms
    left join activities
        on
            chair_terms.unit_code = activities.unit_code
            and chair_terms.period = activities.period
            and chair_terms.row = activities.term_row
    group by chair_terms.unit_code, chair_terms.period, chair_terms.subject_key
),

final as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        by_term.subject_key,
        by_term.subject_name,
        'measured' as status,
        cast(by_term.month_count as decimal(18, 4)) as chair_term_month_count,
        cast(by_term.day_count as decimal(18, 4)) as chair_term_day_count,
        cast(by_term.activity_count as decimal(18, 4)) as chair_activity_count,
        case when by_term.is_running then 'provisional' else 'measured' end as chair_activity_count__status
    from roster
    inner join by_term
        on roster.unit_code = by_term.unit_code and roster.period = by_term.period
)

select * from final
