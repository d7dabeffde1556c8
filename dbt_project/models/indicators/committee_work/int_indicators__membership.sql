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

covers as (
    select * from {{ ref('stg_street__cover') }}
    where note is not null and {{ changed_periods_filter('period') }}
),

member_units as (
    select
        unit_code,
        period,
        sum(case when is_member then 1 else 0 end) as member_count,
        sum(case when is_local_member then 1 else 0 end) as local_count,
        sum(case when is_member_in_party_plan then 1 else 0 end) as in_party_plan_count,
        sum(case when is_supported_member then 1 else 0 end) as supported_count,
        sum(case when is_newly_founded then 1 else 0 end) as newly_founded_count
    from {{ ref('int_member_unit__membership') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

claims as (
    select
        unit_code,
        period,
        count(distinct claim_key) as claim_count
    from {{ ref('int_member_unit__claims') }}
    where is_claimed_elsewhere and {{ changed_periods_filter('period') }}
    group by unit_code, period
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        coalesce(member_units.member_count, 0) as member_count,
        coalesce(member_units.local_count, 0) as local_count,
        case
            when covers.submission_id is null then coalesce(member_units.local_count, 0)
            else coalesce(member_units.member_count, 0)
        end as accounted_count,
        coalesce(member_units.in_party_plan_count, 0) as in_party_plan_count,
        coalesce(member_units.supported_count, 0) as supported_count,
        coalesce(member_units.newly_founded_count, 0) as newly_founded_count,
        coalesce(claims.claim_count, 0) as claim_count
    from roster
    left join covers on roster.submission_id = covers.submission_id
    left join member_units
        on roster.unit_code = member_units.unit_code and roster.period = member_units.period
    left join claims
        on roster.unit_code = claims.unit_code and roster.period = claims.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        -- Without a member there is nobody to say it of.
        case when member_count > 0 then 'measured' else 'not_applicable' end as status,
        {{ percentage('accounted_count', 'member_count') }} as accounted_member_pct,
        {{ percentage('local_count', 'member_count') }} as local_member_pct,
        case when member_count > 0 then cast(claim_count as decimal(18, 4)) end as doubly_claimed_member_count,
        {{ percentage('supported_count', 'member_count') }} as supported_member_pct,
        {{ percentage('in_party_plan_count', 'member_count') }} as party_plan_member_pct,
        cast(newly_founded_count as decimal(18, 4)) as new_league_org_count,
        'measured' as new_league_org_count__status
    from counted
)

select * from final
