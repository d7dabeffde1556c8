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

committees as (
    select
        unit_code,
        period,
        count(*) as active_count,
        sum(case when is_led_by_league then 1 else 0 end) as led_count,
        sum(case when has_league_secretariat then 1 else 0 end) as seated_count,
        max(case when liaison_count > 0 then 1 else 0 end)
        + max(case when coordination_count > 0 then 1 else 0 end)
        + max(case when supervision_count > 0 then 1 else 0 end) as function_count
    from {{ ref('int_committee__duties') }}
    where is_active and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

members as (
    select
        unit_code,
        period,
        count(*) as member_count
    from {{ ref('int_member_unit__membership') }}
    where is_member and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

activities as (
    select
        unit_code,
        period,
        count(*) as activity_count,
        max(unit_count) as largest_unit_count
    from {{ ref('int_activity__of_period') }}
    where is_held_in_period and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

policies as (
    select
        unit_code,
        period,
        count(*) as policy_count
    from {{ ref('int_document__policy') }}
    where is_valid_policy and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

profiles as (
    select * from {{ ref('int_profile__youth_reached') }}
    where is_counted and {{ changed_periods_filter('period') }}
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        committees.led_count,
        committees.seated_count,
        committees.function_count,
        coalesce(committees.active_count, 0) as active_count,
        coalesce(members.member_count, 0) as member_count,
        coalesce(activities.activity_count, 0) as activity_count,
        coalesce(policies.policy_count, 0) as policy_count,
        coalesce(profiles.youth_count, 0) as youth_count,
        coalesce(profiles.floating_youth_count, 0) as floating_youth_count,
        least(coalesce(activities.largest_unit_count, 0), coalesce(members.member_count, 0)) as participating_count,
        least(coalesce(profiles.youth_reached_count, 0), profiles.youth_count) as reached_count,
        least(coalesce(profiles.floating_youth_reached_count, 0), profiles.floating_youth_count)
            as floating_reached_count
    from roster
    left join committees
        on roster.unit_code = committees.unit_code and roster.period = committees.period
    left join members
        on roster.unit_code = members.unit_code and roster.period = members.period
    left join activities
        on roster.unit_code = activities.unit_code and roster.period = activities.period
    left join policies
        on roster.unit_code = policies.unit_code and roster.period = policies.period
    left join profiles
        on roster.unit_code = profiles.unit_code and roster.period = profiles.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        -- What a committee must be is asked where there is one; that there is one is asked by clause 3a.
        case when active_count > 0 then 'measured' else 'not_applicable' end as status,
        {{ percentage('led_count', 'active_count') }} as league_led_committee_pct,
        {{ percentage('seated_count', 'active_count') }} as league_secretariat_pct,
        cast(function_count as decimal(18, 4)) as secretariat_function_count,
        cast(activity_count as decimal(18, 4)) as activity_count,
        'measured' as activity_count__status,
        {{ percentage('participating_count', 'member_count') }} as participating_member_pct,
        case when member_count > 0 then 'measured' else 'not_applicable' end as participating_member_pct__status,
        cast(policy_count as decimal(18, 4)) as policy_document_count,
        'measured' as policy_document_count__status,
        {{ percentage('reached_count', 'youth_count') }} as youth_reached_pct,
        -- A street without a single young person has not filled in its profile.
        case when youth_count > 0 then 'measured' else 'not_evaluated' end as youth_reached_pct__status,
        {{ percentage('floating_reached_count', 'floating_youth_count') }} as floating_youth_reached_pct,
        case when floating_youth_count > 0 then 'measured' else 'not_applicable' end
            as floating_youth_reached_pct__status
    from counted
)

select * from final
