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

member_units as (
    select
        unit_code,
        period,
        count(*) as listed_count,
        sum(case when is_member then 1 else 0 end) as member_count,
        sum(case when is_extending_member then 1 else 0 end) as extending_count,
        sum(case when is_member_with_venue then 1 else 0 end) as with_venue_count,
        sum(case when is_sharing_member then 1 else 0 end) as sharing_count,
        sum(case when is_due_to_pair then 1 else 0 end) as due_to_pair_count,
        sum(case when is_paired then 1 else 0 end) as paired_count
    from {{ ref('int_member_unit__shared') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period
),

pairings as (
    select
        unit_code,
        period,
        count(*) as pair_count,
        sum(case when is_live then 1 else 0 end) as live_count
    from {{ ref('int_pairing__live') }}
    where is_paired and {{ changed_periods_filter('period') }}
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
        {{ percentage('member_units.sharing_count', 'member_units.with_venue_count') }} as shared_venue_unit_pct,
        -- An empty list of units cannot be right; a list without such a unit leaves nothing to do.
        case
            when member_units.listed_count is null then 'not_evaluated'
            when member_units.with_venue_count = 0 then 'not_applicable'
            else 'measured'
        end as shared_venue_unit_pct__status,
        {{ percentage('member_units.extending_count', 'member_units.member_count') }} as extending_unit_pct,
        case
            when member_units.listed_count is null then 'not_evaluated'
            when member_units.member_count = 0 then 'not_applicable'
            else 'measured'
        end as extending_unit_pct__status,
        {{ percentage('member_units.paired_count', 'member_units.due_to_pair_count') }} as paired_unit_pct,
        case
            when member_units.listed_count is null then 'not_evaluated'
            when member_units.due_to_pair_count = 0 then 'not_applicable'
            else 'measured'
        end as paired_unit_pct__status,
        {{ percentage('pairings.live_count', 'pairings.pair_count') }} as live_pairing_pct,
        case when pairings.pair_count > 0 then 'measured' else 'not_applicable' end as live_pairing_pct__status
    from roster
    left join member_units
        on roster.unit_code = member_units.unit_code and roster.period = member_units.period
    left join pairings
        on roster.unit_code = pairings.unit_code and roster.period = pairings.period
)

select * from final
