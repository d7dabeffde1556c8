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
    select * from {{ ref('int_member_unit__responsibilities') }}
    where {{ changed_periods_filter('period') }}
),

-- A unit that stands in two rows is one unit, and what either row says of it holds.
member_units as (
    select
        unit_code,
        period,
        member_unit_key,
        max(case when is_contacted then 1 else 0 end) as contacted,
        max(case when is_planned then 1 else 0 end) as planned,
        max(case when opens_activities then 1 else 0 end)
        + max(case when extends_projects then 1 else 0 end)
        + max(case when shares_venue then 1 else 0 end)
        + max(case when extends_expertise then 1 else 0 end) as opened_kind_count
    from duties
    group by unit_code, period, member_unit_key
),

counted as (
    select
        unit_code,
        period,
        count(*) as member_count,
        sum(contacted) as contacted_count,
        sum(planned) as planned_count,
        sum(opened_kind_count) as opened_kind_count
    from member_units
    group by unit_code, period
),

axes as (
    select
        unit_code,
        period,
        count(distinct unit_kind) as ownership_count,
        count(distinct industry) as sector_count,
        count(distinct affiliation_level) as level_count
    from duties
    group by unit_code, period
),

measured as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        roster.unit_name,
        counted.member_count,
        {{ percentage('counted.contacted_count', 'counted.member_count') }} as contacted_pct,
        {{ percentage('counted.planned_count', 'counted.member_count') }} as planned_pct,
        cast(
            cast({{ half_up('10000 * counted.opened_kind_count', 'counted.member_count') }} as decimal(18, 0)) * 0.0001
            as decimal(18, 4)
        ) as mean_kind_count,
        case
            when axes.ownership_count <= axes.sector_count and axes.ownership_count <= axes.level_count
                then axes.ownership_count
            when axes.sector_count <= axes.level_count then axes.sector_count
            else coalesce(axes.level_count, 0)
        end as span_count
    from roster
    left join counted
        on roster.unit_code = counted.unit_code and roster.period = counted.period
    left join axes
        on roster.unit_code = axes.unit_code and roster.period = axes.period
),

final as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        contacted_pct as contacted_member_unit_pct,
        planned_pct as planning_member_unit_pct,
        mean_kind_count as mean_opened_kind_count,
        'measured' as member_unit_span_count__status,
        cast(span_count as decimal(18, 4)) as member_unit_span_count,
        -- Without a member on the list there is nothing to take a share of: the list is not complete.
        case when member_count > 0 then 'measured' else 'not_evaluated' end as status
    from measured
)

select * from final
