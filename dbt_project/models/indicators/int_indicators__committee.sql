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
        sum(case when is_eligible then 1 else 0 end) as eligible_count,
        sum(case when is_eligible_member then 1 else 0 end) as member_count
    from {{ ref('int_member_unit__classified') }}
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
        -- Without an eligible unit on the list there is nothing to take a share of: the list is not complete.
        case when member_units.eligible_count > 0 then 'measured' else 'not_evaluated' end as status,
        {{ percentage('member_units.member_count', 'member_units.eligible_count') }} as member_unit_pct
    from roster
    left join member_units
        on roster.unit_code = member_units.unit_code and roster.period = member_units.period
)

select * from final
