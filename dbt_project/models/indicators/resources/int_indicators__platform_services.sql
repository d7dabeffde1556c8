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

activities as (
    select
        unit_code,
        period,
        count(distinct activity_kind) as activity_kind_count
    from {{ ref('int_activity__of_platform') }}
    where is_platform_activity and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

floating_members as (
    select
        unit_code,
        period,
        sum(floating_member_known_count) as known_count,
        sum(floating_member_contacted_count) as contacted_count
    from {{ ref('int_profile__floating_members') }}
    where is_known and {{ changed_periods_filter('period') }}
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
        cast(coalesce(activities.activity_kind_count, 0) as decimal(18, 4)) as platform_activity_kind_count,
        case
            when floating_members.contacted_count is not null
                then {{ wide_ratio(
                    '100 * floating_members.contacted_count',
                    'floating_members.known_count'
                ) }}
        end as floating_member_contacted_pct,
        case
            when floating_members.known_count = 0 then 'not_applicable'
            when floating_members.contacted_count is null then 'not_evaluated'
            else 'measured'
        end as floating_member_contacted_pct__status
    from roster
    left join activities
        on roster.unit_code = activities.unit_code and roster.period = activities.period
    left join floating_members
        on roster.unit_code = floating_members.unit_code and roster.period = floating_members.period
)

select * from final
