{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

{%- set levels = {'street': '', 'district': 'district_', 'city': 'city_'} -%}
{%- set figures = ['youth_org_reach_gain_pct', 'open_venue_gain_count', 'staff_gain_count', 'staff_least_gain_count'] %}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('street', 'district', 'city')
        and {{ changed_periods_filter('period') }}
),

build as (
    select * from {{ ref('stg_ledger__build') }}
),

comparisons as (
    select * from {{ ref('int_trend__comparisons') }}
    where {{ changed_periods_filter('period') }}
),

changes as (
    select
        *,
        {{ percentage('later_youth_org_count', 'later_known_count') }} as later_reach_pct,
        {{ percentage('earlier_youth_org_count', 'earlier_known_count') }} as earlier_reach_pct,
        later_venue_count - earlier_venue_count as venue_gain_count,
        later_staff_count - earlier_staff_count as staff_gain_count
    from {{ ref('int_trend__changes') }}
),

compared as (
    select
        roster.unit_code,
        roster.period,
        comparisons.comparison,
        comparisons.is_running,
        changes.later_reach_pct,
        changes.earlier_reach_pct,
        changes.venue_gain_count,
        changes.staff_gain_count,
        comparisons.later_period = roster.period as is_of_period
    from roster
    inner join comparisons on roster.period = comparisons.period
    inner join changes
        on
            roster.unit_code = changes.unit_code
            and comparisons.later_period = changes.later_period
            and comparisons.earlier_period = changes.earlier_period
),

-- What anybody can be held to: before the first reports of all there is nothing that a missing report could withhold.
reported_periods as (
    select distinct period
    from {{ ref('dim_roster') }}
    where unit_level = 'street' and is_reported
),

comparable as (
    select
        comparisons.period,
        max(case when comparisons.comparison = 'year' then 1 else 0 end) = 1 as has_year,
        max(case when comparisons.comparison = 'stage' then 1 else 0 end) = 1 as has_stage,
        max(case when comparisons.comparison = 'quarter' and comparisons.later_period = comparisons.period then 1 else 0 end)
        = 1 as has_quarter
    from comparisons
    inner join reported_periods on comparisons.earlier_period = reported_periods.period
    group by comparisons.period
),

-- Streets of the roster below each unit: without one there is nothing to grow.
tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting'
),

streets as (
    select
        tree.ancestor_code as unit_code,
        roster.period,
        count(*) as street_count
    from {{ ref('dim_roster') }} as roster
    inner join tree on roster.unit_code = tree.unit_code
    where roster.unit_level = 'street' and {{ changed_periods_filter('roster.period') }}
    group by tree.ancestor_code, roster.period
),

gains as (
    select
        unit_code,
        period,
        max(case when comparison = 'year' then 1 else 0 end) = 1 as has_year,
        max(case when comparison = 'stage' then 1 else 0 end) = 1 as has_stage,
        max(case when comparison = 'quarter' and is_of_period then 1 else 0 end) = 1 as has_quarter,
        max(case when comparison = 'stage' and is_running then 1 else 0 end) = 1 as is_stage_running,
        max(case when comparison = 'year' then later_reach_pct end) as later_reach_pct,
        max(case when comparison = 'year' then earlier_reach_pct end) as earlier_reach_pct,
        max(case when comparison = 'year' then staff_gain_count end) as staff_gain_count,
        max(case when comparison = 'stage' then venue_gain_count end) as venue_gain_count,
        min(case when comparison = 'quarter' then staff_gain_count end) as staff_least_gain_count
    from compared
    group by unit_code, period
),

settled as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.unit_name,
        roster.period,
        gains.venue_gain_count as open_venue_gain_count,
        gains.staff_gain_count,
        gains.later_reach_pct - gains.earlier_reach_pct as youth_org_reach_gain_pct,
        case when gains.has_quarter then gains.staff_least_gain_count end as staff_least_gain_count,
        coalesce(gains.has_year, false) as has_year,
        coalesce(gains.has_stage, false) as has_stage,
        coalesce(gains.has_quarter, false) as has_quarter,
        coalesce(gains.is_stage_running, false) as is_stage_running,
        -- All that is known is reached, then and now: there is nothing left to widen.
        coalesce(gains.later_reach_pct = 100 and gains.earlier_reach_pct = 100, false) as is_widest,
        gains.later_reach_pct is null or gains.earlier_reach_pct is null as is_without_share,
        coalesce(comparable.has_year, false) as is_year_comparable,
        coalesce(comparable.has_stage, false) as is_stage_comparable,
        coalesce(comparable.has_quarter, false) as is_quarter_comparable,
        -- The figures of a unit above the streets may still change until the deadline of their reports.
        case
            when roster.unit_level = 'street' and not roster.is_reported
                then case when roster.deadline_at > build.known_at then 'not_due' else 'not_evaluated' end
            when roster.unit_level <> 'street' and coalesce(streets.street_count, 0) = 0 then 'not_applicable'
            when roster.unit_level <> 'street' and roster.deadline_at > build.known_at then 'provisional'
            else 'measured'
        end as base_status
    from roster
    cross join build
    left join gains
        on roster.unit_code = gains.unit_code and roster.period = gains.period
    left join comparable on roster.period = comparable.period
    left join streets
        on roster.unit_code = streets.unit_code and roster.period = streets.period
),

with_status as (
    select
        *,
        case
            when base_status = 'not_applicable' then base_status
            when base_status = 'not_evaluated' and is_year_comparable then base_status
            when not has_year then 'not_due'
            when is_widest or is_without_share then 'not_applicable'
            else base_status
        end as youth_org_reach_gain_pct__status,
        case
            when base_status = 'not_applicable' then base_status
            when base_status = 'not_evaluated' and is_stage_comparable then base_status
            when not has_stage then 'not_due'
            when is_stage_running then 'provisional'
            else base_status
        end as open_venue_gain_count__status,
        case
            when base_status = 'not_applicable' then base_status
            when base_status = 'not_evaluated' and is_year_comparable then base_status
            when not has_year then 'not_due'
            else base_status
        end as staff_gain_count__status,
        case
            when base_status = 'not_applicable' then base_status
            when base_status = 'not_evaluated' and is_quarter_comparable then base_status
            when not has_quarter then 'not_due'
            else base_status
        end as staff_least_gain_count__status
    from settled
),

known as (
    select
        unit_code,
        unit_level,
        period,
        unit_code as subject_key,
        unit_name as subject_name,
        base_status as status,
        {%- for figure in figures %}
        {{ figure }}__status,
        case when {{ figure }}__status in ('measured', 'provisional') then {{ figure }} end as {{ figure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from with_status
),

-- One figure under three names: a rule stands on one level.
final as (
    select
        unit_code,
        unit_level,
        period,
        subject_key,
        subject_name,
        status
        {%- for prefix in levels.values() %}
        {%- for figure in figures %},
        {{ figure }}__status as {{ prefix }}{{ figure }}__status,
        cast({{ figure }} as decimal(18, 4)) as {{ prefix }}{{ figure }}
        {%- endfor %}
        {%- endfor %}
    from known
)

select * from final
