{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook='{{ forget_changed_periods() }}'
) }}

with

roster as (
    select * from {{ ref('dim_roster') }}
    where
        unit_level in ('city', 'district')
        and is_reported
        and {{ changed_periods_filter('period') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

-- One leader may hold two posts; the posts name the subject, because the person is not named.
leaders as (
    select
        unit_code,
        period,
        person_key,
        concat(unit_code, '/', person_key) as subject_key,
        max(post) as post
    from {{ ref('fct_leader') }}
    where is_in_post and {{ changed_periods_filter('period') }}
    group by unit_code, period, person_key
),

links as (
    select
        unit_code,
        period,
        subject_key,
        count(distinct case when is_district_link then target_code end) as district_count,
        count(distinct case when is_street_link then target_code end) as street_count,
        count(distinct case when is_inside_street_link then target_code end) as inside_street_count
    from {{ ref('int_leader_link__classified') }}
    where {{ changed_periods_filter('period') }}
    group by unit_code, period, subject_key
),

counted as (
    select
        roster.unit_code,
        roster.unit_level,
        roster.period,
        leaders.subject_key,
        leaders.post as subject_name,
        cast(coalesce(links.district_count, 0) as decimal(18, 4)) as district_count,
        cast(coalesce(links.street_count, 0) as decimal(18, 4)) as street_count,
        cast(coalesce(links.inside_street_count, 0) as decimal(18, 4)) as inside_street_count,
        coalesce(units.has_no_district_level, false) as has_no_district_level
    from roster
    inner join leaders
        on roster.unit_code = leaders.unit_code and roster.period = leaders.period
    left join links
        on
            leaders.unit_code = links.unit_code
            and leaders.period = links.period
            and leaders.subject_key = links.subject_key
    left join units on roster.unit_code = units.unit_code
),

final as (
    select
        unit_code,
        unit_level,
        period,
        subject_key,
        subject_name,
        'measured' as status,
        district_count as linked_district_strict_count,
        street_count as city_leader_street_count,
        inside_street_count as city_leader_inside_street_count,
        street_count as district_leader_street_count,
        case when not has_no_district_level then district_count end as linked_district_count,
        case when has_no_district_level then 'not_applicable' else 'measured' end as linked_district_count__status
    from counted
)

select * from final
